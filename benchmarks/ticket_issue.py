"""Issuing a ticket over HTTP against ``pgbench`` writing the same rows on the same server (docs/adr/0003).

32 clients, 470 number series, rounds in turns. ``fsync`` and ``synchronous_commit`` are on. The service runs
as the containers start it, its relay sending every fact to a broker; its CPU is that of all its processes
until the outbox is empty again. The peer is a prepared statement that writes the rows of one ticket and
commits; a second peer writes them statement by statement, for comparison.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from benchmarks import cpu
from benchmarks.report import (
    Result,
    conclude,
    console,
    rounds_columns,
    rounds_row,
    show_environment,
    show_table,
)
from chassis import migrate
from chassis.ids import new_id
from deploy.devstack.kafka import Kind
from deploy.devstack.postgres import BINARIES, PostgresServer
from deploy.devstack.stack import Stack
from ticketing.service import service

CLIENTS = 32
#: One caller asks for all of it; what a caller may ask is not what is measured.
UNLIMITED = {"WANGDIAN_CALLER_REQUESTS_MAX": "1000000000"}
OUTLETS, LETTERS = 47, "ABCDEFGHIJ"
GOAL_RATIO, GOAL_CPU_MS = 0.5, 1.0
PEER = "ticketing_peer"
SCRIPTS = {"one statement": "ticket_issue.pgbench", "statement by statement": "ticket_issue_steps.pgbench"}
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")

ID = "01931f00-0000-7000-8000-000000000001"
VARIABLES = {
    "causes": f'{{"correlationid":"{ID}"}}',
    "payload": json.dumps(
        {
            "version": 1,
            "occurred_at": "2026-03-02T01:00:00.123456Z",
            "ticket_id": ID,
            "outlet_id": ID,
            "business_date": "2026-03-02",
            "number": "A001",
            "queue_id": ID,
            "service_code": "service_0",
            "channel": "kiosk",
            "visitor": None,
        },
        separators=(",", ":"),
    ),
    "route": f"POST /v1/outlets/{ID}/tickets",
    "fingerprint": "ab" * 32,
    "headers": f'{{"content-type":"application/json","etag":"\\"1\\"","location":"/v1/tickets/{ID}"}}',
    "answer": json.dumps(
        {
            "id": ID,
            "number": "A001",
            "queue_id": ID,
            "business_date": "2026-03-02",
            "issued_at": "2026-03-02T01:00:00.123456Z",
            "people_ahead": 12,
        },
        separators=(",", ":"),
    ),
}


#: Path and body of every request that is asked in turn.
Requests = tuple[tuple[str, dict[str, str]], ...]


@dataclass(frozen=True)
class Round:
    """One round of the service. Milliseconds are CPU for one ticket."""

    rate: float
    p50_ms: float
    p99_ms: float
    service_ms: float
    postgres_ms: float
    load_ms: float
    drained_seconds: float


@dataclass(frozen=True)
class Bench:
    """The running stack, its ticketing processes, and what is asked of them."""

    stack: Stack
    postgres: PostgresServer
    pids: tuple[int, ...]
    targets: tuple[tuple[str, int], ...]
    token: str
    requests: Requests

    def service_round(self, seconds: float) -> Round:
        """Issues for ``seconds``, then waits until the relay has sent everything."""
        orders = {
            "targets": self.targets,
            "clients": CLIENTS,
            "seconds": seconds,
            "token": self.token,
            "requests": self.requests,
        }
        before = cpu.of_processes(self.pids), cpu.of_family(self.postgres.pid)
        found = json.loads(
            subprocess.run(
                [sys.executable, "-m", "benchmarks.load"],
                input=json.dumps(orders),
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        if found["failure"] or set(found["statuses"]) != {"201"}:
            raise SystemExit(f"not every request was answered 201: {found['statuses']} {found['failure']}")
        drained = self._drain()
        after = cpu.of_processes(self.pids), cpu.of_family(self.postgres.pid)
        tickets = found["statuses"]["201"]
        return Round(
            rate=tickets / found["seconds"],
            p50_ms=found["p50_ms"],
            p99_ms=found["p99_ms"],
            service_ms=(after[0] - before[0]) / tickets,
            postgres_ms=(after[1] - before[1]) / tickets,
            load_ms=found["cpu_ms"] / tickets,
            drained_seconds=drained,
        )

    def pgbench(self, script: str, seconds: float, *words: str) -> str:
        """What ``pgbench`` says of a script with prepared statements; ``words``: clients, a rate, a log."""
        given = [part for name, value in VARIABLES.items() for part in ("-D", f"{name}={value}")]
        command = [str(BINARIES / "pgbench"), "-n", "-M", "prepared", *words, "-T", str(int(seconds))]
        command += ["-f", str(Path(__file__).with_name(script)), *given]
        return subprocess.run(
            [*command, self.postgres.dsn(PEER, "ticketing_app")], capture_output=True, text=True, check=True
        ).stdout

    def peer_round(self, script: str, seconds: float) -> float:
        """Transactions a second of ``pgbench``."""
        said = self.pgbench(script, seconds, "-c", str(CLIENTS), "-j", "2")
        rate = re.search(r"tps = ([0-9.]+) \(without", said)
        if rate is None or "failed transactions: 0 " not in said:
            raise SystemExit(f"pgbench: {said}")
        return float(rate[1])

    def settle(self) -> None:
        """Serves who waits, and does now what PostgreSQL would do later: nobody pays for another's round.

        A ticket says how many people wait before it; no queue of a bank holds the hundreds that pile up
        where rounds follow each other and nobody is called.
        """
        for database in ("ticketing", PEER):
            with psycopg.connect(self.postgres.dsn(database), autocommit=True) as connection:
                connection.execute("UPDATE tickets SET state = 'completed' WHERE state = 'waiting'")
                connection.execute("VACUUM (ANALYZE)")
        with psycopg.connect(self.postgres.dsn(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def _drain(self) -> float:
        begun = time.monotonic()
        with psycopg.connect(self.postgres.dsn("ticketing"), autocommit=True) as connection:
            while connection.execute("SELECT EXISTS (SELECT FROM outbox)").fetchone() == (True,):
                if time.monotonic() - begun > 60:
                    raise SystemExit("the relay does not drain the outbox")
                time.sleep(0.02)
        return time.monotonic() - begun


@contextmanager
def running(
    processes: int, kafka: Kind | None, filled: Callable[[Stack], Requests] | None = None
) -> Iterator[Bench]:
    """A stack of its own with that many processes of ticketing, its catalogue filled (:func:`fill`)."""
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        stack = Stack(
            Path(folder), services=("ticketing",), kafka=kafka, replicas=processes, settings=UNLIMITED
        )
        assert isinstance(stack.postgres, PostgresServer)
        try:
            stack.start()
            prepare_peer(stack.postgres)
            token = token_of(stack, "kiosk-bench", "kiosk")
            urls = [urlsplit(url) for url in stack.urls("ticketing")]
            yield Bench(
                stack,
                stack.postgres,
                stack.pids("ticketing"),
                tuple((str(url.hostname), int(url.port or 0)) for url in urls),
                token,
                (filled or fill)(stack),
            )
        finally:
            stack.stop()


def token_of(stack: Stack, client: str, role: str) -> str:
    """A token of a user who is made for this run."""
    secret = stack.users.add(client, client, (role,))
    answer = httpx.post(
        f"{stack.url('issuer')}/token",
        auth=(client, secret),
        data={"grant_type": "client_credentials"},
        trust_env=False,
    )
    found: str = answer.raise_for_status().json()["access_token"]
    return found


def fill(stack: Stack) -> Requests:
    """47 outlets with ten queues each, one service a queue; answers path and body of every request."""
    requests = []
    headers = {"Authorization": f"Bearer {token_of(stack, 'operator-bench', 'operator')}"}
    with httpx.Client(base_url=stack.url("ticketing"), headers=headers, trust_env=False) as client:

        def post(path: str, body: Mapping[str, Any]) -> None:
            client.post(path, json=body, headers={"Idempotency-Key": str(new_id())}).raise_for_status()

        for number in range(len(LETTERS)):
            names = {"name_zh": f"业务{number}", "name_en": f"Service {number}"}
            post("/v1/services", {"code": f"service_{number}", **names})
        for _ in range(OUTLETS):
            outlet = new_id()
            for number, letter in enumerate(LETTERS):
                names = {"name_zh": letter, "name_en": letter, "letter": letter}
                post(f"/v1/outlets/{outlet}/queues", {"service_codes": [f"service_{number}"], **names})
                requests.append((f"/v1/outlets/{outlet}/tickets", {"service_code": f"service_{number}"}))
    return tuple(requests)


def prepare_peer(postgres: PostgresServer) -> None:
    """A database of its own with the same tables for the peer, so that no relay reads its outbox."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {PEER} OWNER ticketing_owner")
        connection.execute(f"GRANT CONNECT ON DATABASE {PEER} TO ticketing_app")
        for name in DURABLE:
            if connection.execute(f"SHOW {name}").fetchone() != ("on",):
                raise SystemExit(f"{name} is off: nothing measured here would be durable")
    migrate.upgrade(service, postgres.dsn(PEER, "ticketing_owner"))


