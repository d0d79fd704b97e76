"""Sales logged over HTTP against ``pgbench`` doing the same rows of each on the same server.

Every sale has a case of its own with opinion, disclosure and consent; a customer's visit has several cases
and one sealed recording, and no two clients sell from one visit at a time. The gate locks and reads what a
sale rests on, judges all rules and writes. The ratio is against a peer that knows what comes out and writes
the same rows; one that locks and reads them first stands beside it (:mod:`benchmarks.sale_peers`).
"""

import argparse
import asyncio
import logging
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
from benchmarks.report import Result, conclude, console, show_environment, show_table
from benchmarks.sale_peers import WHOLE, WRITES
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
#: Visits sold before the measuring: one of each client.
WARMING = CLIENTS
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


def wanted() -> tuple[int, int]:
    """How many visits, the same number for each client, and how many processes, by the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=6 * CLIENTS)
    parser.add_argument("--processes", type=int, default=2, help="processes of compliance")
    options = parser.parse_args()
    count = options.visits // CLIENTS * CLIENTS
    if count <= 2 * WARMING:
        parser.error(f"the peers warm up as well: at least {2 * WARMING + CLIENTS} visits")
    return count, options.processes


def main() -> None:
    """Measures and concludes."""
    count, processes = wanted()
    # What is prepared in this process is not worth a line a request.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as name:
        folder = Path(name)
        stack = Stack(folder, services=("compliance",), kafka=None, replicas=processes, settings=UNLIMITED)
        assert isinstance(stack.postgres, PostgresServer)
        try:
            stack.start()
            ready = asyncio.run(made(stack.postgres, folder, count))
            token, pids = token_of(stack, SELLER, "seller"), stack.pids("compliance")
            with staffing_heard(stack.postgres.dsn("compliance")):
                # Connections are made, and statements planned on each, before anything is measured.
                asyncio.run(sold(stack, token, ready[:WARMING]))
                sale_peers.copied(stack.postgres, folder)
                before = cpu.of_processes(pids), cpu.of_family(stack.postgres.pid)
                seconds, cases = asyncio.run(sold(stack, token, ready[WARMING:]))
                after = cpu.of_processes(pids), cpu.of_family(stack.postgres.pid)
            spent, served = ((now - then) / len(cases) for now, then in zip(after, before, strict=True))
            readings = asyncio.run(asked(stack.postgres, folder, cases))
            writing, whole, rows = sale_peers.staged(stack.postgres, cases, readings, folder)
            each = {"clients": CLIENTS, "each": len(cases) // CLIENTS, "warming": WARMING // CLIENTS * EACH}
            written = sale_peers.rate(stack.postgres, WRITES, writing, **each)
            done = sale_peers.rate(stack.postgres, WHOLE, whole, **each)
        finally:
            stack.stop()
    ours = len(cases) / seconds
    console.print("rows of a sale: " + ", ".join(f"{table} {found:.2g}" for table, found in rows.items()))
    show_table(
        f"{len(cases)} sales, {CLIENTS} clients",
        ["", "sales/s", "of it", "CPU of one: service", "PostgreSQL"],
        [
            ["compliance over HTTP", f"{ours:.0f}", "", f"{spent:.1f} ms", f"{served:.1f} ms"],
            ["pgbench, rows locked, read, written", f"{done:.0f}", f"{ours / done:.3f}", "", ""],
            ["pgbench, rows written alone", f"{written:.0f}", f"{ours / written:.3f}", "", ""],
        ],
    )
    conclude(
        Result(
            name="sale_log",
            value=round(ours, 1),
            unit="sales/s",
            against="pgbench, the same rows in one transaction",
            reference=round(written, 1),
            ratio=round(ours / written, 3),
            goal=f">= {GOAL_RATIO}",
            met=ours / written >= GOAL_RATIO,
            processes=processes,
            server_cpu_ms=round(spent, 3),
        )
    )


if __name__ == "__main__":
    main()
