"""From the commit in one service to the commit of its effect in another, at 100 facts a second.

Outlets are changed over staffing's REST; ticketing keeps a register of them. Both instants are the
database's own commit time stamps (``track_commit_timestamp``), so nothing is estimated. The peer, measured
in the same run, is the client library alone: send to receive on the same broker at the same rate.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.report import Result, conclude, console, show_environment, show_table
from deploy.devstack.stack import Stack

RATE = 100
OUTLETS = 25
LIMIT_P99_MS = 100.0
PAYLOAD = b"x" * 600
TOPIC = "ticketing.counters.v1"
DAY = {"opens": "00:00", "closes": "23:59"}

LATENCIES = """
SELECT id::text, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM fact WHERE recorded_at >= %s
"""
EFFECTS = """
SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM inbox WHERE source = '/staffing'
"""


def outlet(code: str, name: str) -> dict[str, Any]:
    """The body of an outlet."""
    calendar = {"timezone": "Asia/Shanghai", "cutover_hour": 0, "week": [DAY] * 7, "exceptions": {}}
    return {
        "code": code,
        "name": name,
        "outlet_class": "A",
        "grade": 10,
        "capabilities": ["cash"],
        "calendar": calendar,
    }


async def write(stack: Stack, run: str, seconds: float) -> None:
    """Changes outlets at ``RATE`` a second, each outlet by one client at a time."""
    secret = stack.users.describe()["planner-1"]
    async with httpx.AsyncClient(base_url=stack.url("staffing"), trust_env=False, timeout=10) as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": "planner-1",
            "client_secret": secret["client_secret"],
        }
        token = (await client.post(f"{stack.url('issuer')}/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        gap = OUTLETS / RATE

        async def change(number: int) -> None:
            code = f"{run}-{number}"
            made = await client.post(
                "/v1/outlets", json=outlet(code, code), headers={"Idempotency-Key": code}
            )
            made.raise_for_status()
            path, tag = made.headers["Location"], made.headers["ETag"]
            due = time.monotonic() + gap * number / OUTLETS
            for step in range(int(seconds / gap)):
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due += gap
                body = outlet(code, f"{code} {step}")
                del body["code"]
                answer = await client.put(path, json=body, headers={"If-Match": tag})
                answer.raise_for_status()
                tag = answer.headers["ETag"]

        await asyncio.gather(*(change(number) for number in range(OUTLETS)))


async def peer(bootstrap: str, seconds: float) -> list[float]:
    """Milliseconds from send to receive of the client library alone, at the same rate."""
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="latest")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await consumer.start()
    await producer.start()
    await consumer.seek_to_end()
    number = int(seconds * RATE)
    found: list[float] = []

    async def receive() -> None:
        while len(found) < number:
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                found.extend((time.time() - float(message.key or b"0")) * 1000 for message in messages)

    receiving = asyncio.create_task(receive())
    due = time.monotonic()
    for _ in range(number):
        await producer.send(TOPIC, PAYLOAD, key=str(time.time()).encode())
        due += 1 / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await asyncio.wait_for(receiving, 30)
    await producer.stop()
    await consumer.stop()
    return found


def latencies(stack: Stack, since: float) -> list[float]:
    """Milliseconds between the two commits of every fact recorded since; waits until all have arrived."""
    deadline = time.monotonic() + 60
    while True:
        with psycopg.connect(stack.postgres.dsn("staffing")) as source:
            begun = source.execute("SELECT to_timestamp(%s)", [since]).fetchone()
            assert begun is not None
            facts: dict[str, Any] = dict(source.execute(LATENCIES, [begun[0]]).fetchall())
        with psycopg.connect(stack.postgres.dsn("ticketing")) as sink:
            effects: dict[str, Any] = dict(sink.execute(EFFECTS).fetchall())
        if facts.keys() <= effects.keys() or time.monotonic() > deadline:
            return [float(effects[key] - at) * 1000 for key, at in facts.items()]
        time.sleep(0.2)


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of all values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Runs the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    seconds = options.parse_args().seconds
    show_environment()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), services=("staffing", "ticketing"))
        stack.start()
        try:
            with psycopg.connect(stack.postgres.dsn(), autocommit=True) as server:
                server.execute("ALTER SYSTEM SET track_commit_timestamp = on")
            stack.restart_postgres()
            for name in stack.names:
                stack.restart(name)
            begun = time.time()
            asyncio.run(write(stack, "WARM", 2))
            # A killed consumer holds its partitions until its session ends: all of them must flow again.
            latencies(stack, begun)
            since = time.time()
            asyncio.run(write(stack, "BENCH", seconds))
            ours = latencies(stack, since)
            raw = asyncio.run(peer(stack.kafka.bootstrap, min(seconds, 10)))
            kind = stack.kafka.kind
        finally:
            stack.stop()
    rows = [
        (name, f"{len(values)}", *(f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99, 1)))
        for name, values in (("commit to effect", ours), ("client library alone", raw))
    ]
    show_table(f"{RATE} facts a second, Kafka: {kind} (ms)", ("", "facts", "p50", "p95", "p99", "max"), rows)
    console.print(f"median over the peer's median: {statistics.median(ours) / statistics.median(raw):.1f}")
    worst = percentile(ours, 0.99)
    conclude(
        Result(
            name="fact_latency_p99",
            value=round(worst, 2),
            unit="ms",
            against="limit",
            reference=LIMIT_P99_MS,
            ratio=round(worst / LIMIT_P99_MS, 3),
            goal="<= 1.0",
            met=worst <= LIMIT_P99_MS,
            processes=2,
            server_cpu_ms=None,
        )
    )


if __name__ == "__main__":
    main()
