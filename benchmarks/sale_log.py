"""Sales logged over HTTP against ``pgbench`` doing the same rows of each on the same server.

Every sale has a case of its own with opinion, disclosure and consent; a customer's visit has several cases
and one sealed recording, and no two clients sell from one visit at a time. The gate locks and reads what a
sale rests on, judges all rules and writes. The ratio is against a peer that knows what comes out and writes
the same rows; one that locks and reads them first stands beside it (:mod:`benchmarks.sale_peers`).
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import structlog

from benchmarks import cpu, sale_peers
from benchmarks.fact_latency import Connection
from benchmarks.report import (
    Result,
    conclude,
    console,
    rounds_columns,
    rounds_row,
    show_environment,
    show_table,
)
from benchmarks.sale_peers import WHOLE, WRITES, Peers
from benchmarks.ticket_issue import UNLIMITED, token_of
from chassis.ids import new_id
from chassis.testing import Asked, Database, ServiceKit
from compliance.service import service
from deploy.devstack.postgres import PostgresServer
from deploy.devstack.stack import Stack
from services.compliance.tests.selling import fellow, prepared

CLIENTS = 32
#: Cases of one visit, which one recording proves.
EACH = 8
#: Visits of each client in a round; of these the peers, which connect anew, need the first to plan.
VISITS = 3
SELLER = "seller-bench"
GOAL_RATIO = 0.3
#: Made before the measuring, on a clock of then: each recording takes some seconds.
BEFORE = timedelta(hours=2)


@dataclass(frozen=True)
class Visit:
    """A recording, and the cases that it proves."""

    recording_id: str
    case_ids: tuple[str, ...]


@asynccontextmanager
async def working(postgres: PostgresServer, folder: Path) -> AsyncIterator[ServiceKit]:
    """The service once more, in this process, on the database and the store of the one that runs."""
    kit = ServiceKit(
        service,
        Database(
            postgres.dsn("compliance", "compliance_app"),
            postgres.dsn("compliance", "compliance_owner"),
            postgres.dsn("compliance"),
        ),
        folder / "data" / "compliance",
        further={f"{name}_file": folder / f"{name}.json" for name in ("keyring", "permit_keys")},
    )
    try:
        yield kit
    finally:
        await kit.close()


async def made(postgres: PostgresServer, folder: Path, count: int) -> list[Visit]:
    """What :func:`visits` makes, some time before now."""
    async with working(postgres, folder) as kit:
        kit.clock.instant = datetime.now(UTC) - BEFORE
        return await visits(kit, count)


async def asked(postgres: PostgresServer, folder: Path, cases: list[str]) -> list[list[Asked]]:
    """By which statements the gate locks and reads what each sale rests on."""
    async with working(postgres, folder) as kit:
        return await sale_peers.asked(kit, cases)


async def visits(kit: ServiceKit, count: int) -> list[Visit]:
    """So many visits of as many customers to one seller, each ready to be sold."""
    first = await prepared(kit, subject=SELLER)
    await first.beat()
    found = []
    for number in range(count):
        deal = await fellow(first, f"customer-{number}")
        opened = [await deal.open_case()]
        for _ in range(EACH - 1):
            opened.append(await deal.open_case(session_id=opened[0]["session_id"]))
        await deal.consent()
        recording = await deal.record()
        found.append(Visit(recording["id"], tuple(case["id"] for case in opened)))
        if number % 10 == 9:
            console.print(f"{number + 1} of {count} visits")
    return found


@contextmanager
def staffing_heard(dsn: str) -> Iterator[None]:
    """Staffing is heard of every second, as its relay makes it be heard."""
    over = threading.Event()

    def beat() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not over.wait(1.0):
                connection.execute("UPDATE register_heartbeat SET as_of = clock_timestamp()")

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE register_heartbeat SET as_of = clock_timestamp()")
    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


async def sold(stack: Stack, token: str, ready: list[Visit]) -> tuple[float, list[str]]:
    """Seconds that it took to log a sale for every case, and the cases in the order of the clients."""
    places = [urlsplit(url) for url in stack.urls("compliance")]
    order: list[list[str]] = [[] for _ in range(CLIENTS)]

    async def sell(number: int) -> None:
        place = places[number % len(places)]
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        connection = Connection(reader, writer, token)
        for visit in ready[number::CLIENTS]:
            for case_id in visit.case_ids:
                order[number].append(case_id)
                await connection.ask(
                    f"POST /v1/cases/{case_id}/sale",
                    {"recording_id": visit.recording_id},
                    Idempotency_Key=str(new_id()),
                    If_Match='"1"',
                )
        connection.close()

    begun = time.monotonic()
    await asyncio.gather(*(sell(number) for number in range(CLIENTS)))
    return time.monotonic() - begun, [case_id for cases in order for case_id in cases]


@dataclass(frozen=True)
class Round:
    """One round of everybody. Milliseconds are CPU for one sale."""

    sales: int
    rate: float
    service_ms: float
    postgres_ms: float
    writing: float
    whole: float
    rows: dict[str, float]


def turn(stack: Stack, postgres: PostgresServer, folder: Path, peers: Peers, ready: list[Visit]) -> Round:
    """Sells these visits over HTTP, then both peers do what came of it: a machine that becomes slower or
    faster meanwhile favours nobody for long.
    """
    token, pids = token_of(stack, SELLER, "seller"), stack.pids("compliance")
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    before = cpu.of_processes(pids), cpu.of_family(postgres.pid)
    seconds, cases = asyncio.run(sold(stack, token, ready))
    after = cpu.of_processes(pids), cpu.of_family(postgres.pid)
    spent, served = ((now - then) / len(cases) for now, then in zip(after, before, strict=True))
    rows = peers.stage(cases, asyncio.run(asked(postgres, folder, cases)))
    writing, whole = (peers.rate(name, clients=CLIENTS, warming=EACH) for name in (WRITES, WHOLE))
    return Round(len(cases), len(cases) / seconds, spent, served, writing, whole, rows)


def measured(postgres: PostgresServer, stack: Stack, folder: Path, rounds: int) -> list[Round]:
    """Rounds of everybody in turns, behind two visits of each client that are not counted."""
    each = CLIENTS * VISITS
    ready = asyncio.run(made(postgres, folder, 2 * CLIENTS + rounds * each))
    warming, again, counted = ready[:CLIENTS], ready[CLIENTS : 2 * CLIENTS], ready[2 * CLIENTS :]
    token = token_of(stack, SELLER, "seller")
    with staffing_heard(postgres.dsn("compliance")):
        asyncio.run(sold(stack, token, warming))
        peers = Peers(postgres, folder)
        # Tables that were empty have rows now: what was planned for empty ones is planned again.
        with psycopg.connect(postgres.dsn("compliance"), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        asyncio.run(sold(stack, token, again))
        return [
            turn(stack, postgres, folder, peers, counted[start : start + each])
            for start in range(0, len(counted), each)
        ]


def show(rounds: list[Round]) -> None:
    """The table of all rounds."""
    rows = ", ".join(f"{table} {count:.2g}" for table, count in rounds[0].rows.items())
    console.print(f"rows of a sale: {rows}")

    title = f"logging sales, {rounds[0].sales} a round, {CLIENTS} clients"
    show_table(
        title,
        rounds_columns(len(rounds)),
        [
            rounds_row("pgbench, rows written alone", "/s", 0, [one.writing for one in rounds]),
            rounds_row("pgbench, rows locked, read, written", "/s", 0, [one.whole for one in rounds]),
            rounds_row("compliance over HTTP", "/s", 0, [one.rate for one in rounds]),
            rounds_row("  of the first", "", 3, [one.rate / one.writing for one in rounds]),
            rounds_row("  of the second", "", 3, [one.rate / one.whole for one in rounds]),
            rounds_row("  CPU a sale: service", " ms", 2, [one.service_ms for one in rounds]),
            rounds_row("  CPU a sale: PostgreSQL", " ms", 2, [one.postgres_ms for one in rounds]),
        ],
    )


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2, help="processes of compliance")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("at least one round")
    # What is prepared in this process is not worth a line a request.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as name:
        stack = Stack(
            Path(name), services=("compliance",), kafka=None, replicas=options.processes, settings=UNLIMITED
        )
        assert isinstance(stack.postgres, PostgresServer)
        try:
            stack.start()
            rounds = measured(stack.postgres, stack, Path(name), options.rounds)
        finally:
            stack.stop()
    show(rounds)
    ratio = statistics.median(one.rate / one.writing for one in rounds)
    conclude(
        Result(
            name="sale_log",
            value=round(statistics.median(one.rate for one in rounds), 1),
            unit="sales/s",
            against="pgbench, the same rows in one transaction",
            reference=round(statistics.median(one.writing for one in rounds), 1),
            ratio=round(ratio, 3),
            goal=f">= {GOAL_RATIO}",
            met=ratio >= GOAL_RATIO,
            processes=options.processes,
            server_cpu_ms=round(statistics.median(one.service_ms for one in rounds), 3),
        )
    )


if __name__ == "__main__":
    main()
