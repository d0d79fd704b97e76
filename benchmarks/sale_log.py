"""Sales logged over HTTP against ``pgbench`` writing the same rows of each on the same server.

Every sale has a case of its own with opinion, disclosure and consent; a customer's visit has several cases
and one sealed recording, and no two clients sell from one visit at a time. The gate reads and locks, judges
all rules and writes. The peer knows the outcome beforehand: it writes the rows that the service wrote, in a
copy of the database as it was before, constraints and triggers included, one transaction for each sale.
"""

import argparse
import asyncio
import logging
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
import structlog

from benchmarks import cpu
from benchmarks.fact_latency import Connection
from benchmarks.report import Result, conclude, console, show_environment, show_table
from benchmarks.ticket_issue import UNLIMITED, token_of
from chassis.ids import new_id
from chassis.testing import Database, ServiceKit
from compliance.service import service
from deploy.devstack.postgres import BINARIES, PostgresServer
from deploy.devstack.stack import Stack
from services.compliance.tests.registers import introduce
from services.compliance.tests.selling import prepared

CLIENTS = 8
#: Cases of one visit, which one recording proves.
EACH = 8
#: Visits sold before the measuring: two of each client.
WARMING = 2 * CLIENTS
SELLER, PEER = "seller-bench", "compliance_peer"
GOAL_RATIO = 0.3
#: Made before the measuring, on a clock of then: each recording takes some seconds.
BEFORE = timedelta(hours=2)

#: What a sale adds, in the order in which the gate writes it, and how the rows of a sale ``s`` are found.
ADDED = {
    "decisions": "t.id = s.decision_id",
    "retention_dates": "t.recording_id = s.recording_id AND t.dated_at = s.logged_at",
    "retention_sales": "t.sale_id = s.id",
    "sales": "t.id = s.id",
    "permits": "t.sale_id = s.id",
    "fact": "t.occurred_at = s.logged_at AND t.key IN (s.id::text, s.recording_id::text, "
    "(SELECT p.id::text FROM permits p WHERE p.sale_id = s.id))",
    "idempotency": "t.route LIKE '%/' || s.case_id || '/sale'",
}
COLUMNS = """
SELECT array_agg(quote_ident(attname)) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
"""
CHANGED = """
UPDATE cases SET state = 'LOGGED', version = version + 1, sale_id = s.id FROM staged s
WHERE s.place = :place AND cases.id = s.case_id;
UPDATE recordings SET version = version + 1 FROM staged s
WHERE s.place = :place AND recordings.id = s.recording_id;
"""
QUEUED = """
WITH archived AS (
    INSERT INTO fact ({columns}) SELECT {columns} FROM staged_fact WHERE place = :place
    RETURNING seq, recorded_at
) INSERT INTO outbox (seq, recorded_at) SELECT seq, recorded_at FROM archived;
"""
WRITTEN = "INSERT INTO {table} ({columns}) SELECT {columns} FROM staged_{table} WHERE place = :place;\n"


@dataclass(frozen=True)
class Visit:
    """A recording, and the cases that it proves."""

    recording_id: str
    case_ids: tuple[str, ...]


async def made(stack: Stack, postgres: PostgresServer, folder: Path, count: int) -> list[Visit]:
    """What :func:`visits` makes, in the database and the store of the service that runs."""
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
    kit.clock.instant = datetime.now(UTC) - BEFORE
    try:
        return await visits(kit, count)
    finally:
        await kit.close()


async def visits(kit: ServiceKit, count: int) -> list[Visit]:
    """So many visits of as many customers to one seller, each ready to be sold."""
    first = await prepared(kit, subject=SELLER)
    await first.beat()
    found = []
    for number in range(count):
        customer = await introduce(kit.client("integration", subject="crm"), f"customer-{number}")
        deal = replace(first, customer=customer)
        await deal.assess(2)
        kit.clock.advance(timedelta(seconds=1))
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


