"""What the service's own role could forge whole, by plain SQL: named in a minute, by what is wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.rulebook.customer_facts import (
    CareFacts,
    GuardianConsentFacts,
    InvestorClass,
    InvestorFacts,
    MeansFacts,
)
from compliance.rulebook.facts import (
    AdmissionFacts,
    ApprovalLevel,
    Hand,
    SaleFacts,
    ZoneState,
)
from compliance.rulebook.fee_facts import FeeFacts, FeeQuoteFacts
from compliance.sales import replaying
from compliance.sales.patrol import Patrol, watch
from compliance.sales.replaying import Flaw, Kept, flaw_of
from services.compliance.tests.changes import AGENCY
from services.compliance.tests.people_changes import import_by_the_seller, suspect
from services.compliance.tests.registers import etag, ok
from services.compliance.tests.selling import SECOND, make_ready
from services.compliance.tests.service.test_gate_attacks import (
    DECISION,
    KEPT,
    LOGGED,
    SALE,
    Forger,
    forger,
    named,
)

#: A refusal on a decision that passed and on which a sale was logged, added later.
ATTEMPT = """
INSERT INTO refused_attempts (id, case_id, decision_id, outlet_id, refused_at)
SELECT :id, s.case_id, s.decision_id, s.outlet_id, s.logged_at FROM sales s WHERE s.case_id = :case_id
"""
#: The fact of the sale, so that nothing but what was decided on is amiss.
TOLD = """
INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data)
VALUES (:fact_id, 'compliance.sale.logged.v1', 'compliance.sales.v1', :key, 1, :decided_at, :data)
"""

Change = Callable[[SaleFacts], SaleFacts]


async def forge_whole(forged: Forger) -> None:
    """Decision, keeping, sale, case and fact, as the gate writes them."""
    values = forged.values
    told = {name: str(values[name]) for name in ("case_id", "decision_id", "recording_id")}
    data = json.dumps(told | {"decision": values["digest"]})
    further = {"fact_id": new_id(), "key": str(values["sale_id"]), "data": data}
    await forged.run(DECISION, KEPT, SALE, LOGGED, TOLD, **further)


def part(member: str, **changes: Any) -> Change:
    """Another thing in a member of the facts."""

    def change(facts: SaleFacts) -> SaleFacts:
        given: dict[str, Any] = {member: replace(getattr(facts, member), **changes)}
        return replace(facts, **given)

    return change


def quoted(facts: SaleFacts) -> SaleFacts:
    """The customer confirmed a quote that nobody told him."""
    quote = FeeQuoteFacts(
        quote_id=new_id(),
        customer_id=facts.customer_id,
        amount_minor=facts.amount_minor,
        currency=facts.currency,
        expires_at=facts.decided_at + SECOND,
        confirmed_at=facts.decided_at,
        current=True,
    )
    return replace(facts, fees=(FeeFacts(service_id=new_id(), quote=quote),))


def admitted(facts: SaleFacts) -> SaleFacts:
    """Somebody has approved what nobody examined."""
    assert facts.product is not None
    assert facts.product.partner_id is not None
    admission = AdmissionFacts(
        partner_id=facts.product.partner_id,
        examined_at=AGO,
        approvals=tuple(ApprovalLevel),
        rejected=False,
    )
    return replace(facts, product=replace(facts.product, admission=admission))


def entitled(facts: SaleFacts) -> SaleFacts:
    """The seller has a right that staffing never told of."""
    assert facts.seller is not None
    right = replace(facts.seller.qualifications[0], qualification_id=new_id())
    return replace(facts, seller=replace(facts.seller, qualifications=(right,)))


def inspected(facts: SaleFacts) -> SaleFacts:
    """The zone was inspected at another time."""
    assert facts.zone is not None
    assert facts.zone.checklist is not None
    checklist = replace(facts.zone.checklist, inspected_at=AGO)
    return replace(facts, zone=replace(facts.zone, checklist=checklist))


AGO = datetime(2026, 3, 1, 2, tzinfo=UTC)
CARE = CareFacts(
    care_id=new_id(),
    at=AGO,
    risks_explained=True,
    loss_understood=True,
    companion_offered=True,
    lower_risk_offered=True,
)
GUARDED = GuardianConsentFacts(consent_id=new_id(), at=AGO)
PROVEN = InvestorFacts(
    investor_class=InvestorClass.QUALIFIED, valid_until=date(2027, 3, 2), evidence_id=new_id()
)
RICH = MeansFacts(annual_income_minor=10**12, liquid_assets_minor=10**12, currency="CNY")

FORGED = {
    "decision_on_altered_case": [
        pytest.param(lambda facts: replace(facts, session_id=new_id()), id="session"),
        pytest.param(lambda facts: replace(facts, channel="SELF_SERVICE"), id="channel"),
    ],
    "decision_on_invented_assessment": [
        pytest.param(part("assessment", level=3), id="level"),
        pytest.param(part("assessment", assessment_id=new_id()), id="assessment"),
        pytest.param(part("assessment", level_confirmed_at=AGO), id="confirmation of a level"),
        pytest.param(part("assessment", imported=True), id="import"),
    ],
    "decision_on_invented_consent": [
        pytest.param(part("consent", consent_id=new_id()), id="consent"),
        pytest.param(part("consent", at=AGO), id="day of a consent"),
    ],
    "decision_on_invented_opinion": [
        pytest.param(part("opinion", opinion_id=new_id()), id="opinion"),
        pytest.param(part("opinion", acknowledged_at=AGO), id="acknowledgement of an opinion"),
    ],
    "decision_on_invented_disclosure": [
        pytest.param(part("disclosure", disclosure_id=new_id()), id="disclosure"),
        pytest.param(part("disclosure", acknowledged_at=AGO), id="acknowledgement of risks"),
    ],
    "decision_on_invented_safeguard": [
        pytest.param(part("safeguards", approved_at=AGO), id="approval"),
        pytest.param(part("safeguards", agreed_off_outlet_at=AGO), id="agreement"),
        pytest.param(part("safeguards", signed_at=AGO), id="signature"),
        pytest.param(part("safeguards", premium_declared_at=AGO), id="declaration"),
        pytest.param(part("safeguards", insurer_accepted_at=AGO), id="acceptance"),
        pytest.param(part("safeguards", care=CARE), id="care"),
    ],
    "decision_on_invented_circumstance": [
        pytest.param(part("customer", age=70), id="age"),
        pytest.param(part("customer", means=RICH), id="means"),
        pytest.param(part("customer", investor=PROVEN), id="investor"),
        pytest.param(part("customer", guardian_consent=GUARDED), id="guardian"),
    ],
    "decision_on_invented_quote": [pytest.param(quoted, id="quote")],
    "decision_on_invented_admission": [pytest.param(admitted, id="admission")],
    "decision_on_invented_inspection": [pytest.param(inspected, id="inspection")],
    "decision_on_invented_right": [pytest.param(entitled, id="right")],
    "decision_on_invented_grade": [pytest.param(part("product", bank_level=1), id="grade")],
}


@pytest.mark.parametrize(
    ("forgery", "change"),
    [pytest.param(forgery, *one.values, id=one.id) for forgery, changes in FORGED.items() for one in changes],
)
async def test_a_decision_on_what_no_history_tells_of_is_named(
    kit: ServiceKit, forgery: str, change: Change
) -> None:
    deal = await make_ready(kit, **AGENCY)
    forged = await forger(deal, change)
    if forged.values["result"] == "passed":
        await forge_whole(forged)
        assert await named(kit) == {forgery}
    else:
        await forged.run(DECISION)
        assert await named(kit) == {forgery, "decision_without_outcome"}


async def test_a_sale_forged_whole_on_true_facts_is_named_by_nothing_here(kit: ServiceKit) -> None:
    """It is the sale that the gate would have logged; the books find it on no topic and in no ledger."""
    await forge_whole(await forger(await make_ready(kit)))
    assert await named(kit) == set()


async def test_what_was_left_out_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await suspect(deal)
    await deal.report_change()
    ok(await deal.suspend_zone())
    kit.clock.advance(2 * SECOND)

    def leave_out(facts: SaleFacts) -> SaleFacts:
        assert facts.zone is not None
        assert facts.assessment is not None
        return replace(
            facts,
            alerts=(),
            zone=replace(facts.zone, state=ZoneState.ACTIVE),
            assessment=replace(facts.assessment, change_reported_at=None),
        )

    forged = await forger(deal, leave_out)
    assert forged.values["result"] == "passed"
    await forge_whole(forged)
    assert await named(kit) == {
        "decision_without_alert",
        "decision_on_invented_inspection",
        "decision_on_invented_assessment",
    }


async def test_a_consent_that_was_taken_back_is_not_forgotten(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert deal.case is not None
    (given,) = ok(await deal.seller.get(f"/v1/cases/{deal.case['id']}/consents"))["items"]
    ok(await deal.buyer.post(f"/v1/consents/{given['id']}/withdrawal", headers=etag(given["version"])))
    kit.clock.advance(2 * SECOND)
    forged = await forger(deal, part("consent", withdrawn_at=None))
    assert forged.values["result"] == "passed"
    await forge_whole(forged)
    assert await named(kit) == {"decision_on_invented_consent"}


async def test_hands_that_were_not_the_customers_are_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await import_by_the_seller(deal)
    forged = await forger(deal, part("hands", assessed=Hand.CUSTOMER))
    await forged.run(DECISION)
    assert await named(kit) >= {"decision_on_foreign_hands"}


# --- In a minute -------------------------------------------------------------------------------------------


def counted(forgery: str) -> float:
    """How often the service has named this."""
    found = REGISTRY.get_sample_value("wangdian_gate_suspicions_total", {"forgery": forgery})
    return 0.0 if found is None else found


async def test_the_watch_names_a_forgery_in_its_next_round_and_once(kit: ServiceKit) -> None:
    assert watch.seconds <= 15
    patrol, forgery = Patrol(), "decision_on_invented_opinion"
    before = counted(forgery)
    await forge_whole(await forger(await make_ready(kit), part("opinion", opinion_id=new_id())))
    for _ in range(2):
        async with kit.session() as session:
            assert await patrol.run(session, kit.clock, kit.settings) is False
        assert counted(forgery) == before + 1


async def test_the_watch_decides_once_again_and_looks_around_in_every_round(
    kit: ServiceKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided: list[UUID] = []

    def decide_again(kept: Kept, *given: Any) -> Flaw | None:
        decided.append(kept.id)
        return flaw_of(kept, *given)

    monkeypatch.setattr(replaying, "flaw_of", decide_again)
    deal, patrol, forgery = await make_ready(kit), Patrol(), "attempt_on_passing_decision"
    assert deal.case is not None

    async def round_() -> int:
        decided.clear()
        async with kit.session() as session:
            await patrol.run(session, kit.clock, kit.settings)
        return len(decided)

    assert (await deal.sell()).status_code == 201
    assert [await round_(), await round_()] == [1, 0]
    before = counted(forgery)
    async with kit.session() as session:
        await session.execute(text(ATTEMPT), {"id": new_id(), "case_id": deal.case["id"]})
    assert await round_() == 0
    assert counted(forgery) == before + 1


@pytest.mark.parametrize(
    "decision_id",
    [
        pytest.param(UUID("00000000-0000-0000-0000-000000000001"), id="no time"),
        pytest.param(UUID("0190a000-0000-7000-8000-000000000000"), id="of 2024"),
        pytest.param(UUID("7fffffff-ffff-7000-8000-000000000000"), id="of the year 6429"),
    ],
)
async def test_no_decision_is_put_where_nobody_looks(kit: ServiceKit, decision_id: UUID) -> None:
    forged = await forger(await make_ready(kit))
    with pytest.raises(IntegrityError, match="not of now"):
        await forged.run(DECISION, decision_id=decision_id)


@pytest.mark.parametrize(("seconds", "taken"), [(-130, False), (-110, True), (110, True), (130, False)])
async def test_an_id_is_of_now_for_two_minutes(kit: ServiceKit, seconds: int, taken: bool) -> None:
    forged = await forger(await make_ready(kit))
    decision_id = UUID(int=new_id().int + (seconds * 1000 << 80))
    if taken:
        await forged.run(DECISION, decision_id=decision_id)
        assert await named(kit) == {"decision_without_outcome"}
    else:
        with pytest.raises(IntegrityError, match="not of now"):
            await forged.run(DECISION, decision_id=decision_id)
