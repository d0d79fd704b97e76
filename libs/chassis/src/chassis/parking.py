"""What an operator does with parked facts (N2): list, show, release in order, drop with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.clock import Clock
from chassis.inbox import Inbox, Record, react
from chassis.outbox import committed

LIST_MAX = 200

LIST = text("SELECT * FROM parked ORDER BY topic, key, position LIMIT :limit")
SHOW = text("SELECT * FROM parked WHERE position = :position")
LOCK_KEY = text("SELECT 1 FROM parked_key WHERE topic = :topic AND key = :key FOR UPDATE")
OF_KEY = text("SELECT * FROM parked WHERE topic = :topic AND key = :key ORDER BY position LIMIT 100")
KEYLESS = text("DELETE FROM parked WHERE position = :position AND key IS NULL RETURNING *")
DELETE = text("DELETE FROM parked WHERE position = :position")
UNLOCK_KEY = text("DELETE FROM parked_key WHERE topic = :topic AND key = :key")
KEEP_DROPPED = text("""
INSERT INTO parked_dropped (position, topic, key, headers, value, reason)
SELECT position, topic, key, headers, value, :reason FROM parked WHERE position = :position
""")


@dataclass(frozen=True)
class Released:
    """How a release went: facts taken, and why it stopped, if it did."""

    taken: int
    stopped_at: int | None
    reason: str | None


async def list_parked(session: AsyncSession) -> Sequence[Row[Any]]:
    """The first ``LIST_MAX`` parked facts, key by key, in their order."""
    return (await session.execute(LIST, {"limit": LIST_MAX})).all()


async def show(session: AsyncSession, position: int) -> Row[Any] | None:
    """One parked fact with its headers and value."""
    return (await session.execute(SHOW, {"position": position})).one_or_none()


async def release(
    sessions: async_sessionmaker[AsyncSession], clock: Clock, inbox: Inbox, topic: str, key: str
) -> Released:
    """N2: takes the key's parked facts in order, in one transaction that holds the key's row.

    Their inbox rows stand since they were parked, so no claim is made. Newcomers wait for the row; whoever
    was parked before it was ours is found by looking again. The first failure stops the release: what was
    taken stays taken, the rest stays parked.
    """
    taken = 0
    async with sessions.begin() as session:
        await session.execute(LOCK_KEY, {"topic": topic, "key": key})
        while rows := (await session.execute(OF_KEY, {"topic": topic, "key": key})).all():
            for row in rows:
                try:
                    await _take(session, clock, inbox, row)
                except Exception as error:  # whatever the reaction raises, the operator is told
                    return Released(taken, row.position, repr(error))
                taken += 1
        await session.execute(UNLOCK_KEY, {"topic": topic, "key": key})
    committed(session)
    return Released(taken, None, None)


async def release_keyless(
    sessions: async_sessionmaker[AsyncSession], clock: Clock, inbox: Inbox, position: int
) -> Released:
    """N2: takes one parked fact that has no key."""
    async with sessions.begin() as session:
        try:
            async with session.begin_nested():
                row = (await session.execute(KEYLESS, {"position": position})).one_or_none()
                if row is None:
                    return Released(0, position, "no parked fact without a key at this position")
                await _react(session, clock, inbox, row)
        except Exception as error:  # whatever the reaction raises, the operator is told
            return Released(0, position, repr(error))
    committed(session)
    return Released(1, None, None)


async def drop(sessions: async_sessionmaker[AsyncSession], position: int, reason: str) -> bool:
    """Gives a parked fact up for good, keeping its content and the reason; frees its key if it was the
    last.
    """
    async with sessions.begin() as session:
        row = (await session.execute(SHOW, {"position": position})).one_or_none()
        if row is None:
            return False
        if row.key is not None:
            await session.execute(LOCK_KEY, {"topic": row.topic, "key": row.key})
        await session.execute(KEEP_DROPPED, {"position": position, "reason": reason})
        await session.execute(DELETE, {"position": position})
        if (
            row.key is not None
            and not (await session.execute(OF_KEY, {"topic": row.topic, "key": row.key})).all()
        ):
            await session.execute(UNLOCK_KEY, {"topic": row.topic, "key": row.key})
    return True


async def _take(session: AsyncSession, clock: Clock, inbox: Inbox, row: Row[Any]) -> None:
    async with session.begin_nested():
        await _react(session, clock, inbox, row)
        await session.execute(DELETE, {"position": row.position})


async def _react(session: AsyncSession, clock: Clock, inbox: Inbox, row: Row[Any]) -> None:
    record = Record(row.topic, row.partition, row.offset, row.key, row.headers, row.value)
    await react(session, clock, inbox.subscriptions[row.topic].reactions[record.type], [record])
