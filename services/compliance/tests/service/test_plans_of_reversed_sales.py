"""A plan goes no further than the sale that it rests on: with its reversal it ends, and none begins."""

import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.ordering import ask_reversal, decide, reverse
from services.compliance.tests.planning import debit, found, planned, renew, set_up, sold
from services.compliance.tests.racing import Barrier, barriers, started, waiting
from services.compliance.tests.registers import Json, ok, refusal
from services.compliance.tests.selling import Deal, prepared


async def sale_of(deal: Deal, plan: Json) -> Json:
    """The sale that the plan rests on."""
    case = ok(await deal.seller.get(f"/v1/cases/{plan['case_id']}"))
    return ok(await deal.seller.get(f"/v1/sales/{case['sale_id']}"), 1)


async def test_a_plan_ends_with_the_sale_that_it_rests_on(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    await reverse(kit, await sale_of(deal, plan))
    ended = ok(await deal.buyer.get(f"/v1/plans/{plan['id']}"), 2)
    assert (ended["state"], ended["reasons"]) == ("ENDED", ["SALE_REVERSED"])
    (told,) = await kit.facts("compliance.plan.ended.v1")
    assert (told.key, told.sequence, told.data["customer_id"]) == (plan["id"], 2, deal.customer["id"])
    assert refusal(await debit(deal, plan)) == (409, "PLAN_NOT_ACTIVE")
    await sold(deal)
    assert refusal(await renew(deal, plan)) == (409, "PLAN_HAS_ENDED")


async def test_a_reversal_that_is_rejected_leaves_the_plan(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    request = ok(await ask_reversal(kit, await sale_of(deal, plan)), 1)
    ok(await decide(kit, request, "rejection"), 2)
    assert found(await debit(deal, plan)) == []


async def test_a_plan_that_a_later_sale_has_renewed_goes_on(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    first = await sale_of(deal, plan)
    await sold(deal)
    renewed = ok(await renew(deal, plan), 2)
    await reverse(kit, first)
    assert found(await debit(deal, renewed)) == []
    await reverse(kit, await sale_of(deal, renewed))
    assert refusal(await debit(deal, renewed)) == (409, "PLAN_NOT_ACTIVE")


async def test_a_reversed_sale_neither_sets_up_nor_renews(kit: ServiceKit) -> None:
    deal, plan = await planned(kit)
    case = await sold(deal)
    await reverse(kit, await sale_of(deal, {"case_id": case["id"]}))
    assert refusal(await set_up(deal)) == (409, "PLAN_CASE_INVALID")
    assert refusal(await renew(deal, plan)) == (409, "PLAN_CASE_INVALID")
    assert found(await debit(deal, plan)) == []


@pytest.mark.parametrize("first", ["reversal", "plan"])
async def test_no_plan_rests_on_a_sale_that_is_reversed_meanwhile(kit: ServiceKit, first: str) -> None:
    """Whoever comes second has waited, and sees what the first has done."""
    deal = await prepared(kit)
    case = await sold(deal)
    request = ok(await ask_reversal(kit, await sale_of(deal, {"case_id": case["id"]})), 1)
    barrier = Barrier()
    works = [decide(kit, request), set_up(deal)]
    if first == "plan":
        works.reverse()
    with barriers():
        ahead = started(works[0], barrier)
        await barrier.reached.wait()
        behind = started(works[1])
        assert await waiting(kit, 1, behind)
        barrier.opened.set()
        await ahead, await behind
    plans = ok(await deal.kit.client("compliance_officer").get("/v1/plans"))["items"]
    assert [(plan["state"], plan["reasons"]) for plan in plans] == (
        [("ENDED", ["SALE_REVERSED"])] if first == "plan" else []
    )


async def test_a_plan_that_is_renewed_meanwhile_goes_on(kit: ServiceKit) -> None:
    """The reversal of its first sale finds it, waits, and sees that it rests on another one."""
    deal, plan = await planned(kit)
    request = ok(await ask_reversal(kit, await sale_of(deal, plan)), 1)
    await sold(deal)
    barrier = Barrier()
    with barriers():
        ahead = started(renew(deal, plan), barrier)
        await barrier.reached.wait()
        behind = started(decide(kit, request))
        assert await waiting(kit, 1, behind)
        barrier.opened.set()
        await ahead, await behind
    assert ok(await deal.buyer.get(f"/v1/plans/{plan['id']}"))["state"] == "ACTIVE"
