"""Facts a second through the relay and through a consumer, each against the client library alone.

The peers do the same work with the library and the driver, and promise nothing: one sends what is in memory;
one reads, keeps the same rows in one statement for a batch and commits its places at the broker. Ours read
the archive and delete what was acknowledged; take inbox rows, effects and place in one transaction. What the
library reads and throws away is shown beside it.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.report import Result, conclude, console, show_environment, show_table
from benchmarks.scale_out import EXAMPLE, TOPIC, TYPE, send
from chassis.events import cloud_headers
from deploy.devstack.stack import Stack

GOAL_RATIO = 0.5
PATIENCE_SECONDS = 120.0
#: What a service reads at a time (WANGDIAN_CONSUMER_BATCH).
BATCH = 200
PLACES = """
SELECT coalesce(sum(next_offset), 0)::bigint FROM consumer_position
WHERE consumer = 'staffing' AND topic = 'ticketing.tickets.v1'
"""
KEEP = """
INSERT INTO peer_tickets (ticket_id, outlet_id, business_date, employee_id, service_seconds)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
#: The archive and the outbox as a burst of commits would have left them, with the relay paused meanwhile.
BURST = """
WITH archived AS (
    INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data)
    SELECT gen_random_uuid(), %(type)s, %(topic)s, gen_random_uuid()::text, 4, clock_timestamp(), %(data)s
    FROM generate_series(1, %(facts)s)
    RETURNING seq, recorded_at
)
INSERT INTO outbox SELECT seq, recorded_at FROM archived
"""


def relayed(stack: Stack, facts: int) -> float:
    """Facts a second from the end of a pause until the outbox is empty."""
    data = json.dumps(json.loads(EXAMPLE.read_text(encoding="utf-8")))
    with psycopg.connect(stack.postgres.dsn("ticketing"), autocommit=True) as database:
        database.execute("UPDATE relay_control SET paused = true")
        database.execute(BURST.encode(), {"type": TYPE, "topic": TOPIC, "data": data, "facts": facts})
        database.execute("ANALYZE outbox")
        begun = time.monotonic()
        database.execute("UPDATE relay_control SET paused = false")
        wait(database, "SELECT NOT EXISTS (SELECT FROM outbox)", True)
    return facts / (time.monotonic() - begun)


def wait(database: "psycopg.Connection[tuple[object, ...]]", statement: str, value: object) -> None:
    """Waits, bounded, until a statement answers the value."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while database.execute(statement.encode()).fetchone() != (value,):
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {PATIENCE_SECONDS:.0f} s: {statement}")
        time.sleep(0.01)


async def sent_alone(bootstrap: str, facts: int) -> float:
    """What the library sends of such records with the relay's settings, waiting for every 500 of them."""
    value = EXAMPLE.read_bytes()
    records = [(str(uuid4()).encode(), headers_of(place)) for place in range(facts)]
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=1, compression_type="lz4"
    )
    await producer.start()
    try:
        begun = time.monotonic()
        for first in range(0, facts, 500):
            sends = [
                await producer.send(TOPIC, value, key=key, headers=headers)
                for key, headers in records[first : first + 500]
            ]
            await asyncio.gather(*sends)
        return facts / (time.monotonic() - begun)
    finally:
        await producer.stop()


def headers_of(place: int) -> list[tuple[str, bytes]]:
    """What a record of the relay carries."""
    key = str(uuid4())
    headers = cloud_headers(
        source="ticketing",
        identity=str(uuid4()),
        type_=TYPE,
        key=key,
        time=datetime.now(UTC),
        sequence=4,
        seq=place,
    )
    return [(name, text.encode()) for name, text in headers.items()]


def taken(stack: Stack, facts: int) -> float:
    """Facts a second that staffing takes, from its start at a topic that holds them until the last effect."""
    stack.kill("staffing")
    with psycopg.connect(stack.postgres.dsn("staffing"), autocommit=True) as database:
        before = places(database)
        asyncio.run(send(stack.kafka.bootstrap, facts))
        stack.restart("staffing")
        # Joining its group takes a consumer seconds, however fast it is: counted from the first effect on.
        while (first := places(database)) == before:
            time.sleep(0.002)
        begun, ends = time.monotonic(), ends_of(stack)
        wait(database, PLACES, ends)
        return float(ends - first) / (time.monotonic() - begun)


def places(database: "psycopg.Connection[tuple[object, ...]]") -> int:
    """How far staffing has come, all partitions together: a look that costs nothing beside the work."""
    row = database.execute(PLACES.encode()).fetchone()
    return int(str(row[0])) if row else 0


