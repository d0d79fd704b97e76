"""Facts a second through the relay and through a consumer, each against the client library alone.

The peers do what the library does without any promise: send what is in memory, read and throw away. Ours read
the archive and delete what was acknowledged; take inbox row, effect and place in one transaction.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.report import Result, conclude, console, show_environment, show_table
from benchmarks.scale_out import EXAMPLE, TOPIC, TYPE, send
from deploy.devstack.stack import Stack

GOAL_RATIO = 0.5
PATIENCE_SECONDS = 120.0
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
    """What the library sends with the relay's settings, each pass waiting for its acknowledgements."""
    value, key = EXAMPLE.read_bytes(), b"0190d3b0-0000-7000-8000-000000000001"
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=1, compression_type="lz4"
    )
    await producer.start()
    try:
        begun = time.monotonic()
        for first in range(0, facts, 500):
            sends = [
                await producer.send(TOPIC, value, key=key) for _ in range(first, min(first + 500, facts))
            ]
            await asyncio.gather(*sends)
        return facts / (time.monotonic() - begun)
    finally:
        await producer.stop()


def taken(stack: Stack, facts: int) -> float:
    """Facts a second that staffing takes, from its start at a topic that holds them until the last effect."""
    stack.kill("staffing")
    with psycopg.connect(stack.postgres.dsn("staffing"), autocommit=True) as database:
        before = database.execute("SELECT count(*) FROM served_tickets").fetchone()
        assert before is not None
        asyncio.run(send(stack.kafka.bootstrap, facts))
        stack.restart("staffing")
        # Joining its group takes a consumer seconds, however fast it is: counted from the first effect on.
        first = before
        while first == before:
            first = database.execute("SELECT count(*) FROM served_tickets").fetchone() or before
        begun = time.monotonic()
        wait(database, "SELECT count(*) FROM served_tickets", before[0] + facts)
        return float(before[0] + facts - first[0]) / (time.monotonic() - begun)


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


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=10_000)
    facts = parser.parse_args().facts
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        begun = time.monotonic()
        stack = Stack(Path(folder), services=("ticketing", "staffing"))
        stack.start()
        started = time.monotonic() - begun
        try:
            ours = relayed(stack, facts), taken(stack, facts)
            peers = (
                asyncio.run(sent_alone(stack.kafka.bootstrap, facts)),
                asyncio.run(read_alone(stack.kafka.bootstrap)),
            )
        finally:
            stack.stop()
    show_table(
        f"{facts} facts",
        ["", "ours", "the library alone", "ratio"],
        [
            [name, f"{one:.0f}/s", f"{peer:.0f}/s", f"{one / peer:.2f}"]
            for name, one, peer in zip(("relay", "consumer"), ours, peers, strict=True)
        ],
    )
    console.print(f"two services, broker and database from nothing to ready: {started:.1f} s")
    for name, one, peer in zip(("relay", "consumer"), ours, peers, strict=True):
        conclude(
            Result(
                name=f"messaging_{name}",
                value=round(one, 1),
                unit="facts/s",
                against="aiokafka alone on the same broker",
                reference=round(peer, 1),
                ratio=round(one / peer, 3),
                goal=f"ratio >= {GOAL_RATIO}",
                met=one / peer >= GOAL_RATIO,
                processes=1,
                server_cpu_ms=None,
            )
        )


if __name__ == "__main__":
    main()
