"""The gate beside one other command, each held at a barrier: just before its commit, or behind its heads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import assert_never
from unittest.mock import patch
from uuid import UUID

import httpx
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only
from starlette.responses import Response

from chassis.testing import ServiceKit
from compliance.cases.commands import lock_case
from compliance.evidence.domain import from_plain
from compliance.rulebook.decisions import Decision
from compliance.rulebook.facts import SaleFacts
from compliance.sales.desk import Attempt, SalesDesk
from compliance.sales.gate import judge
from compliance.sales.tables import decisions
from services.compliance.tests.selling import SECOND, Deal

Change = Callable[[Deal], Awaitable[object]]

WRITES = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
QUOTES = text("SELECT id FROM fee_quotes WHERE customer_id = :customer_id FOR UPDATE")
#: A wait for a row is a wait for the transaction that holds it, which belongs to no database.
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


class Order(StrEnum):
    """Who stands at a barrier, and so comes first."""

    GATE = "the gate stands before its commit"
    CHANGE = "the change stands before its commit"
    HEADS = "the gate holds its heads and has not read the clock"


@dataclass
class Barrier:
    """Where the first transaction that has written something waits before it commits."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


#: The barrier that was put up last. Sales share transactions, which belong to no task of a single one.
HELD: list[Barrier] = []


def _hold(session: Session) -> None:
    barrier = HELD[-1] if HELD else None
    if barrier is None or barrier.reached.is_set():
        return
    session.flush()
    if session.execute(WRITES).scalar():
        barrier.reached.set()
        await_only(barrier.opened.wait())


@contextmanager
def barriers() -> Iterator[None]:
    """Meanwhile the first transaction that writes behind :func:`started` with a barrier stops there."""
    event.listen(Session, "before_commit", _hold)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", _hold)
        HELD.clear()


Task = asyncio.Task[object]


def started(work: Awaitable[object], barrier: Barrier | None = None) -> Task:
    """The work as a task of its own, with its barrier; what else writes begins when it has been reached."""

    async def within() -> object:
        return await work

    if barrier is not None:
        HELD.append(barrier)
    return asyncio.create_task(within())


@dataclass(frozen=True)
class Race:
    """The gate's answer, the facts before and after everything, and those that were decided on.

    ``waited``: who came second waited for the first.
    """

    answer: httpx.Response
    waited: bool
    before: SaleFacts
    after: SaleFacts
    decided: SaleFacts


async def facts_of(deal: Deal) -> SaleFacts:
    """What the gate would look at now."""
    case_id, recording_id = ids(deal)
    async with deal.kit.session() as session:
        judged = await judge(session, deal.kit.clock, deal.kit.settings, case_id, recording_id, share=True)
    return judged.facts


def ids(deal: Deal) -> tuple[UUID, UUID]:
    """Case and recording of the deal."""
    assert deal.case is not None
    assert deal.recording is not None
    return UUID(deal.case["id"]), UUID(deal.recording["id"])


#: The gate's answer, and whether the second waited.
Came = tuple[httpx.Response, bool]


async def race(deal: Deal, change: Change, order: Order, companion: Deal | None = None) -> Race:
    """The gate against the change, in this order; the clock moves a second while both are under way.

    The deal's sale shares its transaction with that of the ``companion``, where there is one.
    """
    before = await facts_of(deal)
    gate = partial(_sell, deal, companion)
    with barriers(), nullcontext() if companion is None else paired():
        match order:
            case Order.GATE:
                answer, waited = await _held(deal, gate(), change(deal))
            case Order.CHANGE:
                answer, waited = await _held(deal, change(deal), gate())
            case Order.HEADS:
                answer, waited = await _behind_the_heads(deal, gate, change)
            case _:
                assert_never(order)
    if answer.status_code == 412:
        # The case has moved on: nothing was decided, and the seller asks again.
        answer = await deal.sell()
    after, decided = await facts_of(deal), await _decided(deal)
    return Race(answer=answer, waited=waited, before=before, after=after, decided=decided)


