"""A ticket's way from the call to its end, and everything that is not possible on it."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from services.ticketing.tests.hall import (
    HERE,
    Hall,
    add_counter,
    call,
    etag,
    ok,
    refusal,
    sit_down,
    step,
    take,
)


async def test_served_from_first_to_last(hall: Hall) -> None:
    employee = new_id()
    await sit_down(hall, employee=employee)
    slip = await take(hall, "cash", visitor="cust-1")
    ticket = await call(hall)
    assert ticket["id"] == slip["id"]
    assert (ticket["state"], ticket["version"], ticket["attempt"]) == ("called", 2, 1)
    assert (ticket["counter_id"], ticket["employee_id"]) == (hall.counters["1"], str(employee))
    ticket = await step(hall, ticket, "recall")
    assert (ticket["state"], ticket["version"], ticket["attempt"]) == ("called", 3, 2)
    hall.kit.clock.advance(timedelta(seconds=30))
    ticket = await step(hall, ticket, "start")
    hall.kit.clock.advance(timedelta(minutes=5))
    ticket = await step(hall, ticket, "completion")
    assert (ticket["state"], ticket["version"]) == ("completed", 5)
    facts = [fact for fact in await hall.kit.facts() if fact.key == slip["id"]]
    assert [fact.type.split(".")[2] for fact in facts] == [
        "issued", "called", "recalled", "started", "completed",
    ]  # fmt: skip
    assert [fact.sequence for fact in facts] == [1, 2, 3, 4, 5]
    completed = facts[-1].data
    assert completed["employee_id"] == str(employee)
    assert completed["visitor"] == "cust-1"
    assert completed["started_at"] == "2026-03-02T01:00:30Z"
    assert completed["completed_at"] == "2026-03-02T01:05:30Z"


async def test_no_show_frees_the_counter(hall: Hall) -> None:
    await sit_down(hall)
    await take(hall)
    second = await take(hall)
    await step(hall, await call(hall), "no-show", role="lobby_manager")
    assert (await call(hall))["id"] == second["id"]


async def test_cancelled_before_the_call(hall: Hall) -> None:
    await sit_down(hall)
    first, second = await take(hall), await take(hall)
    await step(hall, {**first, "version": 1}, "cancellation", role="lobby_manager")
    assert (await call(hall))["id"] == second["id"]
    assert (await hall.kit.facts("ticketing.ticket.cancelled.v1"))[0].key == first["id"]


async def test_customer_cancels_the_own_ticket_only(hall: Hall) -> None:
    path = f"/v1/outlets/{HERE}/tickets"
    async with hall.kit.client("customer", outlets=(), subject="c-1") as one:
        mine = ok(await one.post(path, json={"service_code": "cash"}))
        foreign = await take(hall, visitor="c-2")
        answer = await one.post(f"/v1/tickets/{foreign['id']}/cancellation", headers=etag(1))
        assert refusal(answer) == (404, "NOT_FOUND")
        cancelled = ok(await one.post(f"/v1/tickets/{mine['id']}/cancellation", headers=etag(1)))
    assert cancelled["state"] == "cancelled"


async def test_longest_waiting_first_across_queues(hall: Hall) -> None:
    await sit_down(hall)
    taken = []
    for service in ("loan", "cash", "loan", "card"):
        taken.append((await take(hall, service))["id"])
        hall.kit.clock.advance(timedelta(seconds=1))
    called = []
    for _ in taken:
        ticket = await call(hall)
        called.append(ticket["id"])
        await step(hall, ticket, "no-show")
    assert called == taken


async def test_counter_calls_from_its_own_queues_only(hall: Hall) -> None:
    await add_counter(hall, "2", "B")
    await sit_down(hall, "2")
    await take(hall, "cash")
    loan = await take(hall, "loan")
    assert (await call(hall, "2"))["id"] == loan["id"]


async def test_yesterdays_tickets_are_not_called(hall: Hall) -> None:
    await sit_down(hall)
    await take(hall)
    hall.kit.clock.advance(timedelta(days=1))
    async with hall.teller as teller:
        answer = await teller.post(f"/v1/counters/{hall.counters['1']}/calls")
    assert refusal(answer) == (409, "QUEUE_EMPTY")


async def test_empty_queue_is_asked_again_with_the_same_key(hall: Hall) -> None:
    await sit_down(hall)
    path, key = f"/v1/counters/{hall.counters['1']}/calls", {"Idempotency-Key": "k"}
    async with hall.teller as teller:
        assert refusal(await teller.post(path, headers=key)) == (409, "QUEUE_EMPTY")
        slip = await take(hall)
        first = ok(await teller.post(path, headers=key))
        again = ok(await teller.post(path, headers=key))
    assert first == again
    assert first["id"] == slip["id"]


async def test_call_needs_somebody_at_the_counter_and_a_free_hand(hall: Hall) -> None:
    await take(hall)
    await take(hall)
    path = f"/v1/counters/{hall.counters['1']}/calls"
    async with hall.teller as teller:
        assert refusal(await teller.post(path)) == (409, "COUNTER_CLOSED")
        await sit_down(hall)
        ok(await teller.post(path))
        assert refusal(await teller.post(path)) == (409, "COUNTER_OCCUPIED")


@pytest.mark.parametrize("name", ["recall", "start", "no-show", "completion"])
async def test_waiting_ticket_must_be_called_first(hall: Hall, name: str) -> None:
    slip = await take(hall)
    async with hall.teller as teller:
        answer = await teller.post(f"/v1/tickets/{slip['id']}/{name}", headers=etag(1))
    assert refusal(answer) == (409, "TICKET_STATE")
    assert len(await hall.kit.facts("ticketing.ticket.issued.v1")) == len(
        [fact for fact in await hall.kit.facts() if fact.key == slip["id"]]
    )


@pytest.mark.parametrize("name", ["recall", "start", "no-show", "completion", "cancellation"])
async def test_versions_are_named_and_present(hall: Hall, name: str) -> None:
    slip = await take(hall)
    role = "lobby_manager" if name == "cancellation" else "teller"
    async with hall.client(role) as client:
        path = f"/v1/tickets/{slip['id']}/{name}"
        assert refusal(await client.post(path)) == (428, "PRECONDITION_REQUIRED")
        assert refusal(await client.post(path, headers=etag(2))) == (412, "VERSION_STALE")


async def test_position_counts_those_before(hall: Hall) -> None:
    await sit_down(hall)
    first, second = await take(hall), await take(hall)
    async with hall.kit.client("customer", outlets=(), subject="c") as customer:
        path = f"/v1/tickets/{second['id']}/position"
        assert ok(await customer.get(path))["people_ahead"] == 1
        await call(hall)
        assert ok(await customer.get(path))["people_ahead"] == 0
        gone = ok(await customer.get(f"/v1/tickets/{first['id']}/position"))
    assert (gone["state"], gone["people_ahead"]) == ("called", 0)


async def test_holder_sees_less_than_the_staff(hall: Hall) -> None:
    slip = await take(hall, visitor="c-1")
    path = f"/v1/tickets/{slip['id']}"
    async with hall.kiosk as kiosk, hall.client("lobby_manager") as manager:
        shown, full = ok(await kiosk.get(path)), ok(await manager.get(path))
    assert set(shown) < set(full)
    assert {"visitor", "employee_id"} & set(shown) == set()
    assert full["visitor"] == "c-1"


async def test_queues_show_who_waits_today(hall: Hall) -> None:
    await take(hall)
    hall.kit.clock.advance(timedelta(days=1))
    await take(hall, "cash")
    await take(hall, "card")
    async with hall.client("customer") as customer:
        page = ok(await customer.get(f"/v1/outlets/{HERE}/queues"))
    assert [(queue["letter"], queue["people_waiting"]) for queue in page["items"]] == [("A", 2), ("B", 0)]
