"""What ``pgbench`` makes of the same sales: their rows only written, or locked and read before.

It works in copies of the database as it was before the sales, constraints and triggers included, one
transaction for each sale. It locks and reads by the gate's own statements, with the values of that sale,
one after the other, as each needs the answer of the one before. It writes the rows that the service wrote
without waiting for answers.
"""

import re
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from chassis.testing import Asked, ServiceKit
from compliance.cases.queries import case as case_of
from compliance.sales.queries import sale as sale_of
from compliance.sales.reading import hold_grounds, named_heads
from deploy.devstack.postgres import BINARIES, PostgresServer

WRITES, WHOLE = "compliance_writes", "compliance_whole"

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
STAGE = "INSERT INTO staged SELECT %s, * FROM sales WHERE case_id = %s"
STAGED = "SELECT * FROM staged WHERE place >= {first}"
ADDITIONS = "SELECT s.place, t.* FROM {table} t JOIN staged s ON {found} WHERE s.place >= {first}"

PLACE = re.compile(r"\$(\d+)")
STEP = "\\set place :first + :client_id * :sales + :step\n\\set step :step + 1\n"
WRITE_SCRIPT = STEP + "\\startpipeline\nBEGIN;\n{writes}COMMIT;\n\\endpipeline\n"
VALUES = "SELECT {names} FROM staged_values WHERE place = :place \\gset\n"
WHOLE_SCRIPT = STEP + VALUES + "BEGIN;\n{reads}\\startpipeline\n{writes}COMMIT;\n\\endpipeline\n"
SCRIPTS = {WRITES: WRITE_SCRIPT, WHOLE: WHOLE_SCRIPT}


async def asked(kit: ServiceKit, cases: Sequence[str]) -> list[list[Asked]]:
    """What the gate asks to lock and read what each of these sales rests on, asked once more."""
    found = []
    for case_id in cases:
        async with kit.session() as session:
            case = await case_of(session, UUID(case_id))
            assert case.sale_id is not None
            recording_id = (await sale_of(session, case.sale_id)).recording_id
            with kit.asked() as statements:
                named = await named_heads(session, [(case, recording_id)])
                await hold_grounds(session, kit.clock, named, share=False)
            found.append(statements)
    return found


