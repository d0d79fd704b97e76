"""A logged sale is taken back by two officers, and stays as it was."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from chassis.testing import ServiceKit
from services.compliance.tests.ordering import (
    ask_reversal,
    decide,
    officer,
    permit_of,
    redeem,
    reported,
    reverse,
    sold,
    stranger,
)
from services.compliance.tests.registers import Json, ok, refusal

ROWS = ("sales", "decisions", "cases", "retention_sales", "retention_dates", "recordings")


async def rows(kit: ServiceKit) -> dict[str, list[Json]]:
    """Everything that stands about sales, by table."""
    async with kit.session() as session:
        return {
            table: [dict(row._mapping) for row in await session.execute(text(f"SELECT * FROM {table}"))]
            for table in ROWS
        }


async def test_two_officers_reverse_a_sale_and_it_stays_as_it_was(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    before, recording = await rows(kit), f"/v1/recordings/{sale['recording_id']}/retention"
    kept = ok(await officer(kit).get(recording))
    kit.clock.advance(timedelta(minutes=5))
    request = ok(await ask_reversal(kit, sale), 1)
    assert (request["state"], request["requested_by"], request["decided_by"]) == (
        "PENDING",
        "officer-1",
        None,
    )
    assert (await officer(kit).get(f"/v1/sales/{sale['id']}/reversal")).status_code == 404
    decided = ok(await decide(kit, request), 2)
    assert (decided["state"], decided["decided_by"]) == ("APPROVED", "officer-2")
    reversal = ok(await officer(kit).get(f"/v1/sales/{sale['id']}/reversal"), 1)
    assert (reversal["id"], reversal["sale_id"]) == (decided["reversal_id"], sale["id"])
    assert (reversal["amount_minor"], reversal["currency"]) == (-sale["amount_minor"], "CNY")
    assert (reversal["requested_by"], reversal["approved_by"]) == ("officer-1", "officer-2")
    # Nothing of the sale has changed, nor how long its recording is kept.
    assert await rows(kit) == before
    assert ok(await officer(kit).get(recording)) == kept
    assert ok(await officer(kit).get(f"/v1/sales/{sale['id']}"), 1) == sale
    reversed_, revoked = (await kit.facts())[-2:]
    assert (reversed_.type, reversed_.key, reversed_.sequence) == (
        "compliance.sale.reversed.v1",
        sale["id"],
        2,
    )
    assert (reversed_.data["reason"], reversed_.data["amount_minor"]) == ("CUSTOMER_CANCELLED", -1_000_000)
    assert (revoked.type, revoked.key, revoked.sequence) == ("compliance.permit.revoked.v1", permit["id"], 2)


async def test_nobody_decides_on_what_he_has_asked_for(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    request = ok(await ask_reversal(kit, sale), 1)
    for what in ("approval", "rejection"):
        assert refusal(await decide(kit, request, what, number=1)) == (403, "REVIEWER_IS_AUTHOR")
    assert (await permit_of(kit, sale))["state"] == "ISSUED"
    assert await kit.facts("compliance.sale.reversed.v1") == []
    ok(await redeem(kit, permit), 2)


async def test_a_rejected_request_leaves_the_sale_and_another_may_follow(kit: ServiceKit) -> None:
    _, sale, _ = await sold(kit)
    request = ok(await ask_reversal(kit, sale), 1)
    assert refusal(await ask_reversal(kit, sale, 3)) == (409, "REVERSAL_PENDING")
    rejected = ok(await decide(kit, request, "rejection"), 2)
    assert (rejected["state"], rejected["decided_by"], rejected["reversal_id"]) == (
        "REJECTED",
        "officer-2",
        None,
    )
    assert refusal(await decide(kit, request)) == (412, "VERSION_STALE")
    assert refusal(await decide(kit, request, version=2)) == (409, "REVIEW_OVER")
    assert (await permit_of(kit, sale))["state"] == "ISSUED"
    again = ok(await ask_reversal(kit, sale, reason="MISCONDUCT"), 1)
    ok(await decide(kit, again), 2)
    assert refusal(await ask_reversal(kit, sale)) == (409, "SALE_REVERSED")


async def test_what_was_ordered_is_cancelled_first(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    ok(await redeem(kit, permit), 2)
    await kit.deliver(reported(kit, "placed"), reported(kit, "confirmed"))
    request = ok(await ask_reversal(kit, sale), 1)
    assert refusal(await decide(kit, request)) == (409, "ORDER_NOT_CANCELLED")
    await kit.deliver(reported(kit, "cancelled", "O-2"))
    assert refusal(await decide(kit, request)) == (409, "ORDER_NOT_CANCELLED")
    await kit.deliver(reported(kit, "cancelled"))
    ok(await decide(kit, request), 2)
    reversal = ok(await officer(kit).get(f"/v1/sales/{sale['id']}/reversal"))
    assert reversal["order_id"] == "O-1"
    assert (await permit_of(kit, sale))["state"] == "USED"
    assert await kit.facts("compliance.permit.revoked.v1") == []


async def test_of_order_and_reversal_at_once_one_wins(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    request = ok(await ask_reversal(kit, sale), 1)
    ordered, reversed_ = await asyncio.gather(redeem(kit, permit), decide(kit, request))
    won = {201: (409, "ORDER_NOT_CANCELLED"), 409: None}[ordered.status_code]
    if won is None:
        assert refusal(ordered) == (409, "PERMIT_REVOKED")
        ok(reversed_, 2)
    else:
        assert refusal(reversed_) == won


async def test_of_two_approvals_at_once_one_reverses(kit: ServiceKit) -> None:
    _, sale, _ = await sold(kit)
    request = ok(await ask_reversal(kit, sale), 1)
    answers = await asyncio.gather(*(decide(kit, request, number=number) for number in (2, 3, 4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    assert len(await kit.facts("compliance.sale.reversed.v1")) == 1


async def test_requests_and_reversals_are_listed(kit: ServiceKit) -> None:
    _, sale, _ = await sold(kit)
    _, other, _ = await sold(kit, subject="seller-2", code="SH-0002")
    reversal = await reverse(kit, sale)
    waiting = ok(await ask_reversal(kit, other), 1)
    listed = ok(await officer(kit).get("/v1/reversal_requests"))["items"]
    assert [one["state"] for one in listed] == ["APPROVED", "PENDING"]
    pending = ok(await officer(kit).get("/v1/reversal_requests", params={"pending": True}))["items"]
    assert [one["id"] for one in pending] == [waiting["id"]]
    path = "/v1/reversals"
    assert ok(await officer(kit).get(path))["items"] == [reversal]
    assert ok(await officer(kit).get(path, params={"day": "2026-03-02"}))["items"] == [reversal]
    assert ok(await officer(kit).get(path, params={"day": "2026-03-03"}))["items"] == []
    seller = kit.client("seller", outlets=(sale["outlet_id"],))
    assert ok(await seller.get(path))["items"] == [reversal]
    assert ok(await kit.client("seller", outlets=(other["outlet_id"],)).get(path))["items"] == []
    assert (await seller.get("/v1/reversal_requests")).status_code == 403


@pytest.mark.parametrize("role", ["seller", "outlet_head", "auditor", "integration"])
async def test_officers_alone_reverse(kit: ServiceKit, role: str) -> None:
    _, sale, _ = await sold(kit)
    client = kit.client(role)
    asked = await client.post(f"/v1/sales/{sale['id']}/reversal_requests", json={"reason": "ORDER_FAILED"})
    assert asked.status_code == 403
    request = ok(await ask_reversal(kit, sale), 1)
    path = f"/v1/reversal_requests/{request['id']}/approval"
    assert (await client.post(path, headers={"If-Match": '"1"'})).status_code == 403


async def test_a_sale_that_does_not_stand_is_not_found(kit: ServiceKit) -> None:
    assert (await ask_reversal(kit, {"id": stranger()})).status_code == 404
    assert (await decide(kit, {"id": stranger()})).status_code == 404
