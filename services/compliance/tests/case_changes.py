"""What a decision rests on beside customer, seller and product: zone, recording and the case itself."""

from datetime import timedelta

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.attending import declared
from services.compliance.tests.changes import OWN, Kind, Make, risky, sold
from services.compliance.tests.filming import seal
from services.compliance.tests.opening import keep_hours
from services.compliance.tests.people_changes import CUSTOMERS, SELLERS
from services.compliance.tests.registers import etag, ok
from services.compliance.tests.selling import Deal, filmed, prepared

#: Members that nothing changes once the gate may be asked.
FIXED = {
    "made by the gate": ("attempt_id", "decided_at"),
    "of the clock": ("outlet.minute",),
    "of the case as it was opened": (
        *("session_id", "customer_id", "channel", "amount_minor", "currency", "terminal", "entry_mode"),
        *("product.product_id", "seller.seller_id", "zone.zone_id", "outlet.outlet_id"),
        "assessment.customer_id",
    ),
    "a sale's transaction is the one that its case was opened for": ("transaction",),
    "of the product as it was listed": ("product.kind", "product.form", "product.origin"),
    "of the zone as it was opened": ("zone.outlet_id",),
    "a customer keeps the token that he was registered with": ("hands.buys_himself",),
    "nobody but the customer answers": ("hands.consented",),
}
#: Members that one command changes together with a member that has an entry.
ALONG = {
    "product.status": ("product.version", "partner.version"),
    "product.bank_level": ("product.issuer_level",),
    "product.offering": (
        *("product.term_months", "product.asset_class", "product.instalment", "product.payment_years"),
        "product.benefit_certain",
    ),
    "product.partner_id": ("partner.partner_id",),
    "partner.licence_to": ("partner.licence_from", "partner.authority", "partner.kinds"),
    "outlet.day": (*("outlet.sequence", "outlet.cutover", "outlet.opens_next", "outlet.business_date"),),
    "assessment.level": (
        *("assessment.assessment_id", "assessment.completed_at", "assessment.level_before"),
        *("assessment.imported", "assessment.source", "assessment.place", "assessment.age_considered"),
    ),
}


# --- Outlet, zone ----------------------------------------------------------------------------------------


async def shut(deal: Deal) -> None:
    """Staffing closes the outlet on every day."""
    await keep_hours(deal, week=[None] * 7)


async def close(deal: Deal) -> None:
    """The zone is closed for good."""
    assert deal.zone is not None
    officer = deal.kit.client("compliance_officer", subject="officer-1")
    path = f"/v1/zones/{deal.zone['id']}"
    version = etag(ok(await officer.get(path))["version"])
    ok(await officer.post(f"{path}/closure", json={"reason": "Rebuilt"}, headers=version))


async def retire(deal: Deal) -> None:
    """The zone's only recorder is taken out of use, after it has recorded."""
    assert deal.machine is not None
    officer = deal.kit.client("compliance_officer", subject="officer-1")
    path = f"/v1/recorders/{deal.machine.id}"
    version = etag(ok(await officer.get(path))["version"])
    ok(await officer.post(f"{path}/retirement", json={"reason": "Worn out"}, headers=version))


ZONES = (
    Kind(member="outlet.day", name="shut", rule="HRS-01", make=sold(), change=shut),
    Kind(
        member="outlet.day",
        name="ended",
        rule="HRS-01",
        make=sold(),
        change=lambda deal: keep_hours(deal, end=True),
    ),
    Kind(
        member="zone.state",
        name="suspended",
        rule="ZON-03",
        make=sold(),
        change=lambda deal: deal.suspend_zone(),
    ),
    Kind(member="zone.state", name="closed", rule="ZON-01", make=sold(), change=close),
    Kind(
        member="zone.checklist",
        name="inspected",
        rule="ZON-03",
        make=sold(),
        change=lambda deal: deal.inspect_zone(zone_sign=False),
    ),
    Kind(member="zone.recorders", name="retired", rule=None, make=sold(), change=retire, free=True),
)


# --- Recording, consent to it, what the customer is told ---------------------------------------------------


async def unsealed(kit: ServiceKit) -> Deal:
    """A deal whose recording is inspected and not sealed."""
    return await filmed(await prepared(kit), sealed=False)


