"""The reconciliation: legal day by legal day once each is over, a bounded part at a time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.outbox import record
from chassis.service import Job
from chassis.settings import Settings
from compliance.periods.domain import legal_date
from compliance.reconciliation import finding, queries
from compliance.reconciliation.domain import Difference, DifferenceKind, Reconciliation, Settlement
from compliance.reconciliation.tables import reconciliations

#: Differences of one kind in one transaction.
AT_ONCE = 500
#: A transaction that has read the clock before midnight has ended by then.
GRACE = timedelta(minutes=10)


async def reconcile(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """Goes on with the first day that is over and not gone through; says whether there is more at once.

    What is settled meanwhile is noted with every run.
    """
    at = clock.now()
    day = await _next_day(session)
    if day is None or day >= legal_date(at - GRACE):
        return await _settle(session, at)
    if await _note(session, day, at) or await _settle(session, at):
        return True
    found, open_ = await queries.found_on(session, day), await queries.count_open(session)
    done, fact = Reconciliation.complete(new_id(), day, found, open_=open_, at=at)
    session.add(done)
    await record(session, fact)
    return True


reconciling = Job(name="reconcile_sales", seconds=60, run=reconcile)


async def _next_day(session: AsyncSession) -> date | None:
    last: date | None = await session.scalar(select(func.max(reconciliations.c.day)))
    if last is not None:
        return last + timedelta(days=1)
    first: datetime | None = await session.scalar(finding.FIRST)
    return None if first is None else legal_date(first)


async def _note(session: AsyncSession, day: date, at: datetime) -> bool:
    """Notes what came to light on the day; says whether a kind may have more."""
    more = False
    for kind in DifferenceKind:
        rows = await finding.differences(session, day, kind, AT_ONCE)
        session.add_all(_differences(rows, kind, day, at))
        more = more or len(rows) == AT_ONCE
    await session.flush()
    return more


def _differences(rows: Sequence[Row[Any]], kind: DifferenceKind, day: date, at: datetime) -> list[Difference]:
    return [Difference(id=new_id(), kind=kind, day=day, noted_at=at, **row._asdict()) for row in rows]


async def _settle(session: AsyncSession, at: datetime) -> bool:
    """Notes what has come to fit since; says whether there may be more."""
    settled = (await session.scalars(finding.SETTLED, {"most": AT_ONCE})).all()
    session.add_all(Settlement(difference_id=one, settled_at=at) for one in settled)
    await session.flush()
    return len(settled) == AT_ONCE
