"""Use cases of counters and sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from ticketing.catalogue.queries import queue_ids as queue_ids_of
from ticketing.counters.domain import (
    CounterClosed,
    CounterInUse,
    CounterSession,
    CounterWindow,
    EmployeeAtOtherCounter,
    LabelTaken,
    check_queues_known,
)
from ticketing.outlets.domain import check_open
from ticketing.outlets.queries import known


async def set_up_counter(
    session: AsyncSession, outlet_id: UUID, *, label: str, queue_ids: frozenset[UUID]
) -> CounterWindow:
    """Sets up a counter at an outlet.

    Raises ``OutletIsClosed``, :class:`LabelTaken`, ``QueueUnknown``, ``CounterServesNothing``.
    """
    check_open(await known(session, outlet_id))
    await _check_label(session, outlet_id, label, None)
    check_queues_known(queue_ids, frozenset(await queue_ids_of(session, outlet_id)))
    counter = CounterWindow(new_id(), 1, outlet_id, label, queue_ids)
    session.add(counter)
    await session.flush()
    return counter


async def change_counter(
    session: AsyncSession,
    counter_id: UUID,
    expected_version: int,
    *,
    label: str,
    queue_ids: frozenset[UUID],
) -> CounterWindow:
    """Replaces what describes a counter; an open session goes on with the new queues.

    Raises ``ObjectNotFound``, ``StaleVersion``, :class:`LabelTaken`, ``QueueUnknown``.
    """
    counter = await lock(session, CounterWindow, counter_id)
    check_version(counter.version, expected_version)
    await _check_label(session, counter.outlet_id, label, counter.id)
    check_queues_known(queue_ids, frozenset(await queue_ids_of(session, counter.outlet_id)))
    counter.change(label=label, queue_ids=queue_ids)
    return counter


async def open_session(
    session: AsyncSession, now: datetime, counter_id: UUID, employee_id: UUID
) -> CounterSession:
    """Seats an employee at a counter.

    Raises ``ObjectNotFound``, ``OutletIsClosed``, :class:`CounterInUse`, :class:`EmployeeAtOtherCounter`.
    """
    counter = await lock(session, CounterWindow, counter_id)
    check_open(await known(session, counter.outlet_id))
    if await _one_open(session, counter_id=counter_id) is not None:
        raise CounterInUse
    if await _one_open(session, employee_id=employee_id) is not None:
        raise EmployeeAtOtherCounter(pointer="/employee_id")
    opened, fact = CounterSession.open(new_id(), counter, employee_id, at=now)
    session.add(opened)
    await record(session, fact)
    return opened


async def close_session(session: AsyncSession, now: datetime, open_: CounterSession) -> None:
    """Ends a session whose row the caller has locked. Raises ``SessionIsClosed``."""
    await record(session, open_.close(at=now))


async def lock_open_session(session: AsyncSession, counter_id: UUID) -> CounterSession:
    """The open session of a counter, locked: calls at one counter happen one after the other.

    Raises :class:`CounterClosed`.
    """
    statement = select(CounterSession).filter_by(counter_id=counter_id, closed_at=None).with_for_update()
    found = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise CounterClosed
    return found


async def _check_label(session: AsyncSession, outlet_id: UUID, label: str, own: UUID | None) -> None:
    found = await session.scalar(select(CounterWindow).filter_by(outlet_id=outlet_id, label=label))
    if found is not None and found.id != own:
        raise LabelTaken(taken=label, pointer="/label")


async def _one_open(session: AsyncSession, **which: UUID) -> CounterSession | None:
    found: CounterSession | None = await session.scalar(
        select(CounterSession).filter_by(closed_at=None, **which)
    )
    return found
