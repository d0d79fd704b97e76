"""A product with an offering window is sold inside it only, by the server's time (PRD-01)."""

from datetime import timedelta

import pytest

from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import LOGGED, SECOND, Deal, judged, make_ready

MINUTE = timedelta(minutes=1)
CLOSED = [("PRD-01", "OFFERING_WINDOW_CLOSED")]


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now."""
    return await make_ready(kit)


async def offer(deal: Deal, begins: timedelta | None, ends: timedelta | None) -> Json:
    """The product is offered between two instants, given from the present of the clock."""
    now = deal.kit.clock.now()
    body = {
        "offered_from": None if begins is None else (now + begins).isoformat(),
        "offered_until": None if ends is None else (now + ends).isoformat(),
    }
    return ok(await deal.change_product("offering_windows", body))


@pytest.mark.rule("PRD-01", side="refuse")
@pytest.mark.parametrize(
    ("begins", "ends"), [(MINUTE, None), (SECOND, None), (None, timedelta(0)), (None, -MINUTE)]
)
async def test_outside_its_window_a_product_is_not_sold(
    deal: Deal, begins: timedelta | None, ends: timedelta | None
) -> None:
    await offer(deal, begins, ends)
    assert await judged(deal) == CLOSED


@pytest.mark.rule("PRD-01", side="pass")
@pytest.mark.parametrize(("begins", "ends"), [(timedelta(0), None), (-MINUTE, MINUTE), (None, SECOND)])
async def test_inside_its_window_a_product_is_sold(
    deal: Deal, begins: timedelta | None, ends: timedelta | None
) -> None:
    # A window says nothing of what was presented: nothing is recorded again.
    await offer(deal, begins, ends)
    assert await judged(deal) == LOGGED


async def test_the_last_window_holds(deal: Deal) -> None:
    await offer(deal, None, -MINUTE)
    window = await offer(deal, None, None)
    assert await judged(deal) == LOGGED
    admin = deal.kit.client("product_admin", subject="admin-1")
    path = f"/v1/products/{deal.product['id']}/offering_windows"
    assert ok(await admin.get(path))["items"][-1] == window
    body = {"offered_from": "2026-03-02T00:00:00Z", "offered_until": "2026-03-02T00:00:00Z"}
    refused = await admin.post(path, json=body, headers=etag(window["product_version"]))
    assert refusal(refused) == (422, "OFFERING_WINDOW_INVALID")
    facts = await deal.kit.facts("compliance.product.window_set.v1")
    assert [fact.sequence for fact in facts] == [window["product_version"] - 1, window["product_version"]]
