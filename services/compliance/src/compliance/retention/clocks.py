"""Other clocks than our own: a clock that was pushed forward must not unlock a disposal."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.retention.domain import clock_trusted

# A refusal for a wrong clock is itself a fact; it must not be what makes the next attempt look timely.
LAST_FACT = text("""
SELECT occurred_at FROM fact WHERE type <> 'compliance.disposal.refused.v1' ORDER BY seq DESC LIMIT 1
""")


async def database_clock(session: AsyncSession) -> datetime:
    """The instant at which the database is."""
    instant: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return instant


async def is_trusted(session: AsyncSession, now: datetime) -> bool:
    """Whether ``now`` agrees with the database's clock and with the last fact on record."""
    last_seen: datetime | None = await session.scalar(LAST_FACT)
    return clock_trusted(now, [await database_clock(session)], last_seen)
