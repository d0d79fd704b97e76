"""What must hold when everybody comes at once, and when something breaks in the middle."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
from sqlalchemy import QueuePool, text

from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.ticketing.tests.hall import (
    HERE,
    TODAY,
    Hall,
    Json,
    add_counter,
    add_queue,
    etag,
    ok,
    refusal,
    sit_down,
    step,
    take,
)
from ticketing.tickets.closing import close_day
from ticketing.tickets.issuing import Desk, Request, Slip

PATH = f"/v1/outlets/{HERE}/tickets"


@pytest.fixture
async def others(kit: ServiceKit) -> AsyncIterator[Sequence[Caller]]:
    """The kiosk as a client of four further processes of the service, each with its own desk."""
    twins = [ServiceKit(kit.service, kit.database, kit.data_dir, kit.clock) for _ in range(4)]
    yield [twin.client("kiosk", outlets=(str(HERE),), subject="kiosk-1") for twin in twins]
    for twin in twins:
        await end(twin)


async def settled(process: ServiceKit) -> None:
    """Waits until the desk has given its connections back."""
    pool = process.engine.pool
    assert isinstance(pool, QueuePool)
    for _ in range(10_000):
        if not pool.checkedout():
            break
        await asyncio.sleep(0)


async def end(process: ServiceKit) -> None:
    """Ends a process of the service when its desk has given its connections back."""
    await settled(process)
    await process.close()


async def numbers(kit: ServiceKit) -> dict[str, list[int]]:
    async with kit.session() as session:
        rows = await session.execute(
            text("SELECT left(number, 1) AS letter, serial FROM tickets ORDER BY 1, 2")
        )
        found: dict[str, list[int]] = {}
        for row in rows:
            found.setdefault(row.letter, []).append(row.serial)
    return found


async def check_books(kit: ServiceKit) -> None:
    """Counter, tickets, archive and outbox say the same; no fact overtakes an earlier one of its ticket."""
    async with kit.session() as session:
        issued = (await session.execute(text("SELECT sum(issued) FROM number_series"))).scalar_one()
        written = (await session.execute(text("SELECT count(*) FROM tickets"))).scalar_one()
        queued = (await session.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
        archived = (await session.execute(text("SELECT count(*) FROM fact"))).scalar_one()
    assert issued == written
    assert queued == archived
    last: dict[str | None, int] = {}
    for fact in await kit.facts():
        if fact.topic == "ticketing.tickets.v1":
            assert fact.sequence == last.get(fact.key, 0) + 1, fact
            last[fact.key] = fact.sequence
    assert len(last) == written


@pytest.mark.parametrize("processes", [1, 4])
async def test_same_key_from_sixteen_is_one_ticket(
    hall: Hall, others: Sequence[Caller], processes: int
) -> None:
    """C2, in one process and over several."""
    key = {"Idempotency-Key": "the-same"}
    answers = await asyncio.gather(
        *[
            others[turn % processes].post(PATH, json={"service_code": "cash"}, headers=key)
            for turn in range(16)
        ]
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await numbers(hall.kit) == {"A": [1]}
    await check_books(hall.kit)


async def test_same_key_with_another_body_at_the_same_time(hall: Hall) -> None:
    key = {"Idempotency-Key": "the-same"}
    async with hall.kiosk as kiosk:
        answers = await asyncio.gather(
            *[
                kiosk.post(PATH, json={"service_code": service}, headers=key)
                for service in ("cash", "card", "cash", "card")
            ]
        )
    assert Counter(answer.status_code for answer in answers) == {201: 2, 422: 2}
    assert await numbers(hall.kit) == {"A": [1]}


async def test_two_hundred_over_three_queues_without_a_gap(hall: Hall, others: Sequence[Caller]) -> None:
    await add_queue(hall, "C", "card")
    wanted = [("cash", None), ("loan", None), ("card", hall.queues["C"])]

    async def one(turn: int) -> Json:
        service, queue = wanted[turn % 3]
        body = {"service_code": service, "queue_id": queue}
        return ok(await others[turn % 4].post(PATH, json=body))

    slips = await asyncio.gather(*[one(turn) for turn in range(200)])
    found = await numbers(hall.kit)
    assert found == {letter: list(range(1, last + 1)) for letter, last in {"A": 67, "B": 67, "C": 66}.items()}
    assert len({slip["number"] for slip in slips}) == 200
    await check_books(hall.kit)


async def test_refused_neighbours_do_not_fail_anybody(hall: Hall) -> None:
    bodies = [{"service_code": "cash"}, {"service_code": "pension"}, {"service_code": "loan"}] * 6
    async with hall.kiosk as kiosk:
        answers = await asyncio.gather(*[kiosk.post(PATH, json=body) for body in bodies])
    assert Counter(answer.status_code for answer in answers) == {201: 12, 409: 6}
    assert await numbers(hall.kit) == {"A": list(range(1, 7)), "B": list(range(1, 7))}


async def test_eight_tellers_call_each_of_forty_tickets_once(hall: Hall) -> None:
    for _ in range(20):
        await take(hall, "cash")
        await take(hall, "loan")
    labels = [str(number) for number in range(1, 9)]
    for label in labels[1:]:
        await add_counter(hall, label, "A", "B")
    for label in labels:
        await sit_down(hall, label)

    async def serve(label: str) -> list[str]:
        called: list[str] = []
        async with hall.teller as teller:
            while True:
                answer = await teller.post(f"/v1/counters/{hall.counters[label]}/calls")
                if answer.status_code == 409:
                    assert refusal(answer) == (409, "QUEUE_EMPTY")
                    return called
                ticket = ok(answer)
                called.append(ticket["id"])
                await step(hall, ticket, "no-show")

    called = [ticket for each in await asyncio.gather(*map(serve, labels)) for ticket in each]
    assert len(called) == len(set(called)) == 40
    await check_books(hall.kit)


async def test_two_calls_at_one_counter_have_one_winner(hall: Hall) -> None:
    await sit_down(hall)
    for _ in range(4):
        await take(hall)
    async with hall.teller as teller:
        path = f"/v1/counters/{hall.counters['1']}/calls"
        answers = await asyncio.gather(*[teller.post(path) for _ in range(4)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}


async def test_hot_tickets_keep_the_order_of_their_versions(hall: Hall) -> None:
    """R1: facts of plain SQL (issue) and of the mapper (every later step), all of it happening at once."""
    for label in ("2", "3"):
        await add_counter(hall, label, "A", "B")
    for label in ("1", "2", "3"):
        await sit_down(hall, label)

    async def serve(label: str) -> None:
        async with hall.teller as teller:
            for _ in range(12):
                answer = await teller.post(f"/v1/counters/{hall.counters[label]}/calls")
                if answer.status_code == 201:
                    ticket = await step(hall, ok(answer), "recall")
                    await step(hall, await step(hall, ticket, "start"), "completion")

    async def give_up() -> None:
        async with hall.client("lobby_manager") as manager:
            slip = await take(hall)
            await manager.post(f"/v1/tickets/{slip['id']}/cancellation", headers=etag(1))

    people = [give_up() for _ in range(12)]
    await asyncio.gather(*map(serve, ("1", "2", "3")), *people, *[take(hall) for _ in range(24)])
    async with hall.kit.session() as session:
        await close_day(session, hall.kit.clock.now(), HERE, hall.kit.clock.now().date())
    await check_books(hall.kit)


async def test_closing_races_issuing_and_nobody_waits_for_ever(hall: Hall) -> None:
    async with hall.kiosk as kiosk, hall.client("outlet_head") as head:
        answers = await asyncio.gather(
            *[kiosk.post(PATH, json={"service_code": "cash"}) for _ in range(30)],
            head.post(f"/v1/outlets/{HERE}/day-closures", json={"business_date": TODAY}),
        )
    closed = ok(answers[-1])
    issued = sum(answer.status_code == 201 for answer in answers[:-1])
    assert {refusal(answer)[1] for answer in answers[:-1] if answer.status_code != 201} <= {"DAY_CLOSED"}
    assert closed["expired"] == issued
    async with hall.kit.session() as session:
        waiting = await session.execute(text("SELECT count(*) FROM tickets WHERE state = 'waiting'"))
        assert waiting.scalar_one() == 0
    await check_books(hall.kit)


async def test_backend_that_is_terminated_leaves_no_gap(
    hall: Hall, others: Sequence[Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement has run and is about to commit when its connection dies: run again, nobody notices."""
    deaths = 0
    issue = Desk._issue

    async def dying(
        self: Desk, connection: "asyncpg.Connection[Any]", requests: Sequence[Request]
    ) -> Sequence[Slip | None]:
        nonlocal deaths
        if len(requests) > 1 and deaths < 2:
            deaths += 1
            async with connection.transaction():
                await issue(self, connection, requests)
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return await issue(self, connection, requests)

    monkeypatch.setattr(Desk, "_issue", dying)
    answers = await asyncio.gather(*[others[0].post(PATH, json={"service_code": "cash"}) for _ in range(20)])
    assert deaths
    assert {answer.status_code for answer in answers} == {201}
    assert await numbers(hall.kit) == {"A": list(range(1, 21))}
    await check_books(hall.kit)


