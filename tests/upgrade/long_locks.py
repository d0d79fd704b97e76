"""What a migration locks of tables that people are working with: for a moment, or for as long as a scan.

A migration runs while the service serves (docs/runbooks/schema-behind.md). A lock that keeps writers out is
borne when it is taken for a change of the catalogue alone, never while a table is read or written through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from chassis.migrate import configuration, sync_url
from chassis.testing import Database

#: What the migration held when one of its statements ended; kept where the owner cannot write.
WATCH = """
CREATE SCHEMA watch;
CREATE TABLE watch.held (relation oid, mode text);
CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO watch.held SELECT relation, mode FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'relation';
END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch.note();
"""
TABLES = """
SELECT oid, relname, relfilenode FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""
CONSTRAINTS = """
SELECT oid, conrelid, conname, convalidated, contype, conkey FROM pg_constraint WHERE conrelid <> 0
"""
COLUMNS = "SELECT attrelid, max(attnum) AS last FROM pg_attribute GROUP BY attrelid"
#: Keeps writers out while an index is built over every row.
BUILDS_AN_INDEX = "ShareLock"


@dataclass(frozen=True)
class Catalogue:
    """The tables with their files, the constraints, and each table's last column."""

    tables: dict[int, tuple[str, int]]
    constraints: dict[int, tuple[int, str, bool, str, tuple[int, ...]]]
    columns: dict[int, int]

    @classmethod
    def of(cls, connection: psycopg.Connection) -> "Catalogue":
        """What stands there now."""
        tables = {oid: (name, file) for oid, name, file in connection.execute(TABLES)}
        constraints = {
            oid: (table, name, validated, kind, tuple(columns or ()))
            for oid, table, name, validated, kind, columns in connection.execute(CONSTRAINTS)
        }
        columns: dict[int, int] = dict(connection.execute(COLUMNS).fetchall())
        return cls(tables, constraints, columns)


def revisions(migrations: Path) -> list[str]:
    """The steps of a folder, the first one first."""
    script = ScriptDirectory.from_config(configuration(migrations))
    return [step.revision for step in reversed(list(script.walk_revisions()))]


def step(database: Database, migrations: Path, revision: str) -> list[str]:
    """Runs one more migration as the owner; what it holds for long, in words."""
    with psycopg.connect(database.super_url, autocommit=True) as watching:
        if watching.execute("SELECT to_regnamespace('watch') IS NULL").fetchone() == (True,):
            watching.execute(WATCH.encode())
        watching.execute("TRUNCATE watch.held")
        before = Catalogue.of(watching)
        engine = create_engine(sync_url(database.owner_url))
        with engine.connect() as connection:
            command.upgrade(configuration(migrations, connection), revision)
            connection.commit()
        engine.dispose()
        held = {
            (int(relation), str(mode))
            for relation, mode in watching.execute("SELECT DISTINCT relation, mode FROM watch.held")
        }
        return sorted(found_long(before, Catalogue.of(watching), held))


def found_long(before: Catalogue, after: Catalogue, held: set[tuple[int, str]]) -> Iterator[str]:
    """The tables of ``before`` that were scanned or rewritten under a lock that keeps writers out."""
    rewritten = {
        oid for oid, (name, file) in before.tables.items() if after.tables.get(oid, (name, file))[1] != file
    }
    indexed = {oid for oid, mode in held if mode == BUILDS_AN_INDEX and oid in before.tables} - rewritten
    for oid in rewritten:
        yield f"{before.tables[oid][0]}: is rewritten"
    for oid in indexed:
        yield f"{before.tables[oid][0]}: an index is built while writers wait; build it CONCURRENTLY"
    for oid, (table, name, validated, kind, columns) in after.constraints.items():
        if oid in before.constraints or table not in before.tables or table in rewritten or not validated:
            continue
        # NOT NULL of a column that is new: its default stands in the catalogue. UNIQUE: is its index.
        if (kind == "n" and min(columns) > before.columns[table]) or kind in {"p", "u", "x"}:
            continue
        yield f"{before.tables[table][0]}: {name} reads every row; add it NOT VALID, validate it afterwards"
