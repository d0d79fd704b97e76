"""CAS-01: ends cases whose time is over. Nothing waits for it: each request looks at the clock itself."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import written
from chassis.outbox import record
from chassis.service import Job
from chassis.settings import Settings
from compliance.cases.domain import CaseState, SaleCase
from compliance.cases.tables import cases

#: Cases of one transaction.
BATCH = 100


async def end_expired(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """One bounded pass, past what others hold; says whether there may be more."""
    at = clock.now()
    over = (
        select(SaleCase)
        .where(written(cases.c.state, CaseState.OPEN), cases.c.expires_at <= at)
        .order_by(cases.c.expires_at, cases.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    found = (await session.scalars(over, execution_options={"populate_existing": True})).all()
    await record(session, *(fact for case in found if (fact := case.expire(at)) is not None))
    return len(found) == BATCH


expiry = Job(name="end_expired_cases", seconds=30, run=end_expired)
