"""What is consumed, and that each fact changes us exactly once (N1, N2, N4).

N1  The inbox row ``(consumer, source, id)``, the effect and the partition's position commit together.
N2  A poison fact is parked in our own database, later facts of its key behind it. ``parked_key`` is the
    lock: consumers read it FOR SHARE; a release (``chassis.parking``) takes it FOR UPDATE and deletes it
    last. A fact without a key blocks nobody. A transient failure never parks.
N4  There is no order between topics: a reaction to a fact about something unknown keeps it as unmatched,
    it never raises.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import register, traces
from chassis.clock import Clock
from chassis.errors import Conflict, Invalid, Malformed, NotFound, ServiceError, Unavailable
from chassis.outbox import causation_id, correlation_id

M = TypeVar("M", bound=BaseModel)

#: N3: every consumer keeps inbox rows at least this long; republish refuses an older instant.
INBOX_RETENTION_DAYS = 35


class Consumed(BaseModel):
    """Base of tolerant input models: only the fields we use, everything else ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True)
class Record:
    """One record as read from a topic."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: Mapping[str, str]
    value: bytes

    @property
    def type(self) -> str:
        """``ce_type``, empty where the record carries none."""
        return self.headers.get("ce_type", "")

    @property
    def identity(self) -> tuple[str, str]:
        """``(source, id)``; a record without an id is known by where it stands."""
        source = self.headers.get("ce_source", f"kafka:{self.topic}")
        return source, self.headers.get("ce_id", f"{self.topic}/{self.partition}/{self.offset}")

    @property
    def seq(self) -> int:
        """S1: the producer's archive ``seq``; 0 where the producer names none (foreign systems)."""
        given = self.headers.get("ce_archiveseq", "0")
        return int(given) if given.isdecimal() else 0


@dataclass(frozen=True)
class Received(Generic[M]):
    """A fact as its reaction sees it."""

    id: str
    source: str
    type: str
    key: str | None
    sequence: int
    occurred_at: datetime
    data: M


@dataclass(frozen=True)
class Reaction(Generic[M]):
    """What is done about facts of one type: the model that reads them, the use case that takes them."""

    model: type[M]
    handle: Callable[[AsyncSession, Clock, Received[M]], Awaitable[None]]


