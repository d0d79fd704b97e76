"""How fast stored decisions are made again: read, hashed, judged under the stored release, compared.

The decisions are the gate's own, a third of them refusals, each on facts of its own, in a database of its
own. The work is what ``python -m compliance decisions replay --all`` does, started as an auditor starts it.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg

from benchmarks import cpu
from benchmarks.report import Result, conclude, console, show_environment, show_table
from chassis.ids import new_id
from chassis.testing import Database, create_database
from compliance.evidence.domain import to_plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import decide
from compliance.service import service
from deploy.devstack.postgres import PostgresServer
from services.compliance.tests.unit.builders import NOW, SALE, rulebook

#: A million decisions within half an hour: an auditor waits for it.
GOAL_RATE = 1_000_000 / 1800
COPY = "COPY decisions (id, case_id, result, digest, release, decision, decided_at) FROM STDIN"
SAID = re.compile(r"replayed: (\d+), differences: 0, (\d+)/s")


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """So many decisions of one year, each on facts of its own."""
    release, chance, case_id = rulebook(), random.Random(count), new_id()
    for number in range(count):
        facts = replace(
            SALE,
            attempt_id=new_id(),
            amount_minor=chance.randint(1, 10**9),
            staffing_fresh=number % 3 > 0,
            decided_at=NOW + timedelta(seconds=chance.randint(0, 30)),
        )
        decision = decide(release, SALE_CHECKS, facts)
        content = json.dumps(to_plain(decision))
        yield (
            *(new_id(), case_id, decision.result.value, decision.digest, decision.release),
            *(content, decision.decided_at),
        )


def fill(database: Database, count: int) -> None:
    """Puts the decisions where the gate keeps them; of their cases nothing is known here."""
    release = rulebook()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("ALTER TABLE decisions DROP CONSTRAINT fk_decisions_case_id_cases")
        connection.execute(
            "INSERT INTO rule_releases VALUES (%s, %s, %s)",
            (release.digest, json.dumps(to_plain(release)), NOW),
        )
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in rows(count):
                copy.write_row(row)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) decisions")


def replayed(database: Database, processes: int) -> tuple[float, float]:
    """Decisions a second, and CPU milliseconds of the processes that replay, as the command says."""
    command = [sys.executable, "-m", "compliance", "decisions", "replay", "--all"]
    given = {
        "WANGDIAN_DATABASE_URL": database.app_url,
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "WANGDIAN_ISSUER": "http://127.0.0.1:1",
        "WANGDIAN_JWKS_URL": "http://127.0.0.1:1/jwks",
    }
    before = cpu.of_family(os.getpid())
    done = subprocess.run(
        [*command, "--processes", str(processes)],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    said = SAID.search(done.stdout)
    if said is None:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return float(said[2]), cpu.of_family(os.getpid()) - before


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        server = PostgresServer(Path(folder), fast=True)
        server.start()
        try:
            database = create_database(server.dsn(), service)
            begun = time.monotonic()
            fill(database, options.decisions)
            console.print(f"{options.decisions} decisions made in {time.monotonic() - begun:.0f} s")
            found = {count: replayed(database, count) for count in options.processes}
        finally:
            server.stop()
    lines = [
        [f"{count}", f"{rate:.0f}/s", f"{1e6 / rate / 60:.0f} min", f"{spent / options.decisions:.2f} ms"]
        for count, (rate, spent) in found.items()
    ]
    columns = ["processes", "replayed", "a million takes", "CPU of one, the start included"]
    show_table(f"{options.decisions} stored decisions made again", columns, lines)
    processes, (rate, spent) = max(found.items(), key=lambda one: one[1][0])
    conclude(
        Result(
            name="replay",
            value=round(rate),
            unit="decisions/s",
            against="limit",
            reference=round(GOAL_RATE, 1),
            ratio=round(rate / GOAL_RATE, 3),
            goal=">= 1.0",
            met=rate >= GOAL_RATE,
            processes=processes,
            server_cpu_ms=round(spent / options.decisions, 3),
        )
    )


if __name__ == "__main__":
    main()