async def _sell(deal: Deal, companion: Deal | None) -> httpx.Response:
    if companion is None:
        return await deal.sell()
    answer, beside = await asyncio.gather(deal.sell(), companion.sell())
    # Another customer's sale: nothing of the change makes it stale.
    assert beside.status_code in (201, 422), beside.text
    return answer


@contextmanager
def paired() -> Iterator[None]:
    """Meanwhile two attempts begin at once: they share a transaction."""
    alone, both = SalesDesk.settle, asyncio.Barrier(2)

    async def settle(desk: SalesDesk, attempt: Attempt) -> Response | None:
        await both.wait()
        return await alone(desk, attempt)

    with patch.object(SalesDesk, "settle", settle):
        yield


async def _held(deal: Deal, first: Awaitable[object], second: Awaitable[object]) -> Came:
    """The first stops before its commit, until the second waits for it or is over."""
    barrier = Barrier()
    one = started(first, barrier)
    reached = asyncio.create_task(barrier.reached.wait())
    async with asyncio.timeout(10):
        await asyncio.wait({one, reached}, return_when=asyncio.FIRST_COMPLETED)
    # Who writes nothing of his own, or fails before he does, has no commit to stand before.
    assert barrier.reached.is_set(), one.result()
    other = started(second)
    waited = await waiting(deal.kit, 1, other)
    deal.kit.clock.advance(SECOND)
    barrier.opened.set()
    return await _answer(one, other), waited


async def _behind_the_heads(
    deal: Deal, sell: Callable[[], Awaitable[httpx.Response]], change: Change
) -> Came:
    """Somebody holds the last head, so that the gate holds all others and waits for it."""
    async with deal.kit.session() as session:
        await _lock_last(session, deal)
        gate = started(sell())
        await waiting(deal.kit, 1, gate)
        other = started(change(deal))
        waited = await waiting(deal.kit, 2, other)
        deal.kit.clock.advance(SECOND)
    return await _answer(gate, other), waited


async def _lock_last(session: AsyncSession, deal: Deal) -> None:
    """The quotes of the customer, where he was told a fee; else the case."""
    quotes = await session.scalars(QUOTES, {"customer_id": deal.customer["id"]})
    if not quotes.all():
        case_id, _ = ids(deal)
        await lock_case(session, case_id)


#: What a change is told that comes after the sale: the case is over, or has moved on.
TOO_LATE = ('"code":"CASE_LOGGED"', '"code":"VERSION_STALE"')


async def _answer(*tasks: Task) -> httpx.Response:
    """The gate's answer among what came of both."""
    answers = []
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException):
            if not any(code in str(result) for code in TOO_LATE):
                raise result
        elif isinstance(result, httpx.Response) and result.request.url.path.endswith("/sale"):
            answers.append(result)
    (answer,) = answers
    return answer


async def waiting(kit: ServiceKit, count: int, work: Task) -> bool:
    """Returns once so many wait for a lock, or the work is done; whether it is not."""
    async with asyncio.timeout(10), kit.sessions() as session:
        while not work.done() and await session.scalar(WAITING) < count:
            await session.rollback()
    return not work.done()


async def _decided(deal: Deal) -> SaleFacts:
    case_id, _ = ids(deal)
    async with deal.kit.session() as session:
        content = (
            await session.scalars(select(decisions.c.decision).where(decisions.c.case_id == case_id))
        ).one()
    return from_plain(SaleFacts, from_plain(Decision, content).inputs)


def member(facts: SaleFacts, path: str) -> object:
    """The member of the facts with this dotted path; None where something on the way is not known."""
    found: object = facts
    for name in path.split("."):
        found = None if found is None else getattr(found, name)
    return found


def instants(value: object) -> set[datetime]:
    """Every instant in a member of the facts."""
    if isinstance(value, datetime):
        return {value}
    if isinstance(value, tuple):
        return {instant for item in value for instant in instants(item)}
    if is_dataclass(value):
        return {instant for item in fields(value) for instant in instants(getattr(value, item.name))}
    return set()