@dataclass(frozen=True)
class Together(Generic[M]):
    """The same for facts whose effects do not look at each other: those that follow each other in a batch
    are taken in one statement. Such a reaction records no fact: it would not know which one caused it.
    """

    model: type[M]
    handle: Callable[[AsyncSession, Clock, Sequence[Received[M]]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A consumed topic: its reactions by ``ce_type``; other types on it are passed over.

    ``register``: decisions of ours rest on it, so it must be fresh (S1). ``accepted``: the topic belongs
    to another bank system and its schema is published by us under ``contracts/accepted/``.
    """

    topic: str
    reactions: Mapping[str, Reaction[Any] | Together[Any]]
    register: bool = False
    accepted: bool = False


class Poison(Exception):
    """The fact can never be taken as it is."""


PERMANENT = (ValidationError, Poison, Invalid, Malformed, NotFound, Conflict)


def received(record: Record, model: type[M]) -> Received[M]:
    """The record as its reaction sees it; raises ``ValidationError`` or :class:`Poison`."""
    try:
        data = json.loads(record.value)
        sequence = int(record.headers.get("ce_sequence", "0"))
        given = record.headers.get("ce_time")
        occurred_at = datetime.fromisoformat(given) if given else datetime.fromtimestamp(0, UTC)
    except ValueError as error:
        raise Poison(f"unreadable: {error}") from error
    if occurred_at.tzinfo is None:
        raise Poison("ce_time carries no zone")
    source, identity = record.identity
    read = model.model_validate(data)
    return Received(identity, source, record.type, record.key, sequence, occurred_at.astimezone(UTC), read)


async def react(
    session: AsyncSession, clock: Clock, reaction: Reaction[M] | Together[M], records: Sequence[Record]
) -> None:
    """Takes facts of one type in their order; each is the cause of whatever its reaction records."""
    if isinstance(reaction, Together):
        with traces.reactions(records):
            await reaction.handle(session, clock, [received(record, reaction.model) for record in records])
        return
    for record in records:
        fact = received(record, reaction.model)
        correlation = correlation_id.set(record.headers.get("ce_correlationid"))
        causation = causation_id.set(fact.id)
        try:
            with traces.reactions([record]):
                await reaction.handle(session, clock, fact)
        finally:
            correlation_id.reset(correlation)
            causation_id.reset(causation)


CLAIM = text("""
INSERT INTO inbox (consumer, source, id)
SELECT :consumer, f.source, f.id
FROM unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS f (source, id)
ON CONFLICT DO NOTHING
RETURNING source, id
""")
PARKED_KEYS = text(
    "SELECT key FROM parked_key WHERE topic = :topic AND key = ANY(CAST(:keys AS text[])) FOR SHARE"
)
PARK_KEY = text("INSERT INTO parked_key (topic, key) VALUES (:topic, :key) ON CONFLICT DO NOTHING")
PARK = text("""
INSERT INTO parked (consumer, topic, partition, "offset", key, headers, value, reason, attempts)
VALUES (:consumer, :topic, :partition, :offset, :key, CAST(:headers AS jsonb), :value, :reason, :attempts)
""")
ADVANCE = text("""
INSERT INTO consumer_position AS p (consumer, topic, partition, next_offset, seq)
VALUES (:consumer, :topic, :partition, :next_offset, :seq)
ON CONFLICT (consumer, topic, partition) DO UPDATE
SET next_offset = GREATEST(p.next_offset, excluded.next_offset), seq = GREATEST(p.seq, excluded.seq)
""")


async def park(
    session: AsyncSession, consumer: str, record: Record, reason: str, attempts: int, *, block: bool
) -> None:
    """N2: keeps the fact for the operator; with ``block``, later facts of its key queue behind it."""
    if block and record.key is not None:
        await session.execute(PARK_KEY, {"topic": record.topic, "key": record.key})
    await session.execute(
        PARK,
        {
            "consumer": consumer,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "headers": json.dumps(dict(record.headers)),
            "value": record.value,
            "reason": reason[:500],
            "attempts": attempts,
        },
    )


BEHIND = "behind a parked fact of its key"


@dataclass(frozen=True)
class Inbox:
    """The consuming side of one service: its group name and its subscriptions."""

    consumer: str
    subscriptions: Mapping[str, Subscription]

    async def take(self, session: AsyncSession, clock: Clock, records: Sequence[Record]) -> int:
        """N1: records of ONE partition, in order, in the caller's transaction; answers how many were new.

        Raises whatever a reaction raises: the caller rolls back and goes one by one.
        """
        facts = [record for record in records if not await self._beat(session, record)]
        wanted = [record for record in facts if record.type in self._reactions(record.topic)]
        claimed = await self._claim(session, wanted)
        parked = await self._parked_keys(session, claimed)
        for is_parked, type_, group in runs(claimed, parked):
            if is_parked:
                for record in group:
                    await park(session, self.consumer, record, BEHIND, 0, block=False)
            else:
                await react(session, clock, self._reactions(group[0].topic)[type_], group)
        await self.advance(session, records)
        return len(claimed)

    async def park_one(self, session: AsyncSession, record: Record, reason: str, attempts: int) -> None:
        """N2: parks one poison fact with its inbox row and position, in the caller's transaction."""
        if await self._claim(session, [record]):
            await park(session, self.consumer, record, reason, attempts, block=True)
        await self.advance(session, [record])

    async def advance(self, session: AsyncSession, records: Sequence[Record]) -> None:
        """Notes how far the records' partition has been consumed (offset, and S1's archive seq)."""
        last = records[-1]
        await session.execute(
            ADVANCE,
            {
                "consumer": self.consumer,
                "topic": last.topic,
                "partition": last.partition,
                "next_offset": last.offset + 1,
                "seq": max(record.seq for record in records),
            },
        )

    def _reactions(self, topic: str) -> Mapping[str, Reaction[Any] | Together[Any]]:
        return self.subscriptions[topic].reactions

    async def _beat(self, session: AsyncSession, record: Record) -> bool:
        if record.type != register.HEARTBEAT_TYPE:
            return False
        if self.subscriptions[record.topic].register:
            await register.note(session, record.topic, record.partition, record.value)
        return True

    async def _claim(self, session: AsyncSession, records: Sequence[Record]) -> list[Record]:
        """The records that this consumer has not taken yet, each once, in their order."""
        first: dict[tuple[str, str], Record] = {}
        for record in records:
            first.setdefault(record.identity, record)
        if not first:
            return []
        parameters = {
            "consumer": self.consumer,
            "sources": [source for source, _ in first],
            "ids": [identity for _, identity in first],
        }
        new = {(row.source, row.id) for row in await session.execute(CLAIM, parameters)}
        return [record for identity, record in first.items() if identity in new]

    async def _parked_keys(self, session: AsyncSession, records: Sequence[Record]) -> set[str]:
        keys = sorted({record.key for record in records if record.key is not None})
        if not keys:
            return set()
        parameters = {"topic": records[0].topic, "keys": keys}
        return {row.key for row in await session.execute(PARKED_KEYS, parameters)}


def runs(records: Sequence[Record], parked: Collection[str]) -> Iterator[tuple[bool, str, list[Record]]]:
    """The records in their order, cut where the type changes or a key is parked: (parked, type, records)."""
    for (is_parked, type_), group in groupby(records, lambda one: (one.key in parked, one.type)):
        yield is_parked, type_, list(group)


def is_permanent(error: BaseException) -> bool:
    """Whether repeating can never help: unreadable, fails our model, or a rule that is final."""
    if isinstance(error, Unavailable):
        return False
    return isinstance(error, PERMANENT) or (isinstance(error, ServiceError) and error.status < 500)
