"""Sending the archive again after a broker was lost (N3)."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.errors import Invalid
from chassis.inbox import INBOX_RETENTION_DAYS

PAUSE = text("UPDATE relay_control SET paused = :paused, reason = :reason")
#: The relay's own lock: taken for the length of the transaction, so no pass is under way.
LOCK_OUT_RELAY = text("SELECT pg_advisory_xact_lock(7107001)")
QUEUE_AGAIN = text("""
INSERT INTO outbox (seq, recorded_at)
SELECT seq, recorded_at FROM fact WHERE recorded_at >= :since ORDER BY seq
ON CONFLICT (seq) DO NOTHING
""")


class TooFarBack(Invalid):
    """Consumers' inboxes no longer know facts that old: they would take them twice."""

    code = "REPUBLISH_TOO_FAR_BACK"
    zh = "只能重发最近 {days} 天内的事件；请选择更近的时间。"
    en = "Only facts of the last {days} days can be sent again; choose a later instant."


async def set_paused(sessions: async_sessionmaker[AsyncSession], paused: bool, reason: str | None) -> None:
    """Pauses the relay durably, or lets it go on."""
    async with sessions.begin() as session:
        await session.execute(PAUSE, {"paused": paused, "reason": reason})


async def republish(sessions: async_sessionmaker[AsyncSession], since: datetime, now: datetime) -> int:
    """N3: queues every fact recorded since ``since`` again, in archive order; answers how many were queued.

    The pause is durable, so a crash half-way leaves the relay resting, never sending out of order; calling
    again completes the work. Raises :class:`TooFarBack` beyond ``INBOX_RETENTION_DAYS``.
    """
    if since < now - timedelta(days=INBOX_RETENTION_DAYS):
        raise TooFarBack(days=INBOX_RETENTION_DAYS)
    await set_paused(sessions, True, f"republish since {since.isoformat()}")
    async with sessions.begin() as session:
        await session.execute(LOCK_OUT_RELAY)
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        result = cast("CursorResult[Any]", await session.execute(QUEUE_AGAIN, {"since": since}))
    await set_paused(sessions, False, None)
    return result.rowcount