async def test_callers_that_hang_up_leave_no_gap(hall: Hall, others: Sequence[Caller]) -> None:
    client = others[0]
    calls = [asyncio.create_task(client.post(PATH, json={"service_code": "cash"})) for _ in range(30)]
    for turn, call in enumerate(calls):
        if turn % 3 == 0:
            await asyncio.sleep(0)
            call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    ok(await client.post(PATH, json={"service_code": "cash"}))
    found = (await numbers(hall.kit))["A"]
    assert found == list(range(1, len(found) + 1))
    await check_books(hall.kit)


async def test_answer_lost_after_the_commit_is_given_again(
    hall: Hall, others: Sequence[Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit was done, its answer never came: whoever asks again with the key gets it."""
    issue = Desk._issue

    async def failing(
        self: Desk, connection: "asyncpg.Connection[Any]", requests: Sequence[Request]
    ) -> Sequence[Slip | None]:
        await issue(self, connection, requests)
        raise ConnectionError("the answer was lost")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "_issue", failing)
        key = {"Idempotency-Key": str(new_id())}
        lost = await others[0].post(PATH, json={"service_code": "cash"}, headers=key)
    again = await others[1].post(PATH, json={"service_code": "cash"}, headers=key)
    assert refusal(lost) == (503, "UNAVAILABLE")
    assert (ok(again)["number"], again.headers["idempotency-replayed"]) == ("A001", "true")
    assert await numbers(hall.kit) == {"A": [1]}
    await check_books(hall.kit)


async def test_plan_is_made_once(hall: Hall) -> None:
    twin = ServiceKit(hall.kit.service, hall.kit.database, hall.kit.data_dir, hall.kit.clock)
    async with twin.client("kiosk", outlets=(str(HERE),)) as kiosk:
        for _ in range(8):
            ok(await kiosk.post(PATH, json={"service_code": "cash"}))
    await settled(twin)
    plans: list[tuple[int, int, str]] = []
    async with AsyncExitStack() as held:
        # Every connection of the pool: whichever the desk used is among them.
        for _ in range(twin.settings.pool_size):
            connection = await held.enter_async_context(twin.engine.connect())
            rows = await connection.execute(
                text(
                    "SELECT generic_plans, custom_plans, current_setting('plan_cache_mode') AS mode"
                    " FROM pg_prepared_statements WHERE statement LIKE '-- Issues tickets%'"
                )
            )
            plans += [(row.generic_plans, row.custom_plans, row.mode) for row in rows]
    await end(twin)
    assert sum(generic for generic, _, _ in plans) > 0
    assert {(custom, mode) for _, custom, mode in plans} == {(0, "auto")}
