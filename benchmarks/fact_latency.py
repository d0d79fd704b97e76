"""From the commit in one service to the commit of its effect in another, at 100 facts a second.

Outlets are changed over staffing's REST; ticketing keeps a register of them. Both instants are the
database's own commit time stamps (``track_commit_timestamp``), so nothing is estimated. The peer, measured
in the same run, is the client library alone: send to receive on the same broker at the same rate.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.report import Result, conclude, console, show_environment, show_table
from deploy.devstack.ports import LOOPBACK
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


class Connection:
    """A keep-alive connection that costs little beside what it measures: one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._head = (
            f"Host: {LOOPBACK}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        )

    async def ask(self, request: str, body: dict[str, Any], **headers: str) -> dict[str, str]:
        """The headers of the answer, names in lower case; raises ``SystemExit`` where it is no success."""
        content = json.dumps(body)
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"{request} HTTP/1.1\r\n{self._head}{more}Content-Length: {len(content)}\r\n\r\n"
        self._writer.write((head + content).encode())
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        found = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        answer = await self._reader.readexactly(int(found["content-length"]))
        if status.split()[1] not in ("200", "201"):
            raise SystemExit(f"{request}: {status} {answer.decode()}")
        return found

    def close(self) -> None:
        """Ends the connection."""
        self._writer.close()


async def write(stack: Stack, run: str, seconds: float) -> None:
    """Changes outlets at ``RATE`` a second, each outlet over a connection of its own."""
    async with httpx.AsyncClient(trust_env=False) as client:
        secret = str(stack.users.describe()["planner-1"]["client_secret"])
        form = {"grant_type": "client_credentials"}
        answer = await client.post(f"{stack.url('issuer')}/token", data=form, auth=("planner-1", secret))
    token = answer.raise_for_status().json()["access_token"]
    gap = OUTLETS / RATE
    begun = time.monotonic()

    async def change(number: int) -> None:
        connection = Connection(*await asyncio.open_connection(LOOPBACK, stack.ports.staffing), token)
        code = f"{run}-{number}"
        due = begun + gap * number / OUTLETS
        await asyncio.sleep(due - time.monotonic())
        made = await connection.ask("POST /v1/outlets", outlet(code, code), Idempotency_Key=code)
        path, tag = made["location"], made["etag"]
        for step in range(int(seconds / gap)):
            due += gap
            await asyncio.sleep(due - time.monotonic())
            body = outlet(code, f"{code} {step}")
            del body["code"]
            tag = (await connection.ask(f"PUT {path}", body, If_Match=tag))["etag"]
        connection.close()

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