def _created(postgres: PostgresServer, name: LiteralString, template: LiteralString) -> None:
    """Creates a database that the service's role may use."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER compliance_owner")
        connection.execute(f"GRANT CONNECT ON DATABASE {name} TO compliance_app")


class Peers:
    """Both peers, each in a copy of the service's database, made now, whose outbox no relay reads."""

    def __init__(self, postgres: PostgresServer, folder: Path) -> None:
        self._postgres, self._folder = postgres, folder
        self._scripts: dict[str, Path] = {}
        #: Places of the sales that are staged: the first of the last round, and behind the last one.
        self._first = self._end = 0
        dump = str(folder / "before.dump")
        whole = [str(BINARIES / "pg_dump"), "-Fc", "-f", dump, postgres.dsn("compliance")]
        subprocess.run(whole, check=True, capture_output=True)
        _created(postgres, WRITES, "template1")
        restore = [str(BINARIES / "pg_restore"), "-d", postgres.dsn(WRITES), dump]
        subprocess.run(restore, check=True, capture_output=True)
        with psycopg.connect(postgres.dsn(WRITES), autocommit=True) as theirs:
            # The ids that the service gives are of some time ago when they are written here.
            theirs.execute("ALTER TABLE decisions DISABLE TRIGGER decision_id_is_of_now")
        _created(postgres, WHOLE, WRITES)
        with psycopg.connect(postgres.dsn("compliance"), autocommit=True) as ours:
            ours.execute("CREATE TABLE staged (place int PRIMARY KEY, LIKE sales)")

    def stage(self, cases: Sequence[str], readings: Sequence[Sequence[Asked]]) -> dict[str, float]:
        """Puts what the service asked and wrote for these sales beside the tables of the peers.

        ``cases``: those of the first client, of the second and so on, of each as many. Answers how many rows
        of each table a sale has.
        """
        self._first, self._end = self._end, self._end + len(cases)
        with psycopg.connect(self._postgres.dsn("compliance"), autocommit=True) as ours:
            for place, case_id in enumerate(cases, self._first):
                ours.execute(STAGE, (place, case_id))
            rows = [self._staged(ours, name, readings) for name in (WRITES, WHOLE)]
        return {table: count / len(cases) for table, count in rows[0].items()}

    def _staged(
        self, ours: psycopg.Connection[Any], database: str, readings: Sequence[Sequence[Asked]]
    ) -> dict[str, int]:
        """Into one peer's database, whose script it writes."""
        with psycopg.connect(self._postgres.dsn(database), autocommit=True) as theirs:
            writes, rows = self._rows(ours, theirs)
            reads, names = self._values(theirs, readings)
            theirs.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO compliance_app")
            theirs.execute("VACUUM (ANALYZE)")
        script = self._scripts[database] = self._folder / f"{database}.{self._first}.pgbench"
        text = SCRIPTS[database].format(writes=writes, reads=reads, names=names)
        script.write_text(text, encoding="utf-8")
        return rows

    def _rows(
        self, ours: psycopg.Connection[Any], theirs: psycopg.Connection[Any]
    ) -> tuple[str, dict[str, int]]:
        script, rows = "", {}
        _move(
            ours,
            theirs,
            "staged",
            "place int PRIMARY KEY, LIKE sales",
            STAGED.format(first=self._first),
        )
        for table, found in ADDED.items():
            wanted = ADDITIONS.format(table=table, found=found, first=self._first)
            rows[table] = _move(ours, theirs, f"staged_{table}", f"place int, LIKE {table}", wanted)
            theirs.execute(f"CREATE INDEX IF NOT EXISTS staged_{table}_place ON staged_{table} (place)")
            (columns,) = theirs.execute(COLUMNS, (table,)).fetchall()[0]
            names = {"table": table, "columns": ", ".join(columns)}
            script += (QUEUED if table == "fact" else WRITTEN).format(**names)
        return script + CHANGED, rows

    def _values(
        self, theirs: psycopg.Connection[Any], readings: Sequence[Sequence[Asked]]
    ) -> tuple[str, str]:
        """The reading statements of every sale, which are the same, and the names of their values."""
        (statements,) = {tuple(one.statement for one in reading) for reading in readings}
        script, names = "", list[str]()
        for statement, one in zip(statements, readings[0], strict=True):
            script += PLACE.sub(partial(_named, len(names)), " ".join(statement.split())) + ";\n"
            names += [f"v{len(names) + number}" for number in range(1, len(one.values) + 1)]
        columns = ", ".join(f"{name} text" for name in names)
        theirs.execute(f"CREATE TABLE IF NOT EXISTS staged_values (place int PRIMARY KEY, {columns})")
        with theirs.cursor().copy("COPY staged_values FROM STDIN") as into:
            for place, reading in enumerate(readings, self._first):
                into.write_row([place, *(_literal(value) for one in reading for value in one.values)])
        return script, ", ".join(names)

    def rate(self, database: str, *, clients: int, warming: int) -> float:
        """Sales a second of ``pgbench`` with what was staged last, every client those of one client of ours.

        Counted from when all clients have sold as many as are for ``warming``: before, they connect and plan.
        Raises ``SystemExit``.
        """
        script, each = self._scripts[database], (self._end - self._first) // clients
        log = script.with_suffix(".log")
        command = [str(BINARIES / "pgbench"), "-n", "-M", "prepared", "-j", "1", "-c", str(clients)]
        command += ["-t", str(each), "-D", f"sales={each}", "-D", f"first={self._first}", "-D", "step=0"]
        command += ["-f", str(script), "-l", f"--log-prefix={log}"]
        command += [self._postgres.dsn(database, "compliance_app")]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        if said.returncode or "failed transactions: 0 " not in said.stdout:
            raise SystemExit(f"pgbench: {said.stdout} {said.stderr[-2000:]}")
        (written,) = log.parent.glob(f"{log.name}.*")
        ends: dict[str, list[float]] = defaultdict(list)
        for line in written.read_text(encoding="utf-8").splitlines():
            client, _, _, _, seconds, microseconds = line.split()
            ends[client].append(int(seconds) + int(microseconds) / 1e6)
        warm = max(times[warming - 1] for times in ends.values())
        later = [end for times in ends.values() for end in times if end > warm]
        return len(later) / (max(later) - warm)


def _named(before: int, place: re.Match[str]) -> str:
    """A value by its place in its statement, as a variable of ``pgbench``; so many stand ``before``."""
    return f":v{before + int(place[1])}"


def _literal(value: Any) -> str | None:
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(str, value)) + "}"
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)


def _move(
    ours: psycopg.Connection[Any], theirs: psycopg.Connection[Any], name: str, columns: str, wanted: str
) -> int:
    """Copies what is ``wanted`` into the peer's database, into a table with these columns; how many rows."""
    theirs.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
    copied = theirs.cursor()
    with (
        ours.cursor().copy(f"COPY ({wanted}) TO STDOUT (FORMAT binary)") as out,
        copied.copy(f"COPY {name} FROM STDIN (FORMAT binary)") as into,
    ):
        for block in out:
            into.write(block)
    return copied.rowcount