def measure(bench: Bench, rounds: int, seconds: float) -> tuple[list[Round], dict[str, list[float]]]:
    """Rounds of everybody in turns; a first short one of each is not counted.

    The goal's peer runs before and after each round of the service and counts with the mean of both, so that
    a machine that becomes slower or faster meanwhile favours nobody.
    """

    def peer(name: str, length: float) -> float:
        bench.settle()
        return bench.peer_round(SCRIPTS[name], length)

    issued: list[Round] = []
    peers: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    for number in range(rounds + 1):
        length = seconds if number else 2.0
        before = peer("one statement", length)
        bench.settle()
        done = bench.service_round(length)
        after = peer("one statement", length)
        steps = peer("statement by statement", length)
        if number:
            issued.append(done)
            peers["one statement"].append((before + after) / 2)
            peers["statement by statement"].append(steps)
    return issued, peers


def show(issued: list[Round], peers: Mapping[str, list[float]]) -> None:
    """The table of all rounds."""
    rows = [rounds_row(f"pgbench, {name}", "/s", 0, rates) for name, rates in peers.items()]

    rows += [
        rounds_row("ticketing over HTTP", "/s", 0, [done.rate for done in issued]),
        rounds_row("  answered within, median", " ms", 1, [done.p50_ms for done in issued]),
        rounds_row("  answered within, 99 %", " ms", 1, [done.p99_ms for done in issued]),
        rounds_row("  CPU a ticket: service", " ms", 3, [done.service_ms for done in issued]),
        rounds_row("  CPU a ticket: PostgreSQL", " ms", 3, [done.postgres_ms for done in issued]),
        rounds_row("  CPU a ticket: load generator", " ms", 3, [done.load_ms for done in issued]),
        rounds_row("  relay done after", " s", 2, [done.drained_seconds for done in issued]),
    ]
    title = f"issuing tickets, {CLIENTS} clients, {OUTLETS * len(LETTERS)} number series"
    show_table(title, rounds_columns(len(issued)), rows)


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--processes", type=int, default=2, help="processes of ticketing")
    parser.add_argument("--kafka", choices=("apache", "mock"), help="by default the best that runs here")
    options = parser.parse_args()
    show_environment()
    with running(options.processes, options.kafka) as bench:
        kind = bench.stack.kafka.kind
        console.print(f"broker: {kind}; load generator: benchmarks/load.py (asyncio, uvloop)")
        issued, peers = measure(bench, options.rounds, options.seconds)
    show(issued, peers)
    peer = peers["one statement"]
    ratio = statistics.median(done.rate / rate for done, rate in zip(issued, peer, strict=True))
    service_ms = statistics.median(done.service_ms for done in issued)
    conclude(
        Result(
            name="ticket_issue",
            value=round(statistics.median(done.rate for done in issued), 1),
            unit="tickets/s",
            against="pgbench -M prepared, the same rows in one statement and one commit a ticket",
            reference=round(statistics.median(peer), 1),
            ratio=round(ratio, 3),
            goal=f"ratio >= {GOAL_RATIO}, service CPU <= {GOAL_CPU_MS} ms a ticket",
            met=ratio >= GOAL_RATIO and service_ms <= GOAL_CPU_MS,
            processes=options.processes,
            server_cpu_ms=round(service_ms, 3),
        )
    )


if __name__ == "__main__":
    main()
