"""A short day is played, backed up, spoilt, destroyed and restored: its books balance, every row is there."""

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy import SERVICES
from deploy.apart import run
from deploy.books import Imbalance, balance
from deploy.demo.day import play
from deploy.devstack.passwords import Passwords
from deploy.devstack.postgres import PostgresServer
from deploy.devstack.stack import Stack
from deploy.operator import OperatorError
from deploy.operator.backup import cluster
from deploy.operator.backup.archiving import gap
from deploy.operator.backup.manifest import Manifest
from deploy.operator.backup.restoring import restore
from tests.operator.conftest import Operator
from tests.operator.outside import Foreign, foreign_records, send_again

#: Rows that move by themselves, or are forgotten on purpose by a restore.
MOVING = {"consumer_position", "register_heartbeat", "relay_position"}

Rows = dict[tuple[str, str], tuple[int, str]]


def rows(dsns: dict[str, str]) -> Rows:
    """Number and digest of the rows of every table of every service."""
    found: Rows = {}
    for service, dsn in dsns.items():
        with psycopg.connect(dsn) as connection:
            names = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (name,) in names:
                if name not in MOVING:
                    digest = f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t"
                    for count, hashed in connection.execute(digest.encode()):
                        found[service, name] = (count, hashed or "")
    return {place: content for place, content in found.items() if content[0]}


def settled_rows(stack: Stack) -> Rows:
    """The rows once they stand still."""
    dsns = {name: stack.postgres.dsn(name) for name in SERVICES}
    before = rows(dsns)
    while (after := rows(dsns)) != before:
        before = after
    return after


@contextmanager
def restored_server(folder: Path) -> Iterator[dict[str, str]]:
    """The restored databases, running: superuser's address by service."""
    server = PostgresServer(folder / "postgres", passwords=Passwords(folder / "secrets.json"))
    server.start()
    try:
        yield {name: server.dsn(name) for name in SERVICES}
    finally:
        server.stop()


@pytest.fixture(scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    """A stack on which a short day was played."""
    stack = Stack(tmp_path_factory.mktemp("played") / "stack", fast=True)
    await asyncio.to_thread(stack.start)
    try:
        summary = await play(stack, tickets=60, sales=6, seconds=6.0, seed=11)
        assert summary.wrong == []
        yield Operator(stack)
    finally:
        await asyncio.to_thread(stack.stop)


def test_a_backup_by_dumps_restores_every_row(played: Operator, tmp_path: Path) -> None:
    backup, target = tmp_path / "backup", tmp_path / "restored"
    assert balance(played.stack.describe(), played.stack.state / "ledger") == []
    before = settled_rows(played.stack)
    assert "dump backup" in played.types("backup", "create", str(backup), "--method", "dump")
    assert played.named() == set(), "the relays go on"
    assert settled_rows(played.stack) == before
    assert "as they were written" in played.types("backup", "verify", str(backup))
    played.types("restore", str(backup), str(target))
    with restored_server(target) as dsns:
        assert rows(dsns) == before
    # Roles, grants and passwords are back: a service can serve as it is.
    assert {path.name for path in target.iterdir()} >= {"data", "issuer", "postgres", "secrets.json"}
    with pytest.raises(OperatorError, match="no log"):
        restore(backup, tmp_path / "other", quiet, at=datetime.now(UTC))


def quiet(*_: object) -> Any:
    """Tells nobody how far a step is."""
    return lambda _: None


def test_a_damaged_backup_is_refused_before_anything_is_restored(played: Operator, tmp_path: Path) -> None:
    backup, target = tmp_path / "backup", tmp_path / "restored"
    played.types("backup", "create", str(backup))
    for path in backup.rglob("*"):
        assert path.stat().st_mode & 0o007 == 0 or backup.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (backup / "secrets").rglob("*.json"))
    evidence = next(path for path in (backup / "data" / "compliance").rglob("objects/**/*") if path.is_file())
    content = evidence.read_bytes()
    evidence.write_bytes(b"x" + content[1:])
    with pytest.raises(OperatorError, match=f"{evidence.name} is altered"):
        restore(backup, target, quiet)
    assert list(target.iterdir()) == []
    evidence.unlink()
    with pytest.raises(OperatorError, match=f"{evidence.name} is missing"):
        restore(backup, target, quiet)
    evidence.write_bytes(content)
    (backup / "secrets" / "added.json").write_text("{}")
    with pytest.raises(OperatorError, match=r"added\.json is not of this backup"):
        restore(backup, target, quiet)
    (backup / "manifest.json").unlink()
    with pytest.raises(OperatorError, match="no complete backup"):
        restore(backup, target, quiet)


