"""One, two and four processes of a service: tickets issued a second, and facts taken a second.

The peer of a number of processes is one process in the same run. PostgreSQL, broker and load generator want
processors too, so the figures tell about the machine as well: its processors are printed with them.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import psycopg
from aiokafka import AIOKafkaProducer

from benchmarks.report import Result, conclude, console, environment, show_environment, show_table
from benchmarks.ticket_issue import running
from deploy.devstack import REPOSITORY
from deploy.devstack.stack import Stack

PROCESSES = (1, 2, 4)
TOPIC, TYPE = "ticketing.tickets.v1", "ticketing.ticket.completed.v1"
EXAMPLE = REPOSITORY / "services" / "ticketing" / "contracts" / "events" / f"{TYPE}.example.json"
PATIENCE_SECONDS = 120.0


def issuing(processes: int, rounds: int, seconds: float) -> float:
    """Tickets a second, median of the rounds."""
    with running(processes, None) as bench:
        rates = []
        for number in range(rounds + 1):
            bench.settle()
            rate = bench.service_round(seconds if number else 1.0).rate
            rates += [rate] if number else []
    return statistics.median(rates)


def taking(processes: int, facts: int) -> float:
    """Facts a second that staffing takes: from the first one sent until the last effect is committed."""
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        stack = Stack(Path(folder), services=("ticketing", "staffing"), replicas=processes)
        stack.start()
        try:
            begun = time.monotonic()
            asyncio.run(send(stack.kafka.bootstrap, facts))
            with psycopg.connect(stack.postgres.dsn("staffing"), autocommit=True) as database:
                while database.execute("SELECT count(*) FROM served_tickets").fetchone() != (facts,):
                    if time.monotonic() - begun > PATIENCE_SECONDS:
                        raise SystemExit(f"{facts} facts are not taken within {PATIENCE_SECONDS:.0f} s")
                    time.sleep(0.02)
            return facts / (time.monotonic() - begun)
        finally:
            stack.stop()


async def send(bootstrap: str, facts: int, *, written_ms: int | None = None) -> None:
    """So many completed tickets, as fast as the broker takes them; ``written_ms``: time stamp."""
    data = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=5)
    await producer.start()
    try:
        for _ in range(facts):
            ticket = str(uuid.uuid4())
            headers = {
                "content-type": "application/json",
                "ce_specversion": "1.0",
                "ce_id": str(uuid.uuid4()),
                "ce_source": "/ticketing",
                "ce_type": TYPE,
                "ce_time": "2026-03-02T01:00:00Z",
                "ce_sequence": "4",
            }
            value = json.dumps(data | {"ticket_id": ticket}).encode()
            sent = [(name, text.encode()) for name, text in headers.items()]
            await producer.send(TOPIC, value, key=ticket.encode(), headers=sent, timestamp_ms=written_ms)
        await producer.flush()
    finally:
        await producer.stop()


def rows(name: str, rates: Sequence[float]) -> list[str]:
    """One row of the table: rate and its ratio to that of one process."""
    return [name, *(f"{rate:.0f}/s ({rate / rates[0]:.2f})" for rate in rates)]


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--facts", type=int, default=12_000)
    options = parser.parse_args()
    show_environment()
    issued = [issuing(number, options.rounds, options.seconds) for number in PROCESSES]
    taken = [taking(number, options.facts) for number in PROCESSES]
    title = f"processes of a service on {environment()['cpus']} processors (ratio to one process)"
    show_table(
        title,
        ["", *(str(number) for number in PROCESSES)],
        [rows("tickets issued over HTTP", issued), rows("facts taken from Kafka", taken)],
    )
    console.print("beside them on the same processors: PostgreSQL, the broker, the load generator")
    conclude(
        Result(
            name="scale_out",
            value=round(taken[1], 1),
            unit="facts/s taken with two processes",
            against="one process in the same run",
            reference=round(taken[0], 1),
            ratio=round(taken[1] / taken[0], 3),
            goal="more with two processes than with one",
            met=taken[1] > taken[0],
            processes=2,
            server_cpu_ms=None,
        )
    )


if __name__ == "__main__":
    main()
