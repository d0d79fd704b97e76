"""The consumer loop: records from the broker into the inbox, a partition's records strictly in order (N1,
N2).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis import telemetry
from chassis.cancellation import obey_cancellation
from chassis.clock import Clock
from chassis.db import DATABASE_FAILURES
from chassis.inbox import Inbox, Record, is_permanent
from chassis.kafka import BrokerError
from chassis.outbox import committed
from chassis.record_source import Place, RecordSource

log = structlog.get_logger()

POLL_SECONDS = 0.5
UNEXPECTED_ATTEMPTS_MAX = 5
BACKOFF_SECONDS_MAX = 10.0

NEXT_OFFSETS = text("SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = :consumer")
FORGET = text("DELETE FROM consumer_position WHERE consumer = :consumer AND topic = :topic")


class Transient(Exception):
    """Repeating may help: the partition pauses and goes on from ``offset``; nothing is parked."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset


@dataclass
class Consumer:
    """One service's consumer: takes a partition's batch in one transaction; on failure, one by one."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    inbox: Inbox
    _failures: dict[Place, int] = field(default_factory=dict)
    _resume_at: dict[Place, float] = field(default_factory=dict)

    async def next_offsets(self) -> Mapping[Place, int]:
        """N1: where our database says that partitions go on; left out, what was never read before."""
        async with self.sessions() as session:
            rows = await session.execute(NEXT_OFFSETS, {"consumer": self.inbox.consumer})
            return {Place(row.topic, row.partition): row.next_offset for row in rows}

    async def run(self, source: RecordSource) -> None:
        """Joins, takes what comes, for ever; joins again when the broker or the database fails it."""
        failures = 0
        while True:
            obey_cancellation()
            try:
                await source.start()
                failures = 0
                while True:
                    obey_cancellation()
                    await self._turn(source)
            except (BrokerError, *DATABASE_FAILURES) as error:
                failures += 1
                log.warning("consumer starts again", error=repr(error)[:300], failures=failures)
                await source.stop()
                await asyncio.sleep(min(BACKOFF_SECONDS_MAX, 0.1 * 2 ** min(failures, 7)))

    async def _turn(self, source: RecordSource) -> None:
        now = asyncio.get_running_loop().time()
        for place in [place for place, at in self._resume_at.items() if at <= now]:
            del self._resume_at[place]
            source.resume(place)
        telemetry.OFFSETS_LOST.set(len(source.lost))
        batches = await source.poll(POLL_SECONDS)
        async with source.taking:
            results = await asyncio.gather(
                *(self._take(source, place, batch) for place, batch in batches.items())
            )
        await source.done({place: offset for place, offset in zip(batches, results, strict=True) if offset})

    async def _take(self, source: RecordSource, place: Place, batch: Sequence[Record]) -> int | None:
        """The offset to go on from; a transient failure pauses the partition."""
        try:
            await self.take(batch)
        except Transient as error:
            self._failures[place] = self._failures.get(place, 0) + 1
            delay = min(BACKOFF_SECONDS_MAX, 0.1 * 2 ** min(self._failures[place], 8))
            self._resume_at[place] = asyncio.get_running_loop().time() + delay
            source.retry_from(place, error.offset)
            telemetry.CONSUMER_RETRIES.labels(place.topic).inc()
            log.warning(
                "partition waits", topic=place.topic, partition=place.partition, reason=str(error)[:300]
            )
            return error.offset
        self._failures.pop(place, None)
        return batch[-1].offset + 1

    async def take(self, batch: Sequence[Record]) -> None:
        """N1, T1: the batch of one partition in one transaction if all succeed, else one by one.

        Raises :class:`Transient` with the offset of the first record that has to wait.
        """
        try:
            async with self.sessions.begin() as session:
                new = await self.inbox.take(session, self.clock, batch)
        except Exception as error:
            log.info("batch falls back to one by one", size=len(batch), error=repr(error)[:300])
        else:
            committed(session)
            self._count(batch[0].topic, len(batch), new)
            return
        for record in batch:
            await self._take_one(record)

    async def _take_one(self, record: Record) -> None:
        for attempt in range(1, UNEXPECTED_ATTEMPTS_MAX + 1):
            try:
                async with self.sessions.begin() as session:
                    new = await self.inbox.take(session, self.clock, [record])
            except DATABASE_FAILURES as error:
                if not _is_data_error(error):
                    raise Transient(record.offset, repr(error)) from error
                reason, permanent = repr(error), True
            except Exception as error:
                reason, permanent = repr(error), is_permanent(error)
            else:
                committed(session)
                self._count(record.topic, 1, new)
                return
            if permanent or attempt == UNEXPECTED_ATTEMPTS_MAX:
                await self._park(record, reason, attempt)
                return

    async def _park(self, record: Record, reason: str, attempts: int) -> None:
        log.error(
            "fact parked",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            fact=record.identity[1],
            reason=reason[:300],
        )
        telemetry.PARKED.labels(record.topic).inc()
        try:
            async with self.sessions.begin() as session:
                await self.inbox.park_one(session, record, reason, attempts)
        except DATABASE_FAILURES as error:
            raise Transient(record.offset, repr(error)) from error

    def _count(self, topic: str, read: int, new: int) -> None:
        telemetry.CONSUMED.labels(topic).inc(new)
        telemetry.DUPLICATES.labels(topic).inc(read - new)


async def forget_positions(session: AsyncSession, consumer: str, topic: str) -> None:
    """N3: after a broker was wiped and its facts were sent again, the topic is read from its beginning
    once more.

    The inbox drops what it knows; S1's ``seq`` starts at 0, so a register stays stale until the facts are
    back.
    """
    await session.execute(FORGET, {"consumer": consumer, "topic": topic})


def _is_data_error(error: BaseException) -> bool:
    """Integrity (23…) and data (22…) errors come from the fact itself; everything else of the database is
    transient.
    """
    original = getattr(error, "orig", None)
    state = getattr(original, "sqlstate", None) or getattr(
        getattr(original, "__cause__", None), "sqlstate", None
    )
    return isinstance(state, str) and state[:2] in ("22", "23")
