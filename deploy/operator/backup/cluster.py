"""PostgreSQL's own tools on an installation's server: base backup, dump, and what the server allows."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.devstack.postgres import BINARIES
from deploy.operator import OperatorError
from deploy.operator.backup.manifest import Advance, DatabaseAt, HashedFile
from deploy.operator.installation import Installation

#: Keeps the server's log from the base backup on until a receiver has it.
SLOT = "wangdian_backup"
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Tool:
    """One of PostgreSQL's programs on a server; the password travels in the environment alone."""

    dsn: str

    def environment(self) -> dict[str, str]:
        """The connection as libpq's variables."""
        given = conninfo_to_dict(self.dsn)
        return dict(os.environ) | {
            "PGDATABASE" if name == "dbname" else f"PG{name.upper()}": str(value)
            for name, value in given.items()
        }

    def start(self, program: str, *words: str) -> "subprocess.Popen[str]":
        """Starts it in a group of its own: a Ctrl-C is ours to pass on."""
        return subprocess.Popen(
            [str(BINARIES / program), *words],
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, grows: Path, advance: Advance, program: str, *words: str) -> None:
        """Runs it to its end, telling how the folder or file grows; raises what it said when it fails."""
        process = self.start(program, "--no-password", *words)
        told = 0
        try:
            while True:
                try:
                    process.wait(LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    now = size_of(grows)
                    advance(now - told)
                    told = now
                    continue
                break
            said = process.stderr.read() if process.stderr else ""
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            if process.stderr:
                process.stderr.close()
        if process.returncode:
            raise OperatorError(f"{program} failed: {' '.join(said.split())[-600:]}")


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder, that are there at this moment."""
    if path.is_file():
        return path.stat().st_size
    total = 0
    for root, _, names in os.walk(path):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def allows_base_backup(dsn: str | None) -> str | None:
    """Why the server allows no base backup here; None when it does."""
    if dsn is None:
        return "no superuser's address is known (WANGDIAN_POSTGRES_URL)"
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5, replication="true") as connection:
            connection.execute("IDENTIFY_SYSTEM")
    except psycopg.Error as error:
        return " ".join(str(error).split())
    return None


def base_backup(dsn: str, target: Path, advance: Advance) -> None:
    """A copy of the whole server, consistent at its end, with the log that it needs."""
    words = ["--pgdata", str(target), "--wal-method", "stream", "--checkpoint", "fast"]
    words += ["--manifest-checksums", "SHA256"]
    Tool(dsn).run(target, advance, "pg_basebackup", *words)


def verify_base(folder: Path, files: Mapping[str, HashedFile]) -> None:
    """Compares ``files`` (by path in the base backup) with what the server says that it sent.

    Raises :class:`OperatorError` that names the first file that differs.
    """
    told: Any = json.loads((folder / "backup_manifest").read_text(encoding="utf-8"))
    for file in told["Files"]:
        arrived = files.get(file["Path"])
        if arrived is None or arrived != HashedFile(file["Size"], file["Checksum"]):
            raise OperatorError(f"{folder / file['Path']} is not what the server sent; make the backup again")


def dump(dsn: str, target: Path, advance: Advance) -> None:
    """One database's content at one moment."""
    Tool(dsn).run(target, advance, "pg_dump", "--format", "custom", "--file", str(target))


def load(dsn: str, source: Path, advance: Advance) -> None:
    """Puts a dump into an empty database; all of it or nothing."""
    words = ["--exit-on-error", "--single-transaction", "--dbname", conninfo_to_dict(dsn)["dbname"]]
    Tool(dsn).run(source, advance, "pg_restore", *map(str, words), str(source))


def keep_log(dsn: str) -> None:
    """Makes the slot: the server keeps its log from here until a receiver has it; one that is there stays."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", (SLOT,))
        if known.fetchone() is None:
            connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", (SLOT,))


def release_log(dsn: str) -> bool:
    """Drops the slot, so that the server keeps its log for nobody; says whether there was one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        dropped = connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE slot_name = %s AND NOT active",
            (SLOT,),
        )
        return dropped.rowcount > 0


def relay_rests(dsn: str) -> bool:
    """Whether a service's relay is paused."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("SELECT paused FROM relay_control").fetchone()
    return bool(row and row[0])


def relay_goes_on(dsn: str, reason: str) -> None:
    """Ends a pause that was made for ``reason``, and no other."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE relay_control SET paused = false, reason = NULL WHERE reason = %s", (reason,)
        )


def forget_places(dsn: str) -> None:
    """Has a restored service read its topics from their beginning: no broker's log fits a restored database.

    Its inbox drops what it knows. A register is stale until its facts have been read.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM consumer_position")
        connection.execute("DELETE FROM register_heartbeat")


def now(dsn: str) -> datetime:
    """The server's clock."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    instant: datetime = row[0]
    return instant


def state(dsn: str) -> DatabaseAt:
    """A service's schema and its last fact."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "SELECT (SELECT version_num FROM alembic_version), (SELECT coalesce(max(seq), 0) FROM fact)"
        ).fetchone()
    assert row is not None
    return DatabaseAt(row[0], row[1])


def sizes(installation: Installation) -> int:
    """Bytes of everything on the server where its superuser is known, else of the services' databases."""
    if installation.postgres_dsn is not None:
        with psycopg.connect(installation.postgres_dsn, autocommit=True) as connection:
            everything = connection.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database")
            row = everything.fetchone()
        return int(row[0]) if row else 0
    total = 0
    for service in installation.services:
        with psycopg.connect(service.dsn, autocommit=True) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        total += row[0] if row else 0
    return total
