"""Tickets served, from the topic to the counts."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.events import to_json
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import UNKNOWN, join, ok, open_outlet

TOPIC, COMPLETED = "ticketing.tickets.v1", "ticketing.ticket.completed.v1"
DAY = "2026-03-02"


def completed(
    kit: ServiceKit,
    outlet_id: str,
    employee_id: str,
    *,
    seconds: int = 300,
    id_: str | None = None,
    **given: Any,
) -> Record:
    """The fact that a ticket was served, as ticketing publishes it."""
    ticket_id = str(new_id())
    start = kit.clock.now()
    data = {
        "version": 4,
        "occurred_at": start + timedelta(seconds=seconds),
        "ticket_id": ticket_id,
        "outlet_id": outlet_id,
        "business_date": DAY,
        "employee_id": employee_id,
        "counter_id": str(new_id()),
        "service_code": "personal",
        "started_at": start,
        "completed_at": start + timedelta(seconds=seconds),
        "visitor": None,
    } | given
    return kit.record(TOPIC, COMPLETED, str(data["ticket_id"]), to_json(data), sequence=4, id_=id_)


def shown(outlet_id: str, employee_id: str, number: str | None, tickets: int, seconds: int) -> dict[str, Any]:
    return {
        "outlet_id": outlet_id,
        "business_date": DAY,
        "employee_id": employee_id,
        "staff_number": number,
        "tickets_completed": tickets,
        "service_seconds": seconds,
    }


async def workload(caller: Caller, outlet_id: str, **params: Any) -> Any:
    return ok(await caller.get("/v1/workload", params={"outlet_id": outlet_id, "date": DAY} | params))


async def test_each_ticket_counts_once(kit: ServiceKit, planner: Caller) -> None:
    outlet = (await open_outlet(planner))["id"]
    employee = (await join(planner, outlet))["id"]
    first, second = completed(kit, outlet, employee), completed(kit, outlet, employee, seconds=60)
    assert await kit.deliver(first, second, first) == 2
    assert await kit.deliver(second) == 0
    assert (await workload(planner, outlet))["items"] == [shown(outlet, employee, "100001", 2, 360)]


async def test_a_ticket_counts_once_even_under_another_fact(kit: ServiceKit, planner: Caller) -> None:
    outlet = (await open_outlet(planner))["id"]
    employee = (await join(planner, outlet))["id"]
    ticket = str(new_id())
    for _ in range(2):
        assert await kit.deliver(completed(kit, outlet, employee, ticket_id=ticket)) == 1
    assert (await workload(planner, outlet))["items"] == [shown(outlet, employee, "100001", 1, 300)]


async def test_tickets_before_their_employee_and_outlet_are_kept_and_joined(
    kit: ServiceKit, planner: Caller
) -> None:
    """N4."""
    stranger, nowhere = str(new_id()), str(new_id())
    assert await kit.deliver(completed(kit, nowhere, stranger)) == 1
    assert (await workload(planner, nowhere))["items"] == [shown(nowhere, stranger, None, 1, 300)]

    outlet = (await open_outlet(planner))["id"]
    employee = (await join(planner, outlet))["id"]
    assert await kit.deliver(completed(kit, outlet, employee), completed(kit, outlet, stranger)) == 2
    unmatched = ok(await planner.get("/v1/workload/unmatched", params={"date": DAY}))["items"]
    assert unmatched == sorted(
        [shown(nowhere, stranger, None, 1, 300), shown(outlet, stranger, None, 1, 300)],
        key=lambda item: str(item["outlet_id"]),
    )
    head = kit.client("outlet_head", outlets=(outlet,))
    unmatched = ok(await head.get("/v1/workload/unmatched", params={"date": DAY}))["items"]
    assert unmatched == [shown(outlet, stranger, None, 1, 300)]
    other_day = ok(await planner.get("/v1/workload/unmatched", params={"date": "2026-03-03"}))
    assert other_day == {"items": [], "next_cursor": None}


async def test_workload_of_an_employee_by_day_and_outlet(kit: ServiceKit, planner: Caller) -> None:
    home, other = (await open_outlet(planner))["id"], (await open_outlet(planner, "SH-0002"))["id"]
    employee = (await join(planner, home))["id"]
    days = ("2026-03-01", "2026-03-02", "2026-03-03")
    for day in days:
        await kit.deliver(completed(kit, home, employee, business_date=day))
    await kit.deliver(completed(kit, other, employee, business_date=days[1]))
    path = f"/v1/employees/{employee}/workload"

    async def found(**params: Any) -> list[tuple[str, str]]:
        page = ok(await planner.get(path, params=params))
        return [(item["business_date"], item["outlet_id"]) for item in page["items"]]

    middle = sorted([(days[1], home), (days[1], other)])
    assert await found() == [(days[0], home), *middle, (days[2], home)]
    assert await found(first=days[1], last=days[1]) == middle
    page = ok(await planner.get(path, params={"limit": 3}))
    assert await found(limit=3, cursor=page["next_cursor"]) == [(days[2], home)]


async def test_pages_of_an_outlets_day(kit: ServiceKit, planner: Caller) -> None:
    outlet = (await open_outlet(planner))["id"]
    strangers = sorted(str(new_id()) for _ in range(5))
    await kit.deliver(*(completed(kit, outlet, stranger) for stranger in strangers * 2))
    found: list[str] = []
    page = await workload(planner, outlet, limit=2)
    while True:
        found += [item["employee_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        page = await workload(planner, outlet, limit=2, cursor=page["next_cursor"])
    assert found == strangers


async def test_clocks_that_disagree_count_no_time(kit: ServiceKit, planner: Caller) -> None:
    outlet = (await open_outlet(planner))["id"]
    await kit.deliver(completed(kit, outlet, UNKNOWN, seconds=-1))
    assert (await workload(planner, outlet))["items"] == [shown(outlet, UNKNOWN, None, 1, 0)]


async def test_other_facts_about_tickets_are_passed_over(kit: ServiceKit, planner: Caller) -> None:
    outlet = (await open_outlet(planner))["id"]
    called = kit.record(TOPIC, "ticketing.ticket.called.v1", str(new_id()), {"outlet_id": outlet})
    assert await kit.deliver(called) == 0
    assert (await workload(planner, outlet))["items"] == []


async def test_what_cannot_be_read_changes_nothing(kit: ServiceKit, planner: Caller) -> None:
    outlet = (await open_outlet(planner))["id"]
    good, poison = completed(kit, outlet, UNKNOWN), completed(kit, outlet, UNKNOWN, started_at="soon")
    with pytest.raises(ValidationError):
        await kit.deliver(good, poison)
    assert (await workload(planner, outlet))["items"] == []
    assert await kit.deliver(good) == 1