def copied(postgres: PostgresServer, folder: Path) -> None:
    """The peer's database: a copy of the service's, whose outbox no relay reads."""
    dump = str(folder / "before.dump")
    whole = [str(BINARIES / "pg_dump"), "-Fc", "-f", dump, postgres.dsn("compliance")]
    subprocess.run(whole, check=True, capture_output=True)
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {PEER} OWNER compliance_owner")
        connection.execute(f"GRANT CONNECT ON DATABASE {PEER} TO compliance_app")
    restore = [str(BINARIES / "pg_restore"), "-d", postgres.dsn(PEER), dump]
    subprocess.run(restore, check=True, capture_output=True)
    # Neither side is disturbed by what the copying left to be done.
    for name in ("compliance", PEER):
        with psycopg.connect(postgres.dsn(name), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


def staged(postgres: PostgresServer, cases: list[str], folder: Path) -> tuple[Path, dict[str, float]]:
    """Puts what the service wrote beside the peer's tables: its script, how many rows of each a sale has."""
    script = ["\\set place :client_id * :sales + :step\n\\set step :step + 1\n\\startpipeline\nBEGIN;\n"]
    rows: dict[str, float] = {}
    ours, theirs = (psycopg.connect(postgres.dsn(name), autocommit=True) for name in ("compliance", PEER))
    with ours, theirs:
        ours.execute("CREATE TABLE staged (place int PRIMARY KEY, LIKE sales)")
        for place, case_id in enumerate(cases):
            ours.execute("INSERT INTO staged SELECT %s, * FROM sales WHERE case_id = %s", (place, case_id))
        move(ours, theirs, "staged", "place int PRIMARY KEY, LIKE sales")
        for table, found in ADDED.items():
            name = f"staged_{table}"
            taken = ours.execute(SELECTED.format(name=name, table=table, found=found))
            rows[table] = taken.rowcount / len(cases)
            move(ours, theirs, name, f"place int, LIKE {table}")
            theirs.execute(f"CREATE INDEX ON {name} (place)")
            (columns,) = one(theirs, COLUMNS, (table,))
            names = {"table": table, "columns": ", ".join(columns)}
            script.append((QUEUED if table == "fact" else WRITTEN).format(**names))
        theirs.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO compliance_app")
        # The ids that the service gave are of some minutes ago.
        theirs.execute("ALTER TABLE decisions DISABLE TRIGGER decision_id_is_of_now")
        theirs.execute("VACUUM (ANALYZE)")
    script.append(CHANGED + "COMMIT;\n\\endpipeline\n")
    path = folder / "sale.pgbench"
    path.write_text("".join(script), encoding="utf-8")
    return path, rows


SELECTED = "CREATE TABLE {name} AS SELECT s.place, t.* FROM {table} t JOIN staged s ON {found}"


def one(connection: psycopg.Connection[Any], statement: LiteralString, values: tuple[Any, ...] = ()) -> Any:
    """The only row."""
    return connection.execute(statement, values).fetchone()


def move(
    ours: psycopg.Connection[Any], theirs: psycopg.Connection[Any], name: str, columns: str | None = None
) -> None:
    """Copies the rows of a table into the peer's database, where it is made with these columns if given."""
    if columns is not None:
        theirs.execute(f"CREATE TABLE {name} ({columns})")
    with (
        ours.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)") as out,
        theirs.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)") as into,
    ):
        for block in out:
            into.write(block)


def peer(postgres: PostgresServer, script: Path, each: int) -> float:
    """Sales a second of ``pgbench``, every client those of one client of ours."""
    command = [
        str(BINARIES / "pgbench"),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CLIENTS),
        "-j",
        "2",
        "-t",
        str(each),
    ]
    command += [
        "-D",
        f"sales={each}",
        "-D",
        "step=0",
        "-f",
        str(script),
        postgres.dsn(PEER, "compliance_app"),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"tps = ([0-9.]+) \(without", said.stdout)
    if rate is None or "failed transactions: 0 " not in said.stdout:
        raise SystemExit(f"pgbench: {said.stdout} {said.stderr[-2000:]}")
    return float(rate[1])


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=14 * CLIENTS)
    parser.add_argument("--processes", type=int, default=2, help="processes of compliance")
    options = parser.parse_args()
    count = options.visits // CLIENTS * CLIENTS
    # What is prepared in this process is not worth a line a request.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as name:
        folder = Path(name)
        stack = Stack(
            folder, services=("compliance",), kafka=None, replicas=options.processes, settings=UNLIMITED
        )
        assert isinstance(stack.postgres, PostgresServer)
        try:
            stack.start()
            ready = asyncio.run(made(stack, stack.postgres, folder, count))
            token, pids = token_of(stack, SELLER, "seller"), stack.pids("compliance")
            with staffing_heard(stack.postgres.dsn("compliance")):
                # Connections are made, and statements planned on each, before anything is measured.
                asyncio.run(sold(stack, token, ready[:WARMING]))
                copied(stack.postgres, folder)
                before = cpu.of_processes(pids), cpu.of_family(stack.postgres.pid)
                seconds, cases = asyncio.run(sold(stack, token, ready[WARMING:]))
                after = cpu.of_processes(pids), cpu.of_family(stack.postgres.pid)
            spent, served = ((now - then) / len(cases) for now, then in zip(after, before, strict=True))
            script, rows = staged(stack.postgres, cases, folder)
            theirs = peer(stack.postgres, script, len(cases) // CLIENTS)
        finally:
            stack.stop()
    ours = len(cases) / seconds
    console.print("rows of a sale: " + ", ".join(f"{table} {found:.2g}" for table, found in rows.items()))
    show_table(
        f"{len(cases)} sales, {CLIENTS} clients",
        ["", "sales/s", "CPU of one: service", "PostgreSQL"],
        [
            ["compliance over HTTP", f"{ours:.0f}", f"{spent:.1f} ms", f"{served:.1f} ms"],
            ["pgbench, the same rows", f"{theirs:.0f}", "", ""],
        ],
    )
    conclude(
        Result(
            name="sale_log",
            value=round(ours, 1),
            unit="sales/s",
            against="pgbench, the same rows in one transaction",
            reference=round(theirs, 1),
            ratio=round(ours / theirs, 3),
            goal=f">= {GOAL_RATIO}",
            met=ours / theirs >= GOAL_RATIO,
            processes=options.processes,
            server_cpu_ms=round(spent, 3),
        )
    )


if __name__ == "__main__":
    main()
