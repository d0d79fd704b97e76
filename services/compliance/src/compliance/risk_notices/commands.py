"""Use cases of duties to tell holders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from chassis.service import Job
from chassis.settings import Settings
from compliance.risk_notices.domain import RiskNotice
from compliance.risk_notices.tables import risk_notices
from compliance.rulebook.registers import risk_notice_due_at

#: Duties of one transaction of the clock.
AT_ONCE = 100


def open_risk_notice(
    session: AsyncSession,
    *,
    product_id: UUID,
    product_code: str,
    product_version: int,
    previous_level: int | None,
    level: int | None,
    changed_at: datetime,
) -> None:
    """PRD-03: the holders are to be told, unless nothing changes for them: a first grading has no holders."""
    due_at = risk_notice_due_at(changed_at)
    if due_at is None or previous_level is None or previous_level == level:
        return
    session.add(
        RiskNotice(
            id=new_id(),
            version=1,
            product_id=product_id,
            product_code=product_code,
            product_version=product_version,
            previous_level=previous_level,
            level=level,
            changed_at=changed_at,
            due_at=due_at,
            overdue_at=None,
            told_at=None,
            holders=None,
            reported_by=None,
            reported_at=None,
        )
    )


async def report_risk_notice(
    session: AsyncSession,
    clock: Clock,
    notice_id: UUID,
    expected_version: int,
    *,
    told_at: datetime,
    holders: int,
    by: str,
) -> RiskNotice:
    """Ends the duty: all holders were told by ``told_at``.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``RiskNoticeReported``, ``ToldAtImpossible``.
    """
    notice = await lock(session, RiskNotice, notice_id)
    check_version(notice.version, expected_version)
    notice.report(told_at=told_at, holders=holders, by=by, at=clock.now())
    return notice


async def note_overdue(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """PRD-03: notes the duties that nobody has done in time; says whether there may be more."""
    at = clock.now()
    waiting = (
        select(RiskNotice)
        .where(
            risk_notices.c.told_at.is_(None),
            risk_notices.c.overdue_at.is_(None),
            risk_notices.c.due_at < at,
        )
        .order_by(risk_notices.c.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = (await session.scalars(waiting, execution_options={"populate_existing": True})).all()
    told = [fact for notice in found if (fact := notice.note_overdue(at)) is not None]
    await record(session, *told)
    return len(found) == AT_ONCE


overdue = Job(name="note_overdue_risk_notices", seconds=10, run=note_overdue)
