"""The relay: outbox to broker, one active per service (R2–R4), and the register heartbeats behind it (S1)."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import telemetry, traces
from chassis.cancellation import obey_cancellation
from chassis.clock import Clock
from chassis.db import DATABASE_FAILURES
from chassis.events import cloud_headers, encode, to_json
from chassis.ids import new_id
from chassis.kafka import BrokerError, FactProducer, Outgoing
from chassis.outbox import WakeUp
from chassis.register import HEARTBEAT_TYPE
from chassis.settings import Settings

log = structlog.get_logger()

LOST_LOCK_RETRY_SECONDS = 0.01
LOST_LOCK_RETRIES_MAX = 100
BACKOFF_SECONDS_MAX = 2.0
STOP_PASS_SECONDS_MAX = 3.0

BEGIN = text("""
SELECT pg_try_advisory_xact_lock(7107001) AS locked, paused, xmin::text AS control,
       EXISTS (SELECT FROM outbox) AS any_left
FROM relay_control
""")
READ = text("""
SELECT f.seq, f.recorded_at, f.id::text, f.type, f.topic, f.key, f.sequence, f.occurred_at, f.data,
       -- Most facts have none: an empty object of each is not worth decoding.
       nullif(f.headers, '{}') AS headers
FROM (SELECT seq, recorded_at FROM outbox ORDER BY seq LIMIT :batch) o
JOIN fact f ON f.recorded_at = o.recorded_at AND f.seq = o.seq
ORDER BY f.seq
""")
ACKNOWLEDGED = text("""
WITH sent AS (DELETE FROM outbox WHERE seq = ANY(CAST(:acknowledged AS bigint[])))
INSERT INTO relay_position AS p (topic, partition, seq)
SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:seqs AS bigint[]))
ON CONFLICT (topic, partition) DO UPDATE SET seq = GREATEST(p.seq, excluded.seq)
""")
POSITIONS = text("SELECT partition, seq FROM relay_position WHERE topic = :topic")


@dataclass(frozen=True)
class Pass:
    """How one pass went: whether the lock was ours, how many facts were sent, whether all visible ones
    were.
    """

    locked: bool
    sent: int
    drained: bool


@dataclass
class Relay:
    """One service's relay. ``run`` until cancelled; ``finish`` makes the last pass of a stopping process."""

    engine: AsyncEngine
    producer: FactProducer
    clock: Clock
    settings: Settings
    source: str
    registers: tuple[str, ...]
    wake_up: WakeUp
    #: When the next heartbeat is due, by the loop's clock, in seconds.
    _beat_at: float = field(default=0.0)
    #: Which state of ``relay_control`` the producer is younger than.
    _control: str = field(default="")

    async def run(self) -> None:
        """Passes until empty, then waits for a commit of this process, a poll, or the next heartbeat."""
        failures = 0
        while True:
            obey_cancellation()
            try:
                await self._until_empty()
                failures = 0
            except (BrokerError, *DATABASE_FAILURES) as error:
                failures += 1
                log.warning("relay pass failed", error=repr(error)[:300], failures=failures)
                telemetry.RELAY_FAILURES.inc()
                await self.producer.stop()
                await asyncio.sleep(min(BACKOFF_SECONDS_MAX, 0.05 * 2 ** min(failures, 6)))
                continue
            await self.wake_up.wait(self._rest_seconds())

    async def finish(self) -> None:
        """The last pass of a stopping process, bounded; what is left waits for the next relay."""
        if self.producer.started:
            try:
                async with asyncio.timeout(STOP_PASS_SECONDS_MAX):
                    await self._until_empty()
            except (BrokerError, *DATABASE_FAILURES) as error:
                log.warning("last relay pass failed", error=repr(error)[:300])
        await self.producer.stop()

    async def _until_empty(self) -> None:
        retries = 0
        while True:
            done = await self.once()
            if done.drained:
                return
            if not done.locked:
                # Another replica may have read before our commit: look again at once, for a while.
                retries += 1
                if retries > LOST_LOCK_RETRIES_MAX:
                    return
                await asyncio.sleep(LOST_LOCK_RETRY_SECONDS)

    async def once(self) -> Pass:
        """R2–R4: one pass in one transaction. Anything raised rolls back: nothing is lost, some may be
        sent twice.
        """
        async with self.engine.begin() as connection:
            # S1: as_of stands before the look, so whatever was committed by then is among what is seen.
            as_of = self.clock.now()
            seen = (await connection.execute(BEGIN)).one()
            if not seen.locked:
                return Pass(locked=False, sent=0, drained=not seen.any_left)
            if seen.paused:
                return Pass(locked=True, sent=0, drained=True)
            if not self.producer.started or seen.control != self._control:
                await self._connect(seen.control)
            facts = await self._read(connection) if seen.any_left else []
            if facts:
                await self._send(connection, facts)
            drained = len(facts) < self.settings.relay_batch
            if drained and self._beat_due():
                await self._beat(connection, as_of)
            return Pass(locked=True, sent=len(facts), drained=drained)

    async def _connect(self, control: str) -> None:
        """N3: a topic may have been grown while relays were paused, and a key's partition be another one.

        Whoever relays afterwards must know that, also beside a process that was started since: the client
        looks at its topics now and then only, and two that disagree would send a key's facts two ways.
        """
        await self.producer.stop()
        await self.producer.start()
        self._control = control

    async def _read(self, connection: AsyncConnection) -> list[Outgoing]:
        rows = await connection.execute(READ, {"batch": self.settings.relay_batch})
        facts = []
        for seq, recorded_at, identity, type_, topic, key, sequence, occurred_at, data, further in rows:
            headers = cloud_headers(
                source=self.source,
                identity=identity,
                type_=type_,
                key=key,
                time=occurred_at,
                sequence=sequence,
                seq=seq,
            )
            headers |= {f"ce_{name}": str(value) for name, value in (further or {}).items()}
            facts.append(Outgoing(seq, recorded_at, topic, key, headers, data.encode()))
        return facts

    async def _send(self, connection: AsyncConnection, facts: list[Outgoing]) -> None:
        begun = self.clock.now()
        partitions = await self.producer.send(facts, self.settings.relay_pass_seconds_max)
        last: dict[tuple[str, int], int] = {}
        for fact, partition in zip(facts, partitions, strict=True):
            last[fact.topic, partition] = fact.seq
        ordered = sorted(last.items())
        parameters = {
            "acknowledged": [fact.seq for fact in facts],
            "topics": [topic for (topic, _), _ in ordered],
            "partitions": [partition for (_, partition), _ in ordered],
            "seqs": [seq for _, seq in ordered],
        }
        await connection.execute(ACKNOWLEDGED, parameters)
        traces.sent(
            begun,
            self.clock.now(),
            (
                (fact.topic, partition, fact.headers, fact.recorded_at)
                for fact, partition in zip(facts, partitions, strict=True)
            ),
        )
        for type_, number in Counter(fact.headers["ce_type"] for fact in facts).items():
            telemetry.RELAYED.labels(type_).inc(number)
        telemetry.RELAY_AGE.observe(max(0.0, (self.clock.now() - facts[0].recorded_at).total_seconds()))

    def _beat_due(self) -> bool:
        return bool(self.registers) and asyncio.get_running_loop().time() >= self._beat_at

    async def _beat(self, connection: AsyncConnection, as_of: datetime) -> None:
        """S1: every partition of every register hears that all facts visible at ``as_of`` have been sent."""
        for topic in self.registers:
            rows = await connection.execute(POSITIONS, {"topic": topic})
            seqs = {row.partition: row.seq for row in rows}
            partitions = await self.producer.partitions(topic, self.settings.relay_pass_seconds_max)
            await asyncio.gather(
                *(
                    self._beat_one(topic, number, len(partitions), seqs.get(number, 0), as_of)
                    for number in partitions
                )
            )
        self._beat_at = asyncio.get_running_loop().time() + self.settings.heartbeat_seconds

    async def _beat_one(self, topic: str, partition: int, count: int, seq: int, as_of: datetime) -> None:
        beat = {"as_of": as_of, "partition_count": count, "seq": seq}
        headers = cloud_headers(
            source=self.source,
            identity=str(new_id()),
            type_=HEARTBEAT_TYPE,
            key=None,
            time=as_of,
            sequence=0,
            seq=0,
        )
        payload = encode(to_json(beat))
        await self.producer.send_to(topic, partition, headers, payload, self.settings.relay_pass_seconds_max)

    def _rest_seconds(self) -> float:
        rest = self.settings.relay_poll_seconds
        if self.registers:
            rest = min(rest, max(0.0, self._beat_at - asyncio.get_running_loop().time()))
        return max(rest, 0.001)