async def seal_it(deal: Deal) -> None:
    """The seller seals the recording."""
    assert deal.recording is not None
    ok(await seal(deal.seller, deal.recording))


async def hold(deal: Deal) -> None:
    """A court holds the recording."""
    assert deal.recording is not None
    officer = deal.kit.client("compliance_officer", subject="officer-1")
    body = {"recording_id": deal.recording["id"], "source": "COURT", "matter_id": "2026-1"}
    ok(await officer.post("/v1/holds", json=body))


TOLD = (
    Kind(
        member="parties",
        name="interpreted",
        rule="INT-AUTHORITY",
        make=sold(),
        change=lambda deal: declared(deal, "INTERPRETER", str(new_id())),
    ),
    Kind(member="recordings", name="held", rule=None, make=sold(), change=hold),
    Kind(member="recordings", name="sealed", rule="REC-01", make=unsealed, change=seal_it),
    Kind(
        member="opinion",
        name="matched anew",
        rule="SUI-05",
        make=sold(),
        change=lambda deal: deal.match(acknowledged=False),
    ),
    Kind(
        member="disclosure",
        name="disclosed anew",
        rule="SUI-02",
        make=sold(),
        change=lambda deal: deal.disclose(acknowledged=False),
    ),
)


# --- Safeguards --------------------------------------------------------------------------------------------

#: A customer alone at a terminal that shows the risks (ZON-08).
BY_HIMSELF = {"channel": "SELF_SERVICE", "staff_assisted": False, "risk_page_shown": True}


async def approve(deal: Deal) -> None:
    """An outlet head approves the amount."""
    ok(await deal.approve())


async def thought_over(kit: ServiceKit) -> Deal:
    """A deal about a private product whose contract was signed a day ago."""
    deal = await prepared(kit, offering="PRIVATE", asset_class="FIXED_INCOME")
    investor = {"investor_class": "QUALIFIED", "valid_until": "2027-03-02", "evidence_id": str(new_id())}
    await deal.state(investor=investor)
    await deal.open_case(amount_minor=30_000_000)
    await deal.sign("CONTRACT")
    kit.clock.advance(timedelta(hours=24))
    await deal.consent()
    await deal.record()
    await deal.beat()
    return deal


async def cared_for(kit: ServiceKit) -> Deal:
    """A deal with an old customer of whom special care was taken a day ago."""
    deal = await prepared(kit, level=4, bank_risk_level=4)
    await deal.state(birth_date="1950-03-02", bought_wealth_before=True)
    await deal.open_case()
    await deal.care()
    kit.clock.advance(timedelta(hours=25))
    await deal.consent()
    await deal.record()
    await deal.beat()
    return deal


def insured(born: str, yuan: int = 10_000) -> Make:
    """A deal about insurance with a customer born on that day, whose household earns a million yuan."""
    return risky(
        1,
        state={"birth_date": born},
        case={"amount_minor": yuan * 100},
        kind="INSURANCE",
        instalment=False,
        benefit_certain=True,
    )


SAFEGUARDS = (
    Kind(
        member="safeguards.approved_at",
        name="approved",
        rule="SUI-16",
        make=risky(1, case={"amount_minor": 100_000_000}),
        change=approve,
    ),
    Kind(
        member="safeguards.agreed_off_outlet_at",
        name="agreed",
        rule="SUI-16",
        make=risky(case=BY_HIMSELF),
        change=lambda deal: deal.sign("OFF_OUTLET_AGREEMENT"),
    ),
    Kind(
        member="safeguards.signed_at",
        name="cancelled",
        rule="SUI-18",
        make=thought_over,
        change=Deal.cancel,
    ),
    Kind(
        member="safeguards.care",
        name="cared for less",
        rule="SUI-14",
        make=cared_for,
        change=lambda deal: deal.care(companion_offered=False),
    ),
    Kind(
        member="safeguards.premium_declared_at",
        name="declared",
        rule="SUI-21",
        make=insured("1986-03-02", 4_000_001),
        change=lambda deal: deal.sign("PREMIUM_DECLARATION"),
    ),
    Kind(
        member="safeguards.insurer_accepted_at",
        name="accepted",
        rule="SUI-21",
        make=insured("1960-03-02"),
        change=Deal.insurer_accepts,
    ),
)

KINDS_OF_FACTS = OWN + SELLERS + CUSTOMERS + ZONES + TOLD + SAFEGUARDS
