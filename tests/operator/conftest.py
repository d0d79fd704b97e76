"""One stack for all tests of the operator's command; each test leaves it as it found it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from deploy.devstack.stack import Stack
from deploy.operator import OperatorError
from deploy.operator.__main__ import cli
from deploy.operator.installation import Installation, from_stack

PATIENCE_SECONDS = 60.0
#: Never set: only waited for between two looks at other processes, which send no signal.
PAUSE = threading.Event()


class Operator:
    """An operator at the stack: types commands, and may reach into the databases to break them."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.path = stack.folder / "stack.json"

    @property
    def installation(self) -> Installation:
        return from_stack(self.path)

    def types(self, *words: str, fails: bool = False, stack: Path | None = None) -> str:
        """Types a command; answers what it printed, or the error that ends it."""
        done = CliRunner().invoke(cli, ["--stack", str(stack or self.path), *words])
        assert (done.exit_code != 0) is fails, f"{done.output}\n{done.exception!r}"
        return str(done.exception) if isinstance(done.exception, OperatorError) else done.output

    def findings(self, *words: str, stack: Path | None = None) -> list[dict[str, Any]]:
        """What ``doctor`` finds; how full this machine's disk is belongs to none of the tests."""
        asked = ["--stack", str(stack or self.path), "doctor", "--json", "--disk-free", "0", *words]
        done = CliRunner().invoke(cli, asked)
        found: list[dict[str, Any]] = json.loads(done.output)
        assert done.exit_code == (1 if found else 0)
        return found

    def named(self, *words: str, stack: Path | None = None) -> set[tuple[str, str]]:
        """Code and subject of everything that ``doctor`` finds."""
        return {(one["code"], one["subject"]) for one in self.findings(*words, stack=stack)}

    def execute(self, service: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Runs a statement in a service's database as the superuser."""
        with psycopg.connect(self.stack.postgres.dsn(service), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Waits until the condition holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, what
            PAUSE.wait(0.1)

    def wait_until_well(self) -> None:
        """Waits until ``doctor`` finds nothing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while found := self.named():
            assert time.monotonic() < deadline, found


@pytest.fixture(scope="session")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """A running stack and its operator."""
    stack = Stack(tmp_path_factory.mktemp("operated"), fast=True)
    stack.start()
    yield Operator(stack)
    stack.stop()


@pytest.fixture
def operator(operated: Operator) -> Operator:
    """The stack, all well at the start of the test."""
    operated.wait_until_well()
    return operated
