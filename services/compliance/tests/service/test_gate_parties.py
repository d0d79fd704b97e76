"""Who takes part in a sale: agents and their authority, presenters, the two sides, what a customer needs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.attending import (
    STAFF,
    TODAY,
    TOMORROW,
    YESTERDAY,
    declared,
    other_customer,
    paper,
    with_agent,
)
from services.compliance.tests.registers import Employee, hire, ok
from services.compliance.tests.selling import (
    LOGGED,
    SECOND,
    Deal,
    filmed,
    judged,
    make_ready,
    prepared,
)

ACTING = ["AGENT", "GUARDIAN", "INTERPRETER", "SIGNATORY"]


async def acting(deal: Deal, role: str, **given: Any) -> None:
    """Somebody acts for the customer in this role; the principal is identified where it is an agent."""
    if role == "AGENT":
        await declared(deal, "PRINCIPAL", deal.customer["id"])
    await declared(deal, role, **given)


# --- Authority ---------------------------------------------------------------------------------------------


async def test_an_agent_buys_for_his_principal_from_end_to_end(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    agent = str(new_id())
    await with_agent(deal, agent, product_kinds=["FUND", "WEALTH"])
    sale = ok(await deal.sell())
    assert sale["customer_id"] == deal.customer["id"]
    decision = ok(await deal.seller.get(f"/v1/decisions/{sale['decision_id']}"))
    principal, by = decision["inputs"]["parties"]["declared"]
    assert (principal["role"], principal["person_id"]) == ("PRINCIPAL", deal.customer["id"])
    assert (by["role"], by["person_id"], by["identified_by"]) == ("AGENT", agent, "ID_DOCUMENT")
    assert by["authority"]["product_kinds"] == ["FUND", "WEALTH"]
    assert by["identified_at"] <= decision["decided_at"]
    replayed = ok(await deal.seller.get(f"/v1/decisions/{sale['decision_id']}/replay"))
    assert replayed["same"] is True


@pytest.mark.parametrize("role", ACTING)
async def test_nobody_acts_without_an_authority_and_through_its_last_day(kit: ServiceKit, role: str) -> None:
    deal, person = await make_ready(kit), str(new_id())
    await acting(deal, role, person_id=person)
    assert await judged(deal) == [("INT-AUTHORITY", "AUTHORITY_MISSING")]
    await declared(deal, role, person, authority=paper(valid_until=YESTERDAY))
    assert await judged(deal) == [("INT-AUTHORITY", "AUTHORITY_EXPIRED")]
    await declared(deal, role, person, authority=paper(valid_until=TODAY))
    assert await judged(deal) == LOGGED


async def test_the_day_before_its_last_an_authority_holds(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await with_agent(deal, valid_until=TOMORROW)
    assert await judged(deal) == LOGGED


async def test_an_authority_ends_at_midnight_in_shanghai(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await with_agent(deal, valid_until=TODAY)
    kit.clock.instant = datetime(2026, 3, 2, 16, tzinfo=UTC) - SECOND
    await deal.beat()
    assert (await deal.check())["violations"] == []
    kit.clock.advance(SECOND)
    await deal.beat()
    assert await judged(deal) == [("INT-AUTHORITY", "AUTHORITY_EXPIRED")]


async def test_an_authority_does_not_hold_before_its_first_day(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await with_agent(deal, valid_from=TOMORROW)
    assert await judged(deal) == [("INT-AUTHORITY", "AUTHORITY_NOT_YET_VALID")]


@pytest.mark.parametrize("first", [YESTERDAY, TODAY])
async def test_from_its_first_day_an_authority_holds(kit: ServiceKit, first: str) -> None:
    deal = await make_ready(kit)
    await with_agent(deal, valid_from=first)
    assert await judged(deal) == LOGGED


async def test_an_authority_for_other_products_is_none_for_this(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await with_agent(deal, product_kinds=["FUND"])
    assert await judged(deal) == [("INT-AUTHORITY", "AUTHORITY_TOO_NARROW")]


async def test_with_an_agent_the_principal_is_identified_too(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await declared(deal, "AGENT", authority=paper())
    assert await judged(deal) == [("INT-AUTHORITY", "PRINCIPAL_NOT_IDENTIFIED")]


async def test_one_agent_of_two_without_authority_is_one_too_many(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await with_agent(deal)
    await declared(deal, "AGENT")
    assert await judged(deal) == [("INT-AUTHORITY", "AUTHORITY_MISSING")]


async def test_the_agents_level_does_not_stand_in_for_the_principals(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=2, bank_risk_level=3)
    agent = await other_customer(kit, level=5)
    await with_agent(deal, agent["id"])
    await deal.beat()
    assert await judged(deal) == [("SUI-03", "RISK_LEVEL_MISMATCH")]


async def test_the_principals_level_counts_however_low_the_agents_is(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=3, bank_risk_level=3)
    agent = await other_customer(kit, level=1)
    await with_agent(deal, agent["id"])
    await deal.beat()
    assert await judged(deal) == LOGGED


async def test_a_principal_without_an_assessment_buys_nothing_by_an_assessed_agent(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit, level=None))
    agent = await other_customer(kit, level=5)
    await with_agent(deal, agent["id"])
    await deal.beat()
    assert ("SUI-01", "ASSESSMENT_MISSING") in await judged(deal)


# --- Who pitches -------------------------------------------------------------------------------------------


async def colleague(
    deal: Deal, *, qualified: bool = True, minutes: int | None = 1200, **state: Any
) -> Employee:
    """A colleague of the seller, who may sell wealth products unless not qualified, trained for so long."""
    other = Employee(deal.kit, deal.outlet_id, f"colleague-{new_id().hex[-6:]}")
    await deal.kit.deliver(other.joined(**state))
    if qualified:
        await deal.kit.deliver(other.granted(new_id()))
    if minutes is not None:
        await deal.kit.deliver(other.trained(minutes=minutes))
    await deal.beat()
    return other


async def presented(deal: Deal, presenter: str) -> list[tuple[str, str]]:
    """What the gate finds when this employee has presented the product."""
    await declared(deal, "PRESENTER", presenter, identified_by=STAFF)
    return await judged(deal)


UNFIT = [("INT-PRESENTER", "PRESENTER_NOT_QUALIFIED")]


async def test_who_pitches_without_a_qualification_spoils_the_sale(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert await presented(deal, (await colleague(deal, qualified=False)).id) == UNFIT


async def test_a_qualified_colleague_presents(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert await presented(deal, (await colleague(deal)).id) == LOGGED


async def test_the_seller_may_be_declared_as_presenter(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert await presented(deal, deal.employee.id) == LOGGED


async def test_a_presenter_whom_the_register_does_not_know_is_unfit(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert await presented(deal, str(new_id())) == UNFIT


async def test_a_presenter_of_somebody_elses_staff_is_unfit(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert await presented(deal, (await colleague(deal, employer="insurer")).id) == UNFIT


@pytest.mark.parametrize("until", [YESTERDAY, TODAY, TOMORROW])
async def test_a_presenters_right_counts_through_its_last_day(kit: ServiceKit, until: str) -> None:
    deal = await make_ready(kit)
    other = await colleague(deal, qualified=False)
    await kit.deliver(other.granted(new_id(), valid_to=until))
    await deal.beat()
    assert await presented(deal, other.id) == (UNFIT if until == YESTERDAY else LOGGED)


async def test_a_presenter_whose_right_was_revoked_is_unfit_at_once(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    other, held = await colleague(deal, qualified=False), new_id()
    await kit.deliver(other.granted(held))
    await kit.deliver(other.revoked(held, kit.clock.now()))
    await deal.beat()
    assert await presented(deal, other.id) == UNFIT


async def test_a_presenter_under_inquiry_is_unfit(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    other = await colleague(deal)
    told = {
        "kind": "OFF_BOOK_SALE_SUSPECTED",
        "seller_id": other.id,
        "product_named": "Golden Harvest Private Fund",
        "account": "He offered it to the customer before me.",
    }
    ok(await kit.client("compliance_officer", subject="officer-1").post("/v1/incidents", json=told))
    assert await presented(deal, other.id) == UNFIT


@pytest.mark.parametrize(("minutes", "sold"), [(None, False), (1199, False), (1200, True)])
async def test_who_pitches_has_a_sellers_training(kit: ServiceKit, minutes: int | None, sold: bool) -> None:
    deal = await make_ready(kit)
    found = await presented(deal, (await colleague(deal, minutes=minutes)).id)
    assert found == (LOGGED if sold else [("INT-TRAINING", "PRESENTER_NOT_TRAINED")])


@pytest.mark.parametrize("role", ["OPERATOR", "REFERRER", "APPROVER"])
async def test_who_does_not_pitch_needs_no_qualification(kit: ServiceKit, role: str) -> None:
    deal = await make_ready(kit)
    other = await colleague(deal, qualified=False, minutes=None)
    await declared(deal, role, other.id, identified_by=STAFF)
    sale = ok(await deal.sell())
    decision = ok(await deal.seller.get(f"/v1/decisions/{sale['decision_id']}"))
    (party,) = decision["inputs"]["parties"]["declared"]
    assert (party["role"], party["person_id"]) == (role, other.id)


# --- The two sides -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["SELLER", "OPERATOR", "REFERRER"])
async def test_nobody_of_the_bank_acts_for_the_customer(kit: ServiceKit, role: str) -> None:
    deal = await make_ready(kit)
    person = deal.employee.id
    if role != "SELLER":
        person = (await colleague(deal)).id
        await declared(deal, role, person, identified_by=STAFF)
    await with_agent(deal, person)
    assert await judged(deal) == [("INT-SIDES", "PARTY_ON_BOTH_SIDES")]


async def test_a_colleague_who_is_also_a_customer_is_known_by_his_token(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    other = await colleague(deal)
    himself = {"subject": other.subject}
    person = ok(await kit.client("integration", subject="crm").post("/v1/customers", json=himself))
    await declared(deal, "OPERATOR", other.id, identified_by=STAFF)
    await with_agent(deal, person["id"])
    assert await judged(deal) == [("INT-SIDES", "PARTY_ON_BOTH_SIDES")]


async def test_a_customer_with_a_token_of_his_own_may_act(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await declared(deal, "OPERATOR", (await colleague(deal)).id, identified_by=STAFF)
    await with_agent(deal, (await other_customer(kit, None))["id"])
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize("role", ["SELLER", "PRESENTER", "OPERATOR"])
async def test_nobody_approves_what_he_sells(kit: ServiceKit, role: str) -> None:
    deal = await make_ready(kit)
    person = deal.employee.id
    if role != "SELLER":
        person = (await colleague(deal)).id
        await declared(deal, role, person, identified_by=STAFF)
    await declared(deal, "APPROVER", person, identified_by=STAFF)
    assert await judged(deal) == [("INT-SIDES", "APPROVER_NOT_INDEPENDENT")]


async def test_somebody_else_approves(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await declared(deal, "OPERATOR", (await colleague(deal)).id, identified_by=STAFF)
    await declared(deal, "APPROVER", (await colleague(deal)).id, identified_by=STAFF)
    assert await judged(deal) == LOGGED


# --- What a customer needs ---------------------------------------------------------------------------------


async def needy(kit: ServiceKit, *needs: str) -> Deal:
    """A deal with a customer who needs these things, ready but for them."""
    deal = await make_ready(kit)
    await deal.state(needs=list(needs))
    return deal


def neighbour(deal: Deal) -> Any:
    """Another seller of the outlet, with a token of now."""
    return deal.kit.client("seller", subject="seller-9", outlets=(deal.outlet_id,))


async def test_who_cannot_read_is_read_to(kit: ServiceKit) -> None:
    deal = await needy(kit, "READING_ALOUD")
    assert await judged(deal) == [("INT-ASSISTANCE", "READING_ALOUD_MISSING")]
    ok(await deal.guard("reading_aloud", deal.seller))
    assert await judged(deal) == LOGGED


async def test_who_cannot_sign_gives_his_thumbprint(kit: ServiceKit) -> None:
    deal = await needy(kit, "THUMBPRINT")
    assert await judged(deal) == [("INT-ASSISTANCE", "THUMBPRINT_MISSING")]
    ok(await deal.guard("thumbprint", deal.seller, {"evidence_id": str(new_id())}))
    assert await judged(deal) == LOGGED


async def test_who_does_not_follow_the_language_has_an_interpreter(kit: ServiceKit) -> None:
    deal = await needy(kit, "INTERPRETER")
    assert await judged(deal) == [("INT-ASSISTANCE", "INTERPRETER_MISSING")]
    await declared(deal, "INTERPRETER", authority=paper())
    assert await judged(deal) == LOGGED


async def test_who_needs_a_call_back_waits_for_it(kit: ServiceKit) -> None:
    deal = await needy(kit, "CALL_BACK")
    assert await judged(deal) == [("INT-ASSISTANCE", "CALL_BACK_MISSING")]
    ok(await deal.guard("call_back", neighbour(deal), {"confirmed": True}))
    assert await judged(deal) == LOGGED


async def test_the_sellers_own_call_back_does_not_count(kit: ServiceKit) -> None:
    deal = await needy(kit, "CALL_BACK")
    ok(await deal.guard("call_back", deal.seller, {"confirmed": True}))
    assert await judged(deal) == [("INT-ASSISTANCE", "CALL_BACK_NOT_INDEPENDENT")]


@pytest.mark.parametrize("role", ["PRESENTER", "OPERATOR", "REFERRER"])
async def test_nobody_who_sold_calls_back(kit: ServiceKit, role: str) -> None:
    deal = await needy(kit, "CALL_BACK")
    other = await hire(kit, deal.outlet_id, "seller-9")
    await kit.deliver(other.trained())
    ok(await deal.guard("call_back", neighbour(deal), {"confirmed": True}))
    await declared(deal, role, other.id, identified_by=STAFF)
    await deal.beat()
    assert await judged(deal) == [("INT-ASSISTANCE", "CALL_BACK_NOT_INDEPENDENT")]
    officer = kit.client("compliance_officer", subject="officer-1")
    ok(await deal.guard("call_back", officer, {"confirmed": True}))
    assert await judged(deal) == LOGGED


async def test_an_approver_may_call_back(kit: ServiceKit) -> None:
    deal = await needy(kit, "CALL_BACK")
    other = await hire(kit, deal.outlet_id, "seller-9")
    await declared(deal, "APPROVER", other.id, identified_by=STAFF)
    ok(await deal.guard("call_back", neighbour(deal), {"confirmed": True}))
    await deal.beat()
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize("needs", [(), ("CALL_BACK",)])
async def test_a_customer_who_does_not_stand_by_it_on_the_phone_buys_nothing(
    kit: ServiceKit, needs: tuple[str, ...]
) -> None:
    deal = await needy(kit, *needs)
    ok(await deal.guard("call_back", neighbour(deal), {"confirmed": False}))
    assert await judged(deal) == [("INT-ASSISTANCE", "CALL_BACK_DECLINED")]
    ok(await deal.guard("call_back", neighbour(deal), {"confirmed": True}))
    assert await judged(deal) == LOGGED


async def test_every_need_that_is_open_is_named(kit: ServiceKit) -> None:
    deal = await needy(kit, "CALL_BACK", "INTERPRETER", "READING_ALOUD", "THUMBPRINT")
    found = await judged(deal)
    assert [code for _, code in found] == [
        "CALL_BACK_MISSING",
        "INTERPRETER_MISSING",
        "READING_ALOUD_MISSING",
        "THUMBPRINT_MISSING",
    ]


async def test_of_needs_the_last_statement_counts(kit: ServiceKit) -> None:
    deal = await needy(kit, "READING_ALOUD")
    await deal.state(bought_wealth_before=True)
    assert await judged(deal) == [("INT-ASSISTANCE", "READING_ALOUD_MISSING")]
    await deal.state(needs=[])
    assert await judged(deal) == LOGGED


async def test_what_was_done_in_another_case_does_not_help(kit: ServiceKit) -> None:
    deal = await needy(kit, "READING_ALOUD")
    ok(await deal.guard("reading_aloud", deal.seller))
    assert deal.case is not None
    await filmed(deal, session_id=str(new_id()))
    assert await judged(deal) == [("INT-ASSISTANCE", "READING_ALOUD_MISSING")]
