"""Sales, permits, orders and confirmations are held against each other once their day is over."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from chassis.clock import BANK_ZONE
from chassis.testing import ServiceKit
from compliance.reconciliation import commands
from compliance.reconciliation.commands import GRACE
from services.compliance.tests.attacking import run
from services.compliance.tests.keeping import Keeper
from services.compliance.tests.ordering import (
    officer,
    reconcile,
    redeem,
    reported,
    reverse,
    sold,
    standing,
)
from services.compliance.tests.registers import Json, ok

MOMENT = timedelta(microseconds=1)


def midnight(day: int) -> datetime:
    """The instant at which that day of March begins in Shanghai; everything is sold on the second."""
    return datetime(2026, 3, day, tzinfo=BANK_ZONE).astimezone(UTC)


def over(day: int) -> datetime:
    """The instant at which the day before is gone through."""
    return midnight(day) + GRACE


async def days(kit: ServiceKit) -> list[tuple[str, int]]:
    """The days that were gone through, and how much was found on each."""
    done = ok(await officer(kit).get("/v1/reconciliations"))["items"]
    return [(one["day"], one["found"]) for one in done]


async def ordered(kit: ServiceKit) -> tuple[Json, Json]:
    """A sale whose permit was used for the order O-1, and that permit."""
    _, sale, permit = await sold(kit)
    ok(await redeem(kit, permit), 2)
    return sale, permit


async def test_what_fits_is_no_difference(kit: ServiceKit) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "placed"), reported(kit, "confirmed"))
    kit.clock.instant = over(6)
    await reconcile(kit)
    assert await days(kit) == [(f"2026-03-0{day}", 0) for day in (2, 3, 4, 5)]
    assert await standing(kit) == []
    told = await kit.facts("compliance.reconciliation.completed.v1")
    assert [(fact.data["day"], fact.data["open"]) for fact in told] == [
        (f"2026-03-0{day}", 0) for day in (2, 3, 4, 5)
    ]


async def test_nothing_is_reconciled_where_nothing_was_sold(kit: ServiceKit) -> None:
    kit.clock.instant = over(6)
    await reconcile(kit)
    assert await days(kit) == []


async def test_a_day_is_gone_through_once_it_is_over(kit: ServiceKit) -> None:
    await sold(kit)
    kit.clock.instant = over(3) - MOMENT
    await reconcile(kit)
    assert await days(kit) == []
    kit.clock.instant = over(3)
    await reconcile(kit)
    await reconcile(kit)
    assert await days(kit) == [("2026-03-02", 0)]


async def test_a_permit_that_expires_unused_is_named_and_settled_by_the_reversal(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    # It expires on the third.
    kit.clock.instant = over(4) - MOMENT
    await reconcile(kit)
    assert await standing(kit) == []
    kit.clock.instant = over(4)
    await reconcile(kit)
    assert await standing(kit) == [("PERMIT_UNUSED", None)]
    (found,) = ok(await officer(kit).get("/v1/reconciliation_differences"))["items"]
    assert (found["permit_id"], found["sale_id"], found["day"]) == (permit["id"], sale["id"], "2026-03-03")
    assert (found["expected_minor"], found["outlet_id"]) == (1_000_000, sale["outlet_id"])
    await reverse(kit, sale)
    await reconcile(kit)
    assert await standing(kit) == []
    (settled,) = ok(await officer(kit).get("/v1/reconciliation_differences"))["items"]
    assert (settled["id"], settled["settled_at"] is not None) == (found["id"], True)


@pytest.mark.parametrize(
    ("day", "found"), [(4, []), (5, [("ORDER_UNCONFIRMED", "O-1")]), (6, [("ORDER_UNCONFIRMED", "O-1")])]
)
async def test_an_order_is_confirmed_within_two_days(
    kit: ServiceKit, day: int, found: list[tuple[str, str]]
) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "placed"))
    # Used on the second: the fourth is the last day.
    kit.clock.instant = over(day)
    await reconcile(kit)
    assert await standing(kit) == found
    await kit.deliver(reported(kit, "confirmed"))
    await reconcile(kit)
    assert await standing(kit) == []


async def test_a_confirmation_in_the_last_moment_is_in_time(kit: ServiceKit) -> None:
    await ordered(kit)
    kit.clock.instant = midnight(5) - MOMENT
    await kit.deliver(reported(kit, "confirmed"))
    kit.clock.instant = over(6)
    await reconcile(kit)
    assert ok(await officer(kit).get("/v1/reconciliation_differences"))["items"] == []


async def test_a_cancelled_order_needs_no_confirmation(kit: ServiceKit) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "cancelled"))
    kit.clock.instant = over(6)
    await reconcile(kit)
    assert await standing(kit) == []


@pytest.mark.parametrize("amount", [999_999, 1_000_001])
async def test_a_confirmation_of_another_amount_is_named(kit: ServiceKit, amount: int) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "confirmed", amount_minor=amount))
    kit.clock.instant = over(3)
    await reconcile(kit)
    (found,) = ok(await officer(kit).get("/v1/reconciliation_differences"))["items"]
    assert (found["kind"], found["expected_minor"], found["found_minor"]) == (
        "CONFIRMED_OTHERWISE",
        1_000_000,
        amount,
    )
    await kit.deliver(reported(kit, "confirmed"))
    await reconcile(kit)
    assert await standing(kit) == []


@pytest.mark.parametrize("step", ["placed", "confirmed"])
async def test_an_order_without_a_permit_is_named(kit: ServiceKit, step: str) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "confirmed"), reported(kit, step, "O-2"))
    kit.clock.instant = over(3)
    await reconcile(kit)
    assert await standing(kit) == [("ORDER_WITHOUT_PERMIT", "O-2")]
    await kit.deliver(reported(kit, "cancelled", "O-2"))
    await reconcile(kit)
    assert await standing(kit) == []


async def test_a_sale_without_a_permit_is_named(kit: ServiceKit) -> None:
    await ordered(kit)
    _, sale, permit = await sold(kit, subject="seller-2", code="SH-0002")
    # Only whoever owns the database can take a permit away.
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute("DELETE FROM permits WHERE id = %s", [permit["id"]])
    kit.clock.instant = over(3)
    await reconcile(kit)
    (found,) = ok(await officer(kit).get("/v1/reconciliation_differences"))["items"]
    assert (found["kind"], found["sale_id"]) == ("SALE_WITHOUT_PERMIT", sale["id"])
    await reverse(kit, sale)
    await reconcile(kit)
    assert await standing(kit) == []


async def test_a_run_is_bounded_and_the_next_one_goes_on(
    kit: ServiceKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "AT_ONCE", 2)
    await ordered(kit)
    await kit.deliver(*(reported(kit, "placed", f"X-{number}") for number in range(5)))
    kit.clock.instant = over(3)
    async with kit.session() as session:
        assert await commands.reconcile(session, kit.clock, kit.settings)
    assert len(await standing(kit)) == 2
    assert await days(kit) == []
    await reconcile(kit)
    assert sorted(await standing(kit)) == [("ORDER_WITHOUT_PERMIT", f"X-{number}") for number in range(5)]
    assert await days(kit) == [("2026-03-02", 5)]
    (told,) = await kit.facts("compliance.reconciliation.completed.v1")
    assert (told.data["orders_without_permit"], told.data["open"]) == (5, 5)


async def test_differences_are_listed_by_page_kind_and_day(kit: ServiceKit) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "confirmed", amount_minor=1), reported(kit, "placed", "O-2"))
    kit.clock.instant = over(3)
    await reconcile(kit)
    path = "/v1/reconciliation_differences"
    first = ok(await officer(kit).get(path, params={"limit": 1}))
    rest = ok(await officer(kit).get(path, params={"limit": 1, "cursor": first["next_cursor"]}))
    kinds = [one["kind"] for page in (first, rest) for one in page["items"]]
    assert sorted(kinds) == ["CONFIRMED_OTHERWISE", "ORDER_WITHOUT_PERMIT"]
    assert await standing(kit, kind="ORDER_WITHOUT_PERMIT") == [("ORDER_WITHOUT_PERMIT", "O-2")]
    assert await standing(kit, day="2026-03-03") == []


async def test_the_command_line_names_what_stands_and_fails(kit: ServiceKit) -> None:
    await ordered(kit)
    await kit.deliver(reported(kit, "confirmed"), reported(kit, "placed", "O-2"))
    keeper = Keeper(kit, "")
    found = await run(keeper, "reconciliation", "run")
    assert found.exit_code == 1
    assert "2026-03-02 ORDER_WITHOUT_PERMIT: O-2" in found.output
    assert "differences: 1" in found.output
    await kit.deliver(reported(kit, "cancelled", "O-2"))
    sound = await run(keeper, "reconciliation", "run")
    assert (sound.exit_code, sound.output) == (0, "differences: 0\n")