def test_a_gap_in_the_log_is_found() -> None:
    names = ["0000000100000000000000FE", "0000000100000000000000FF", "000000010000000100000000.partial"]
    assert gap([*names, "hashes.json", "archive_status"]) is None
    assert gap(names[1:]) is None
    assert gap([names[0], names[2]]) == names[0]


def test_nothing_is_overwritten(played: Operator, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    played.types("backup", "create", str(tmp_path), fails=True)
    backup = tmp_path / "backup"
    played.types("backup", "create", str(backup))
    with pytest.raises(OperatorError, match="is not empty"):
        restore(backup, tmp_path, quiet)
    assert (tmp_path / "kept").read_text() == "mine"


def test_a_server_that_allows_no_base_backup(played: Operator, tmp_path: Path) -> None:
    operators = "CREATE ROLE weak LOGIN PASSWORD 'a-password-of-this-test'"
    played.execute("postgres", operators)
    try:
        dsn = played.stack.postgres.dsn().replace(
            f"postgres:{played.stack.postgres.passwords.get('postgres.postgres')}",
            "weak:a-password-of-this-test",
        )
        assert "replication" in str(cluster.allows_base_backup(dsn)).lower()
        assert cluster.allows_base_backup(played.stack.postgres.dsn()) is None
        assert "no superuser" in str(cluster.allows_base_backup(None))
    finally:
        played.execute("postgres", "DROP ROLE weak")


@pytest.mark.real_kafka
async def test_everything_destroyed_is_restored_to_a_moment_of_choice(
    played: Operator, tmp_path: Path
) -> None:
    """A mistake deletes rows, then the machine is lost; the moment before the mistake is brought back."""
    assert await asyncio.to_thread(lost_and_restored, played, tmp_path) == []


def lost_and_restored(played: Operator, tmp_path: Path) -> list[Imbalance]:
    """What the books object to when everything was lost and brought back."""
    stack, backup = played.stack, tmp_path / "backup"
    played.types("backup", "create", str(backup), "--point-in-time")
    command = [sys.executable, "-m", "deploy.operator", "--stack", str(played.path), "backup", "follow"]
    with subprocess.Popen([*command, str(backup)], stdout=subprocess.PIPE, text=True) as following:
        summary = asyncio.run(play(stack, tickets=40, sales=4, seconds=5.0, seed=12))
        assert summary.wrong == []
        assert balance(stack.describe(), stack.state / "ledger") == []
        before = settled_rows(stack)
        moment = cluster.now(stack.postgres.dsn())
        played.execute("ticketing", "SET session_replication_role = replica; DELETE FROM tickets")
        assert settled_rows(stack) != before
        following.send_signal(signal.SIGINT)
        assert "segments of the log" in following.communicate(timeout=60)[0]
    assert following.returncode == 0
    played.types("backup", "end")
    foreign = run(foreign_records(stack.kafka.bootstrap))
    shutil.copytree(stack.state / "ledger", tmp_path / "ledger")
    stack.stop()
    shutil.rmtree(stack.folder)

    manifest = Manifest.read(backup)
    with pytest.raises(OperatorError, match="choose a later moment"):
        restore(backup, tmp_path / "early", quiet, at=manifest.consistent_at - timedelta(minutes=1))
    with pytest.raises(OperatorError, match="log ends before that moment"):
        restore(backup, tmp_path / "late", quiet, at=datetime.now(UTC) + timedelta(hours=1))
    assert list((tmp_path / "late").iterdir()) == []
    last = tmp_path / "last"
    restore(backup, last, quiet)
    with restored_server(last) as dsns:
        assert ("ticketing", "tickets") not in rows(dsns), "the log's end comes after the mistake"

    restored = tmp_path / "restored"
    played.types("restore", str(backup), str(restored), "--at", moment.isoformat())
    with restored_server(restored) as dsns:
        assert rows(dsns) == before
    return gone_on(Stack(restored, fast=True), foreign, tmp_path / "ledger")


def gone_on(stack: Stack, foreign: list[Foreign], ledger: Path) -> list[Imbalance]:
    """As the runbook says: start on an empty broker, send the archives again; what the books say."""
    stack.start()
    try:
        operator = Operator(stack)
        since = (datetime.now(UTC) - timedelta(days=34)).isoformat()
        for name in SERVICES:
            operator.types("republish", name, "--since", since)
        run(send_again(stack.kafka.bootstrap, foreign))
        operator.wait_until_well()
        imbalances = balance(stack.describe(), ledger)
        asyncio.run(play(stack, tickets=20, sales=2, seconds=3.0, seed=13))
        return imbalances
    finally:
        stack.stop()
