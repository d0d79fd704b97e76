"""The stack as a whole, without services: what it says, and that it leaves nothing behind."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.devstack import StackError
from deploy.devstack.ports import check
from deploy.devstack.postgres import ExternalPostgres, PostgresServer
from deploy.devstack.stack import Stack
from tests.devstack.test_processes import wait_until_gone


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"), services=(), kafka="mock", fast=True)
    stack.start()
    yield stack
    stack.stop()


def test_stack_json_says_where_everything_is(stack: Stack) -> None:
    path = stack.folder / "stack.json"
    assert path.stat().st_mode & 0o777 == 0o600
    found = json.loads(path.read_text())
    assert found == stack.describe()
    assert found["kafka"] == {"bootstrap": stack.kafka.bootstrap, "kind": "mock"}
    assert found["users"]["operator-1"]["roles"] == ["operator"]
    assert set(found) == {"services", "kafka", "postgres", "issuer", "folder", "users"}


def test_every_user_of_stack_json_gets_a_token(stack: Stack) -> None:
    found = json.loads((stack.folder / "stack.json").read_text())
    for user in found["users"].values():
        answer = httpx.post(
            found["issuer"]["token_url"],
            auth=(user["client_id"], user["client_secret"]),
            data={"grant_type": "client_credentials"},
        )
        assert answer.status_code == 200


def test_broker_and_database_may_be_killed(stack: Stack) -> None:
    before = stack.describe()
    stack.restart_kafka()
    stack.restart_postgres()
    assert stack.describe() == before


def test_a_mock_broker_comes_with_a_database_that_starts_empty(tmp_path: Path) -> None:
    kept = tmp_path / "mock" / "postgres"
    kept.mkdir(parents=True)
    stack = Stack(tmp_path, kafka="mock", database_url="postgresql://me:secret@127.0.0.1:1/postgres")
    assert not kept.exists()
    assert isinstance(stack.postgres, PostgresServer)
    assert "starts empty" in stack.notes[0]
    assert "DATABASE_URL is left alone" in stack.notes[1]


def test_existing_servers_are_used_and_never_stopped(tmp_path: Path) -> None:
    stack = Stack(
        tmp_path,
        kafka_servers="kafka.test:9092",
        database_url="postgresql://me:secret@db.test/postgres?sslmode=require",
    )
    assert stack.kafka.kind == "external"
    assert isinstance(stack.postgres, ExternalPostgres)
    app = stack.postgres.dsn("ticketing", "ticketing_app")
    assert app.startswith("postgresql://ticketing_app:")
    assert app.endswith("@db.test/ticketing")
    assert stack.postgres.dsn() == "postgresql://me:secret@db.test/postgres?sslmode=require"
    for restart in (stack.restart_kafka, stack.restart_postgres):
        with pytest.raises(StackError, match="not the stack's"):
            restart()


def test_a_stack_that_fails_to_start_stops_what_had_started(tmp_path: Path) -> None:
    wrong = {"WANGDIAN_POOL_SIZE": "many"}
    stack = Stack(tmp_path, services=("staffing",), kafka="mock", fast=True, settings=wrong)
    with pytest.raises(StackError, match=r"staffing could not migrate(.|\n)*pool_size"):
        stack.start()
    assert not (tmp_path / "stack.json").exists()
    check(stack.ports, dict.fromkeys(("issuer", "postgres"), "a test"))


def test_a_service_may_be_killed_and_restarted(tmp_path: Path) -> None:
    stack = Stack(tmp_path, services=("staffing",), kafka="mock", fast=True)
    stack.start()
    try:
        before = stack.pid("staffing")
        stack.kill("staffing")
        assert stack.failed() == "staffing"
        with pytest.raises(httpx.ConnectError):
            httpx.get(stack.url("staffing"))
        stack.restart("staffing")
        described = json.loads((tmp_path / "stack.json").read_text())["services"]["staffing"]
        assert described["pid"] == stack.pid("staffing") != before
        assert httpx.get(f"{described['url']}/livez").status_code == 200
    finally:
        stack.stop()
    wait_until_gone(before, described["pid"])


def children(pid: int) -> list[int]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for path in lists for child in path.read_text().split()]
    return found + [grandchild for child in found for grandchild in children(child)]


@pytest.mark.parametrize("ending", ["interrupt", "kill"])
def test_nothing_is_left_when_the_command_ends(tmp_path: Path, ending: str) -> None:
    command = [sys.executable, "-m", "deploy.devstack", "test-stack", "--only", "infra", "--kafka", "mock"]
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "LANG": "C.UTF-8"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        started = next((line for line in process.stdout if "running" in line), None)
        assert started, "the stack did not start"
        left = children(process.pid)
        assert len(left) > 5
        if ending == "kill":
            process.kill()
        else:
            process.terminate()
        process.stdout.read()
    wait_until_gone(*left)
    if ending == "interrupt":
        assert process.returncode == 0
        assert list(tmp_path.iterdir()) == []
