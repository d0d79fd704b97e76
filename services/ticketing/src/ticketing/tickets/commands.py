"""Use cases of tickets after they have been issued: load, decide, save, record the fact.

Locks: a session before a ticket, a number series before a ticket; a step locks its ticket alone.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import NoReturn
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load, lock
from chassis.errors import Unavailable, check_version
from chassis.events import Fact
from chassis.outbox import record
from ticketing.catalogue.queries import serving
from ticketing.counters import commands as counters
from ticketing.counters.domain import CounterSession, CounterWindow
from ticketing.outlets.domain import business_date_of, check_open
from ticketing.outlets.queries import known
from ticketing.tickets.domain import (
    CounterOccupied,
    DayIsClosed,
    QueueEmpty,
    QueueNotAccepting,
    ServiceNotOffered,
    Ticket,
    TicketState,
)
from ticketing.tickets.queries import day_is_closed, in_hand
from ticketing.tickets.tables import tickets


class QueueChanging(Unavailable):
    """What refused the ticket a moment ago is no longer so."""

    code = "QUEUE_CHANGING"
    zh = "队列刚刚发生变更,本次未取号;请用同一 Idempotency-Key 重试。"
    en = "The queue changed a moment ago and no number was taken; try again with the same Idempotency-Key."


async def call_next(session: AsyncSession, now: datetime, counter_id: UUID) -> Ticket:
    """Calls whoever has waited longest in the counter's queues; a ticket is called by one counter only.

    Raises ``CounterClosed``, :class:`CounterOccupied`, :class:`QueueEmpty`.
    """
    seat = await counters.lock_open_session(session, counter_id)
    held = await in_hand(session, counter_id)
    if held is not None:
        raise CounterOccupied(number=held.number)
    counter = await load(session, CounterWindow, counter_id)
    today = business_date_of(await known(session, counter.outlet_id), now)
    # One row, and whoever is locked is just being called elsewhere. Partial unique indexes stand behind this.
    waiting = (
        select(Ticket)
        .where(
            tickets.c.queue_id.in_(counter.queue_ids),
            tickets.c.business_date == today,
            tickets.c.state == TicketState.WAITING,
        )
        .order_by(tickets.c.issued_at, tickets.c.serial)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    ticket = (await session.scalars(waiting)).one_or_none()
    if ticket is None:
        raise QueueEmpty
    await record(session, ticket.call(counter_id=counter_id, employee_id=seat.employee_id, at=now))
    return ticket


async def take_step(
    session: AsyncSession, ticket_id: UUID, expected_version: int, step: Callable[[Ticket], Fact]
) -> Ticket:
    """One step of a ticket that is named by its id.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``StepNotPossible``.
    """
    ticket = await lock(session, Ticket, ticket_id)
    check_version(ticket.version, expected_version)
    await record(session, step(ticket))
    return ticket


async def leave_counter(
    session: AsyncSession, now: datetime, session_id: UUID, expected_version: int
) -> CounterSession:
    """Ends an employee's session; a ticket in hand forbids it.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``SessionIsClosed``, :class:`CounterOccupied`.
    """
    seat = await lock(session, CounterSession, session_id)
    check_version(seat.version, expected_version)
    seat.must_be_open()
    held = await in_hand(session, seat.counter_id)
    if held is not None:
        raise CounterOccupied(number=held.number)
    await counters.close_session(session, now, seat)
    return seat


async def explain_refusal(
    session: AsyncSession, now: datetime, outlet_id: UUID, service_code: str, queue_id: UUID | None
) -> NoReturn:
    """Raises the reason why no ticket was issued.

    ``OutletIsClosed``, :class:`ServiceNotOffered`, :class:`QueueNotAccepting`, :class:`DayIsClosed`.
    """
    outlet = await known(session, outlet_id)
    check_open(outlet)
    queues = await serving(session, outlet_id, service_code)
    wanted = [queue for queue in queues if queue_id is None or queue.id == queue_id]
    if not wanted:
        raise ServiceNotOffered(pointer="/service_code" if queue_id is None else "/queue_id")
    accepting = [queue.id for queue in wanted if queue.accepting]
    if not accepting:
        raise QueueNotAccepting
    today: date = business_date_of(outlet, now)
    if await day_is_closed(session, accepting, today):
        raise DayIsClosed(business_date=today)
    raise QueueChanging
