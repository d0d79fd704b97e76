"""What a decision rests on about the two people in it: seller and customer."""

from typing import Any

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.changes import YUAN, Kind, risky, sold
from services.compliance.tests.racing import Change
from services.compliance.tests.registers import EMPLOYEES, etag, ok
from services.compliance.tests.selling import SECOND, Deal, filmed, make_ready, prepared

# --- Seller, alerts, freshness -----------------------------------------------------------------------------


async def revoke(deal: Deal) -> None:
    """Staffing revokes the right to sell."""
    await deal.kit.deliver(deal.employee.revoked(deal.qualification_id))


async def untrained(kit: ServiceKit) -> Deal:
    """A deal whose seller has learnt nothing yet."""
    return await filmed(await prepared(kit, is_prepared=False))


async def train(deal: Deal) -> None:
    """Staffing records what the seller has learnt."""
    await deal.kit.deliver(deal.employee.trained())


async def move(deal: Deal) -> None:
    """The seller works elsewhere now."""
    await deal.kit.deliver(deal.employee.changed(outlet_id=str(new_id())))


async def lend(deal: Deal) -> None:
    """The seller turns out to be somebody else's."""
    await deal.kit.deliver(deal.employee.changed(employer="Harbour Life"))


async def suspect(deal: Deal) -> None:
    """Somebody reports that the seller offers what the bank does not sell."""
    colleague = deal.kit.client("outlet_head", subject="head-9", outlets=(deal.outlet_id,))
    body = {
        "kind": "OFF_BOOK_SALE_SUSPECTED",
        "seller_id": deal.employee.id,
        "product_named": "Golden Harvest Private Fund",
        "account": "He offered it to the customer before me.",
    }
    ok(await colleague.post("/v1/incidents", json=body))


async def suspected(kit: ServiceKit) -> Deal:
    """A deal whose seller is suspected; the officer has taken it up."""
    deal = await make_ready(kit)
    await suspect(deal)
    await step(deal, "TAKEN_UP")
    return deal


async def step(deal: Deal, kind: str) -> None:
    """The officer takes a step about the only incident."""
    officer = deal.kit.client("compliance_officer", subject="officer-1")
    (incident,) = ok(await officer.get("/v1/incidents"))["items"]
    body = {"kind": kind, "reason": "Looked into"}
    path = f"/v1/incidents/{incident['id']}/steps"
    ok(await officer.post(path, json=body, headers=etag(incident["version"])))


async def outdate(deal: Deal) -> None:
    """Staffing has sent a fact that we do not have."""
    await deal.kit.beat(EMPLOYEES, seq=10**9)


SELLERS = (
    Kind(
        member="seller.qualifications",
        name="revoked",
        rule="SAL-01",
        make=sold(),
        change=revoke,
        foreign=True,
    ),
    Kind(
        member="seller.preparation", name="trained", rule="SAL-10", make=untrained, change=train, foreign=True
    ),
    Kind(member="seller.outlet_id", name="moved", rule="ZON-01", make=sold(), change=move),
    Kind(member="seller.employer", name="lent", rule="ZON-05", make=sold(), change=lend),
    Kind(member="alerts", name="suspected", rule="SAL-02", make=sold(), change=suspect),
    Kind(
        member="alerts",
        name="dismissed",
        rule="SAL-02",
        make=suspected,
        change=lambda deal: step(deal, "DISMISSED"),
    ),
    Kind(member="staffing_fresh", name="outdated", rule="SAL-01", make=sold(), change=outdate, free=True),
)


# --- Customer ----------------------------------------------------------------------------------------------


async def reject(deal: Deal) -> None:
    """Another system tells that something stands against the customer."""
    data = {"customer_id": deal.customer["id"], "cleared": False, "cleared_until": None}
    topic, type_ = "crm.customers.v1", "crm.customer.checked.v1"
    await deal.kit.deliver(deal.kit.record(topic, type_, deal.customer["id"], data, sequence=1))


async def import_by_the_seller(deal: Deal) -> None:
    """The seller brings in an assessment that he says was made before."""
    path = f"/v1/customers/{deal.customer['id']}"
    importer = deal.kit.client("integration", subject=deal.employee.subject or "")
    version = etag(ok(await importer.get(path))["version"])
    now = deal.kit.clock.now().isoformat()
    body = {"level": 2, "completed_at": now, "source": "crm", "place": "OUTLET"}
    ok(await importer.post(f"{path}/imported_assessments", json=body, headers=version))


