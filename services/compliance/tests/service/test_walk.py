"""The way of a case to its sale: the dry run says what comes next, and the case gets there by doing it."""

import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.registers import checklist_body, ok, prepare_zone
from services.compliance.tests.selling import SECOND, Deal, begin, prepared


async def next_of(deal: Deal) -> tuple[str, list[str]]:
    """The next step, and the codes of what stands against it."""
    await deal.beat()
    said = await deal.check()
    stage = next((one for one in said["steps"] if not one["done"]), None)
    assert said["next_step"] == ("SALE" if stage is None else stage["step"])
    return said["next_step"], [] if stage is None else [one["code"] for one in stage["violations"]]


async def test_a_case_walks_from_the_intention_to_the_sale(kit: ServiceKit) -> None:
    deal = await begin(kit)
    deal.zone = await prepare_zone(kit.client("outlet_head", subject="head-1"), deal.outlet_id)
    await deal.open_case(told=False)
    assert await next_of(deal) == ("INTENTION", ["OUTSIDE_SALES_ZONE", "ZONE_NOT_READY"])
    ok(await deal.inspect_zone())
    await deal.equip()
    assert await next_of(deal) == ("ASSESSMENT", ["ASSESSMENT_MISSING"])
    await deal.assess()
    kit.clock.advance(SECOND)
    assert (await next_of(deal))[0] == "MATCHING"
    await deal.match()
    assert (await next_of(deal))[0] == "DISCLOSURE"
    await deal.disclose()
    assert (await next_of(deal))[0] == "RECORDING"
    await deal.consent()
    await deal.record()
    assert await next_of(deal) == ("SALE", [])
    ok(await deal.sell())


async def test_what_is_confirmed_comes_after_the_recording(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    # A million yuan: an outlet head approves it (SUI-16).
    await deal.open_case(amount_minor=100_000_000)
    await deal.consent()
    await deal.record()
    assert await next_of(deal) == ("CONFIRMATION", ["LARGE_AMOUNT_APPROVAL"])
    ok(await deal.approve())
    assert await next_of(deal) == ("SALE", [])


async def test_what_stands_against_a_case_is_named_in_the_order_of_its_repair(kit: ServiceKit) -> None:
    deal = await prepared(kit, bank_risk_level=3)
    await deal.open_case(told=False)
    await deal.inspect_zone(**checklist_body(risk_warning=False))
    kit.clock.advance(SECOND)
    await deal.beat()
    said = await deal.check()
    steps = [one["step"] for one in said["steps"]]
    assert steps == ["INTENTION", "ASSESSMENT", "MATCHING", "DISCLOSURE", "RECORDING", "CONFIRMATION"]
    in_order = [broken for one in said["steps"] for broken in one["violations"]]
    assert said["violations"] == in_order
    assert len(in_order) > 3
    assert in_order[0]["rule"].startswith("ZON")
    assert said["missing"] == list(dict.fromkeys(path for one in said["steps"] for path in one["missing"]))


@pytest.mark.parametrize("lacking", ["consent", "recording"])
async def test_the_recording_is_a_step_until_it_is_there(kit: ServiceKit, lacking: str) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    if lacking == "recording":
        await deal.consent()
    step, codes = await next_of(deal)
    assert step == "RECORDING"
    assert codes
