"""The end of the day: what waits expires, nothing is lost, twice is once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.ticketing.tests.hall import (
    HERE,
    TODAY,
    Hall,
    add_counter,
    call,
    ok,
    refusal,
    sit_down,
    step,
    take,
    told,
)
from ticketing.tickets.closing import close_past_day

PATH = f"/v1/outlets/{HERE}/day-closures"


async def close(hall: Hall, day: str = TODAY) -> dict[str, Any]:
    async with hall.client("outlet_head") as head:
        return ok(await head.post(PATH, json={"business_date": day}))


async def states(kit: ServiceKit) -> list[str]:
    async with kit.session() as session:
        rows = await session.execute(text("SELECT state FROM tickets ORDER BY serial, queue_id"))
        return [row.state for row in rows]


async def test_waiting_expires_called_is_no_show_serving_stays(hall: Hall) -> None:
    await add_counter(hall, "2", "A")
    await sit_down(hall, "1")
    await sit_down(hall, "2")
    for _ in range(4):
        await take(hall)
    serving = await step(hall, await call(hall, "1"), "start")
    await call(hall, "2")
    done = await close(hall)
    assert (done["expired"], done["no_shows"], done["in_service"]) == (2, 1, 1)
    assert await states(hall.kit) == ["serving", "no_show", "expired", "expired"]
    assert len(await hall.kit.facts("ticketing.ticket.expired.v1")) == 2
    await step(hall, serving, "completion")
    again = await close(hall)
    assert (again["expired"], again["no_shows"], again["in_service"]) == (0, 0, 0)


async def test_closed_day_gives_out_no_more_numbers(hall: Hall) -> None:
    await close(hall)
    async with hall.kiosk as kiosk:
        for service in ("cash", "loan"):
            answer = await kiosk.post(f"/v1/outlets/{HERE}/tickets", json={"service_code": service})
            assert refusal(answer) == (409, "DAY_CLOSED")
    hall.kit.clock.advance(timedelta(days=1))
    assert (await take(hall))["number"] == "A001"


async def test_day_ahead_cannot_be_closed(hall: Hall) -> None:
    async with hall.client("outlet_head") as head:
        answer = await head.post(PATH, json={"business_date": "2026-03-03"})
    assert refusal(answer) == (422, "DAY_NOT_BEGUN")


async def test_job_closes_what_nobody_closed(hall: Hall) -> None:
    await take(hall)
    assert not await run_job(hall.kit)
    hall.kit.clock.advance(timedelta(days=1))
    await take(hall)
    assert await run_job(hall.kit)
    assert not await run_job(hall.kit)
    assert sorted(await states(hall.kit)) == ["expired", "waiting"]


async def test_job_waits_for_the_outlets_own_cut_over(hall: Hall) -> None:
    await take(hall)
    await hall.kit.deliver(told(hall.kit, cutover_hour=4))
    hall.kit.clock.instant += timedelta(hours=15 + 4) - timedelta(seconds=1)
    assert not await run_job(hall.kit)
    hall.kit.clock.advance(timedelta(seconds=1))
    assert await run_job(hall.kit)


async def test_closing_ends_more_than_one_flush_holds(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.tickets.closing.TOGETHER_MAX", 2)
    for _ in range(5):
        await take(hall)
    assert (await close(hall))["expired"] == 5


async def test_another_outlet_is_not_closed(hall: Hall) -> None:
    await take(hall)
    async with hall.kit.client("operator") as operator:
        done = ok(await operator.post(f"/v1/outlets/{new_id()}/day-closures", json={"business_date": TODAY}))
    assert done["expired"] == 0
    assert await states(hall.kit) == ["waiting"]


async def run_job(kit: ServiceKit) -> bool:
    async with kit.session() as session:
        return await close_past_day(session, kit.clock, kit.settings)