async def raised(kit: ServiceKit) -> Deal:
    """A deal whose customer has not confirmed his new level."""
    deal = await prepared(kit, level=3)
    await deal.assess(2)
    kit.clock.advance(SECOND)
    return await filmed(deal)


async def confirm_level(deal: Deal) -> None:
    """The customer stands by his new level."""
    path = f"/v1/customers/{deal.customer['id']}"
    seen = ok(await deal.buyer.get(path))
    confirmed = f"{path}/assessments/{seen['assessment']['id']}/confirmation"
    ok(await deal.buyer.post(confirmed, headers=etag(seen["version"])))


async def minor(kit: ServiceKit) -> Deal:
    """A deal about the lowest risk with a customer of limited capacity."""
    deal = await make_ready(kit, bank_risk_level=1)
    await deal.state(capacity="LIMITED")
    return deal


async def private(kit: ServiceKit) -> Deal:
    """A deal about a product for qualified investors."""
    return await make_ready(kit, offering="PRIVATE", asset_class="FIXED_INCOME")


async def remote(kit: ServiceKit) -> Deal:
    """A deal with a first buyer who was assessed from afar."""
    deal = await prepared(kit, level=None)
    await deal.assess(place="REMOTE")
    kit.clock.advance(SECOND)
    return await filmed(deal)


EVIDENCE = {"valid_until": "2027-03-02", "evidence_id": str(new_id())}
POOR = {"household_annual_income_minor": 0, "liquid_assets_minor": 9_999 * YUAN, "currency": "CNY"}


def stated(**given: Any) -> Change:
    """The bank's customer system states something more."""
    return lambda deal: deal.state(**given)


CUSTOMERS = (
    Kind(
        member="assessment.level",
        name="assessed",
        rule="SUI-03",
        make=sold(),
        change=lambda deal: deal.assess(1),
    ),
    Kind(
        member="assessment.change_reported_at",
        name="reported",
        rule="SUI-12",
        make=sold(),
        change=Deal.report_change,
    ),
    Kind(
        member="assessment.level_confirmed_at",
        name="level confirmed",
        rule="SUI-11",
        make=raised,
        change=confirm_level,
    ),
    Kind(
        member="hands.assessed",
        name="imported by the seller",
        rule="SAL-08",
        make=sold(),
        change=import_by_the_seller,
    ),
    Kind(
        member="consent",
        name="refused",
        rule="REC-04",
        make=sold(),
        change=lambda deal: deal.consent(given=False),
    ),
    Kind(member="check", name="rejected", rule="AML-01", make=sold(), change=reject),
    Kind(
        member="customer.capacity",
        name="incapable",
        rule="SUI-13",
        make=sold(),
        change=stated(capacity="NONE"),
    ),
    Kind(
        member="customer.age",
        name="older",
        rule="SUI-14",
        make=risky(),
        change=stated(birth_date="1950-03-02"),
    ),
    Kind(
        member="customer.means",
        name="poorer",
        rule="SUI-04",
        make=sold(level=3, bank_risk_level=3),
        change=stated(means=POOR),
    ),
    Kind(
        member="customer.investor",
        name="qualified",
        rule="SUI-17",
        make=private,
        change=stated(investor={"investor_class": "QUALIFIED"} | EVIDENCE),
    ),
    Kind(
        member="customer.legal_form",
        name="a company",
        rule="INT-COMPANY",
        make=sold(),
        change=stated(legal_form="COMPANY"),
    ),
    Kind(
        member="customer.needs",
        name="needy",
        rule="INT-ASSISTANCE",
        make=sold(),
        change=stated(needs=["READING_ALOUD"]),
    ),
    Kind(
        member="customer.guardian_consent",
        name="guarded",
        rule="SUI-13",
        make=minor,
        change=Deal.guardian_answers,
    ),
    Kind(
        member="customer.bought_wealth_before",
        name="bought before",
        rule="SUI-15",
        make=remote,
        change=stated(bought_wealth_before=True),
    ),
)
