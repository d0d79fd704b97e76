"""The stack's own PostgreSQL: safe to kill, and each role kept to its own database (D1)."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.devstack import REPOSITORY, StackError, postgres
from deploy.devstack.passwords import Passwords
from deploy.devstack.postgres import BINARIES, ExternalPostgres, PostgresServer, provision

SERVICES = ("alpha", "beta")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = PostgresServer(tmp_path_factory.mktemp("cluster"), fast=True)
    server.start()
    provision(server, SERVICES)
    yield server
    server.stop()


def execute(dsn: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def kept_over_kill_and_restart(server: PostgresServer) -> list[tuple[object, ...]]:
    """The rows of ``(1,), (2,)`` that stand there after a kill and a restart."""
    server.start()
    try:
        execute(server.dsn(), "CREATE TABLE kept (n integer); INSERT INTO kept VALUES (1)")
        server.kill()
        server.start()
        execute(server.dsn(), "INSERT INTO kept VALUES (2)")
        server.restart()
        return execute(server.dsn(), "SELECT n FROM kept ORDER BY n")
    finally:
        server.stop()


def test_data_are_kept_over_kill_and_restart(tmp_path: Path) -> None:
    assert kept_over_kill_and_restart(PostgresServer(tmp_path / "cluster")) == [(1,), (2,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_root_without_user_namespaces_runs_it_as_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_NAMESPACE", ["false"])
    server = PostgresServer(tmp_path / "cluster", fast=True)
    assert kept_over_kill_and_restart(server) == [(1,), (2,)]
    assert (tmp_path / "cluster" / "data").stat().st_uid != 0


def test_it_listens_on_loopback_alone_and_wants_passwords(server: PostgresServer) -> None:
    assert execute(server.dsn(), "SHOW listen_addresses") == [("127.0.0.1",)]
    assert execute(server.dsn(), "SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [("scram-sha-256",)]
    wrong = server.dsn().replace(server.passwords.get("postgres.postgres"), "postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


@pytest.mark.parametrize("role", ["alpha_owner", "alpha_app"])
def test_no_role_of_one_service_can_log_in_to_anothers_database(server: PostgresServer, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match='permission denied for database "beta"'):
        psycopg.connect(server.dsn("beta", role))


def test_the_serving_role_has_no_ddl(server: PostgresServer) -> None:
    for statement in (
        "CREATE TABLE own (n integer)",
        "CREATE SCHEMA own",
        "CREATE TEMP TABLE own (n integer)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            execute(server.dsn("alpha", "alpha_app"), statement)


def test_the_owner_makes_tables_and_grants_them(server: PostgresServer) -> None:
    execute(server.dsn("alpha", "alpha_owner"), "CREATE TABLE t (n integer); GRANT SELECT ON t TO alpha_app")
    assert execute(server.dsn("alpha", "alpha_app"), "SELECT count(*) FROM t") == [(0,)]


def test_statements_and_waits_are_bounded(server: PostgresServer) -> None:
    app = server.dsn("alpha", "alpha_app")
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert execute(app, f"SHOW {name}") != [("0",)]
    assert execute(server.dsn("alpha", "alpha_owner"), "SHOW lock_timeout") != [("0",)]


def test_provisioning_again_changes_passwords_and_keeps_data(server: PostgresServer, tmp_path: Path) -> None:
    execute(server.dsn("beta", "beta_owner"), "CREATE TABLE kept (n integer)")
    other = ExternalPostgres(server.dsn(), Passwords(tmp_path / "passwords.json"))
    other.start()
    try:
        provision(other, ["beta"])
        assert execute(other.dsn("beta", "beta_owner"), "SELECT count(*) FROM kept") == [(0,)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.dsn("beta", "beta_owner"))
    finally:
        provision(server, ["beta"])


def test_the_container_provisions_with_the_same_statements(server: PostgresServer, tmp_path: Path) -> None:
    for role in ("gamma_owner", "gamma_app"):
        (tmp_path / f"postgres_{role}").write_text(f"{role} it's a \\ password")
    environment = {
        "PATH": f"{BINARIES}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": server.passwords.get("postgres.postgres"),
        "POSTGRES_USER": "postgres",
        "SERVICES": "gamma",
        "SECRETS": str(tmp_path),
        "PROVISION": str(REPOSITORY / "deploy/postgres/provision.sql"),
    }
    script = REPOSITORY / "deploy/postgres/init.sh"
    done = subprocess.run([str(script)], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "provisioned gamma\n"
    with psycopg.connect(
        host="127.0.0.1",
        port=server.port,
        dbname="gamma",
        user="gamma_app",
        password="gamma_app it's a \\ password",
    ) as connection:
        assert connection.info.dbname == "gamma"


def test_a_cluster_that_is_in_use_is_left_alone(server: PostgresServer) -> None:
    with pytest.raises(StackError, match="already runs"):
        PostgresServer(server.folder, passwords=server.passwords, fast=True).start()
    assert execute(server.dsn(), "SELECT 1") == [(1,)]


def test_the_lock_of_a_cluster_whose_machine_crashed_is_no_obstacle(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "cluster", fast=True)
    server.start()
    server.kill()
    lock = tmp_path / "cluster" / "data" / "postmaster.pid"
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:], ""]))
    server.start()
    assert server.alive
    server.stop()


def test_passwords_are_private_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "private" / "passwords.json"
    made = Passwords(path).get("postgres.alpha_app")
    assert len(made) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert Passwords(path).get("postgres.alpha_app") == made


def test_an_existing_server_must_answer(tmp_path: Path) -> None:
    absent = ExternalPostgres("postgresql://me:secret@127.0.0.1:1/postgres", Passwords(tmp_path / "p.json"))
    with pytest.raises(StackError, match="DATABASE_URL: the server does not answer"):
        absent.start()
