"""Registers that others decide on, and whether ours of a foreign one is fresh (S1).

A producer sends a heartbeat every second to every partition of a register's topic, after it has drained
all outbox rows visible at ``as_of``. It carries ``as_of``, the topic's partition count, and the archive
``seq`` of the last fact acknowledged on that partition. It is neither archived nor in the inbox.

The register is fresh when every partition has a heartbeat that is not older than the limit and not in the
future, the consumer has that ``seq``, and no fact of the topic is parked. Anything else fails closed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import BigInteger, Boolean, Integer, String, column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Instant
from chassis.reads import Found, Read, Reads
from chassis.settings import Settings

HEARTBEAT_TYPE = "wangdian.register.heartbeat.v1"

#: Clocks of two hosts under NTP; a heartbeat further ahead than this is in the future.
CLOCK_SKEW_SECONDS_MAX = 1.0


class Heartbeat(BaseModel):
    """The payload of a register heartbeat."""

    as_of: AwareDatetime
    partition_count: int = Field(ge=1)
    seq: int = Field(ge=0)


NOTE = text("""
INSERT INTO register_heartbeat AS h (topic, partition, partition_count, as_of, seq)
VALUES (:topic, :partition, :partition_count, :as_of, :seq)
ON CONFLICT (topic, partition) DO UPDATE
SET partition_count = excluded.partition_count, as_of = excluded.as_of, seq = excluded.seq
WHERE h.as_of <= excluded.as_of
""")
_state = text("""
SELECT CAST(:topic AS text) AS topic, count(*) AS heard,
       coalesce(max(h.partition_count), 0) AS partitions, min(h.as_of) AS oldest, max(h.as_of) AS newest,
       coalesce(bool_and(coalesce(p.seq, 0) >= h.seq), false) AS caught_up,
       EXISTS (SELECT FROM parked WHERE topic = :topic) AS parked
FROM register_heartbeat h
LEFT JOIN LATERAL (
    SELECT max(c.seq) AS seq FROM consumer_position c WHERE c.topic = h.topic AND c.partition = h.partition
) p ON true
WHERE h.topic = :topic AND h.partition < h.partition_count
""").columns(
    column("topic", String),
    column("heard", BigInteger),
    column("partitions", Integer),
    column("oldest", Instant),
    column("newest", Instant),
    column("caught_up", Boolean),
    column("parked", Boolean),
)


@dataclass(frozen=True, kw_only=True)
class RegisterState:
    """What we have heard of a register: of how many partitions, since when, and whether all of it is ours."""

    topic: str
    heard: int
    partitions: int
    oldest: datetime | None
    newest: datetime | None
    caught_up: bool
    parked: bool

    def fresh(self, now: datetime, settings: Settings) -> bool:
        """S1: whether decisions may rest on our copy of the register at ``now``."""
        if not self.heard or self.heard != self.partitions or self.parked or not self.caught_up:
            return False
        # Something was heard.
        assert self.oldest is not None
        assert self.newest is not None
        oldest_allowed = now - timedelta(seconds=settings.register_fresh_seconds)
        newest_allowed = now + timedelta(seconds=CLOCK_SKEW_SECONDS_MAX)
        return oldest_allowed <= self.oldest and self.newest <= newest_allowed


#: The register of ``topic``.
STATE = Read(RegisterState, select(_state.subquery()), by="topic")

_STATE = Reads(STATE)


async def note(session: AsyncSession, topic: str, partition: int, value: bytes) -> None:
    """Keeps the newest heartbeat of a partition."""
    beat = Heartbeat.model_validate_json(value)
    await session.execute(
        NOTE,
        {
            "topic": topic,
            "partition": partition,
            "partition_count": beat.partition_count,
            "as_of": beat.as_of,
            "seq": beat.seq,
        },
    )


async def register_fresh(session: AsyncSession, topic: str, now: datetime, settings: Settings) -> bool:
    """S1: whether decisions may rest on our copy of the register at ``now``."""
    return is_fresh(await _STATE.read(session, topic=topic), topic, now, settings)


def is_fresh(found: Found, topic: str, now: datetime, settings: Settings) -> bool:
    """S1: the same, of what :data:`STATE` found of the topic."""
    (state,) = found.of(STATE, topic)
    return state.fresh(now, settings)
