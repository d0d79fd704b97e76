"""A regular plan: set up by a recorded sale, each debit judged anew, suspended, renewed, ended."""

from datetime import date, timedelta

import pytest

from chassis.clock import BANK_ZONE
from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.plans.domain import DebitNotDue, Rhythm, Terms
from compliance.sales.audit import suspicions
from services.compliance.tests.planning import (
    AMOUNT,
    FIRST,
    debit,
    found,
    go_to,
    planned,
    renew,
    set_up,
    sold,
)
from services.compliance.tests.registers import etag, ok, refusal
from services.compliance.tests.selling import filmed, make_ready, prepared
from services.compliance.tests.transacting import meant, refused, transact

# --- The life of a plan ------------------------------------------------------------------------------------


async def test_a_recorded_sale_sets_up_a_plan_that_is_debited(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    assert (plan["amount_minor"], plan["currency"], plan["state"]) == (AMOUNT, "CNY", "ACTIVE")
    (told,) = await kit.facts("compliance.plan.set_up.v1")
    assert (told.key, told.data["first_debit_on"]) == (plan["id"], "2026-03-05")
    # No seller, no zone and no word of staffing stand behind a debit.
    go_to(kit, FIRST)
    ok(await deal.suspend_zone())
    response = await debit(deal, plan)
    assert found(response) == []
    done = response.json()
    (allowed,) = await kit.facts("compliance.plan.debit_allowed.v1")
    assert allowed.data["debit_id"] == done["id"]
    officer = kit.client("compliance_officer")
    decision = ok(await officer.get(f"/v1/decisions/{done['decision_id']}"))
    assert decision["result"] == "passed"
    assert {"SAL-01", "ZON-03", "REC-01"} <= {one["rule"] for one in decision["not_asked"]}
    assert ok(await officer.get(f"/v1/decisions/{done['decision_id']}/replay"))["same"]
    assert [one["id"] for one in ok(await deal.buyer.get(f"/v1/plans/{plan['id']}/debits"))["items"]] == [
        done["id"]
    ]
    async with kit.session() as session:
        assert await suspicions(session) == []


async def test_a_failed_debit_suspends_says_why_and_a_new_sale_resumes(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    go_to(kit, FIRST)
    await deal.withdraw_product()
    broken = [("PRD-01", "PRODUCT_NOT_LISTED")]
    assert found(await debit(deal, plan)) == broken
    (told,) = await kit.facts("compliance.plan.suspended.v1")
    assert [(one["rule"], one["code"]) for one in told.data["broken"]] == broken
    assert told.data["customer_id"] == deal.customer["id"]
    head = kit.client("outlet_head", outlets=(deal.outlet_id,))
    (resting,) = ok(await head.get("/v1/plans", params={"state": "SUSPENDED"}))["items"]
    assert (resting["id"], resting["reasons"]) == (plan["id"], ["PRODUCT_NOT_LISTED"])
    assert ok(await head.get("/v1/plans", params={"state": "ACTIVE"}))["items"] == []
    assert refusal(await debit(deal, plan)) == (409, "PLAN_NOT_ACTIVE")
    # The sale of before does not serve again, a new one does.
    assert refusal(await renew(deal, plan)) == (409, "PLAN_CASE_INVALID")
    async with kit.session() as session:
        assert await suspicions(session) == []


async def test_a_suspended_plan_is_resumed_by_a_new_recorded_sale(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    go_to(kit, FIRST)
    await deal.report_change()
    assert found(await debit(deal, plan)) == [("SUI-12", "REASSESSMENT_REQUIRED")]
    kit.clock.advance(timedelta(seconds=1))
    await deal.assess(2)
    assert refusal(await debit(deal, plan)) == (409, "PLAN_NOT_ACTIVE")
    await sold(deal)
    assert ok(await renew(deal, plan))["state"] == "ACTIVE"
    assert found(await debit(deal, plan)) == []
    assert [fact.data["plan_id"] for fact in await kit.facts("compliance.plan.renewed.v1")] == [plan["id"]]


@pytest.mark.parametrize(("level", "broken"), [(1, []), (2, []), (3, [("SUI-03", "RISK_LEVEL_MISMATCH")])])
async def test_a_risk_above_the_customers_level_suspends(
    kit: ServiceKit, level: int, broken: list[tuple[str, str]]
) -> None:
    deal, plan = await planned(kit)
    if level != deal.product["bank_risk_level"]:
        await deal.grade(bank=level)
    assert found(await debit(deal, plan)) == broken


async def test_an_increase_needs_a_new_case(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    assert refusal(await debit(deal, plan, amount_minor=AMOUNT + 1)) == (409, "PLAN_AMOUNT_INCREASED")
    assert refusal(await debit(deal, plan, currency="USD")) == (409, "PLAN_AMOUNT_INCREASED")
    await sold(deal, amount_minor=AMOUNT + 1)
    assert ok(await renew(deal, plan))["amount_minor"] == AMOUNT + 1
    assert found(await debit(deal, plan, amount_minor=AMOUNT + 1)) == []


async def test_what_the_customer_has_withdrawn_is_not_debited(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    path = f"/v1/plans/{plan['id']}"
    assert (await deal.seller.post(f"{path}/withdrawal", headers=etag(1))).status_code == 403
    assert ok(await deal.buyer.post(f"{path}/withdrawal", headers=etag(1)), 2)["state"] == "ENDED"
    assert refusal(await debit(deal, plan)) == (409, "PLAN_NOT_ACTIVE")
    assert refusal(await deal.buyer.post(f"{path}/withdrawal", headers=etag(2))) == (409, "PLAN_HAS_ENDED")
    await sold(deal)
    assert refusal(await renew(deal, plan)) == (409, "PLAN_HAS_ENDED")
    assert len(await kit.facts("compliance.plan.ended.v1")) == 1


# --- Days --------------------------------------------------------------------------------------------------


async def test_a_period_is_debited_once_and_not_long_ahead(kit: ServiceKit) -> None:
    deal, plan = await planned(kit, ends_on="2026-04-05")
    assert refusal(await debit(deal, plan, FIRST - timedelta(days=1))) == (422, "DEBIT_NOT_DUE")
    assert refusal(await debit(deal, plan, FIRST + timedelta(days=1))) == (422, "DEBIT_NOT_DUE")
    assert found(await debit(deal, plan)) == []
    go_to(kit, date(2026, 4, 3))
    assert refusal(await debit(deal, plan, date(2026, 4, 4))) == (409, "DEBIT_ALLOWED_ALREADY")
    assert found(await debit(deal, plan, date(2026, 4, 5))) == []
    assert refusal(await debit(deal, plan, date(2026, 4, 6))) == (422, "DEBIT_NOT_DUE")


@pytest.mark.parametrize(
    ("rhythm", "day", "period"),
    [
        (Rhythm.WEEKLY, date(2026, 2, 6), 0),
        (Rhythm.WEEKLY, date(2026, 2, 7), 1),
        (Rhythm.FORTNIGHTLY, date(2026, 2, 13), 0),
        (Rhythm.FORTNIGHTLY, date(2026, 2, 14), 1),
        (Rhythm.MONTHLY, date(2026, 2, 27), 0),
        (Rhythm.MONTHLY, date(2026, 2, 28), 1),
        (Rhythm.MONTHLY, date(2026, 3, 30), 1),
        (Rhythm.MONTHLY, date(2026, 3, 31), 2),
        (Rhythm.QUARTERLY, date(2026, 4, 29), 0),
        (Rhythm.QUARTERLY, date(2026, 4, 30), 1),
    ],
)
def test_periods_end_with_the_day_of_the_same_number(rhythm: Rhythm, day: date, period: int) -> None:
    terms = Terms(rhythm=rhythm, first_debit_on=date(2026, 1, 31), ends_on=None)
    assert terms.period_of(day) == period
    with pytest.raises(DebitNotDue):
        terms.period_of(date(2026, 1, 30))


# --- What sets up no plan ----------------------------------------------------------------------------------


async def test_only_the_logged_sale_of_a_plan_sets_one_up_and_once(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    ok(await deal.sell())
    assert refusal(await set_up(deal)) == (409, "PLAN_CASE_INVALID")
    await filmed(deal, transaction="PLAN")
    assert refusal(await set_up(deal)) == (409, "PLAN_CASE_INVALID")
    ok(await deal.sell())
    early = (kit.clock.now().astimezone(BANK_ZONE).date() - timedelta(days=1)).isoformat()
    assert refusal(await set_up(deal, first_debit_on=early)) == (422, "PLAN_DATES_INVALID")
    assert refusal(await set_up(deal, ends_on="2026-03-04")) == (422, "PLAN_DATES_INVALID")
    ok(await set_up(deal), 1)
    assert refusal(await set_up(deal)) == (409, "PLAN_CASE_INVALID")
    await meant(deal, "REDEMPTION")
    assert refused(await transact(deal)) == []
    assert refusal(await set_up(deal)) == (409, "PLAN_CASE_INVALID")


async def test_a_plan_is_renewed_by_its_own_customer_and_product(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    other = await prepared(kit, subject="seller-2", code="SH-0002")
    case = await sold(other)
    both = kit.client("seller", subject="seller-1", outlets=(deal.outlet_id, other.outlet_id))
    path = f"/v1/plans/{plan['id']}/renewal"
    response = await both.post(path, json={"case_id": case["id"]}, headers=etag(1))
    assert refusal(response) == (409, "PLAN_CASE_INVALID")
    missing = {"case_id": str(new_id())}
    assert (await both.post(path, json=missing, headers=etag(1))).status_code == 404