def ends_of(stack: Stack) -> int:
    """Where the topic ends, all partitions together."""

    async def asked() -> int:
        consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=stack.kafka.bootstrap)
        await consumer.start()
        try:
            return sum((await consumer.end_offsets(consumer.assignment())).values())
        finally:
            await consumer.stop()

    return asyncio.run(asked())


async def kept_alone(stack: Stack) -> float:
    """What the library reads of the same topic and the driver keeps, batch by batch."""
    kept = await asyncpg.connect(stack.postgres.dsn("staffing"))
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=stack.kafka.bootstrap,
        group_id=f"peer-{uuid4()}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await kept.execute("DROP TABLE IF EXISTS peer_tickets")
    await kept.execute("CREATE TABLE peer_tickets (LIKE served_tickets INCLUDING ALL)")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        wanted, found, begun = sum(ends.values()), 0, time.monotonic()
        while found < wanted:
            for batch in (await consumer.getmany(timeout_ms=500, max_records=BATCH)).values():
                rows = [row_of(json.loads(record.value)) for record in batch if record.key and record.value]
                async with kept.transaction():
                    await kept.executemany(KEEP, rows)
                await consumer.commit()
                found += len(batch)
        return found / (time.monotonic() - begun)
    finally:
        await consumer.stop()
        await kept.close()


def row_of(data: dict[str, Any]) -> tuple[object, ...]:
    """The row that a completed ticket adds."""
    begun, ended = (datetime.fromisoformat(data[name]) for name in ("started_at", "completed_at"))
    return (
        uuid4(),  # The facts of a run are many of one ticket; the peer looks at none of them.
        UUID(data["outlet_id"]),
        date.fromisoformat(data["business_date"]),
        UUID(data["employee_id"]),
        max(0, int((ended - begun).total_seconds())),
    )


async def read_alone(bootstrap: str) -> float:
    """What the library reads of the same topic, from its beginning to its end, and throws away."""
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        wanted, found, begun = sum(ends.values()), 0, time.monotonic()
        while found < wanted:
            found += sum(map(len, (await consumer.getmany(timeout_ms=500, max_records=2_000)).values()))
        return found / (time.monotonic() - begun)
    finally:
        await consumer.stop()


@dataclass(frozen=True)
class Round:
    """Facts a second of one round, ours and the peer's right after it."""

    relayed: float
    sent_alone: float
    taken: float
    kept_alone: float


def round_of(stack: Stack, facts: int) -> Round:
    """Everybody in turn, so that a machine that becomes slower or faster meanwhile favours nobody."""
    return Round(
        relayed(stack, facts),
        asyncio.run(sent_alone(stack.kafka.bootstrap, facts)),
        taken(stack, facts),
        asyncio.run(kept_alone(stack)),
    )


def main() -> None:
    """Measures and concludes; a first round is not counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        stack = Stack(Path(folder), services=("ticketing", "staffing"))
        stack.start()
        try:
            rounds = [round_of(stack, options.facts) for _ in range(options.rounds + 1)][1:]
            thrown_away = asyncio.run(read_alone(stack.kafka.bootstrap))
        finally:
            stack.stop()
    names = {"relay": ("relayed", "sent_alone"), "consumer": ("taken", "kept_alone")}
    pairs = {
        name: [(float(getattr(one, ours)), float(getattr(one, peer))) for one in rounds]
        for name, (ours, peer) in names.items()
    }
    show_table(
        f"{options.facts} facts: facts a second (the library and the driver alone), ratio",
        ["", *(f"round {number + 1}" for number in range(len(rounds)))],
        [
            [name, *(f"{ours:.0f} ({peer:.0f}) {ours / peer:.2f}" for ours, peer in found)]
            for name, found in pairs.items()
        ],
    )
    console.print(f"the library alone reads and throws away {thrown_away:.0f}/s")
    for name, found in pairs.items():
        ratio = statistics.median(ours / peer for ours, peer in found)
        conclude(
            Result(
                name=f"messaging_{name}",
                value=round(statistics.median(ours for ours, _ in found), 1),
                unit="facts/s",
                against="aiokafka and the driver alone on the same broker and database",
                reference=round(statistics.median(peer for _, peer in found), 1),
                ratio=round(ratio, 3),
                goal=f"ratio >= {GOAL_RATIO}",
                met=ratio >= GOAL_RATIO,
                processes=1,
                server_cpu_ms=None,
            )
        )


if __name__ == "__main__":
    main()
