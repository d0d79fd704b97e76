"""Whether these tests run, and the one instance of the system that they share."""

import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.report import show_table
from deploy.secrets import make
from tests.containers.composed import Composed


def why_not() -> str | None:
    """Why no container can be tried here."""
    if os.environ.get("CONTAINERS") != "1":
        return "takes minutes and a container engine: make compose-test"
    try:
        found = subprocess.run(["docker", "info"], capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        return f"no container engine: {error}"
    return None if found.returncode == 0 else f"no container engine answers: {found.stderr.strip()[-200:]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what needs an engine where there is none, and says so."""
    concerned = [item for item in items if item.get_closest_marker("containers")]
    reason = why_not() if concerned else None
    if reason is not None:
        for item in concerned:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def figures() -> Iterator[list[list[str]]]:
    """Lines of name and figure, shown as a table in the end."""
    rows: list[list[str]] = []
    yield rows
    show_table("the composed system", ["", "figure"], rows)


@contextmanager
def running(*choice: str, tickets: int) -> Iterator[Composed]:
    """The system with a played branch day; taken away with its volumes and images in the end."""
    make(Path(".local/compose-secrets"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    variables = {"GATEWAY_PORT": port, "DEMO_TICKETS": str(tickets), "DEMO_SECONDS": "15"}
    system = Composed(f"wangdian-test-{secrets.token_hex(3)}", choice, variables)
    try:
        system.compose("build", "--quiet", seconds=1200)
        system.up()
        yield system
    finally:
        system.compose("down", "--volumes", "--rmi", "local", "--timeout", "10", seconds=300)


@pytest.fixture(scope="module")
def composed() -> Iterator[Composed]:
    """The system with the demo's own issuer, and a Prometheus that watches it."""
    with running("--profile", "demo", "--profile", "metrics", tickets=240) as system:
        yield system


@pytest.fixture(scope="module")
def with_keycloak() -> Iterator[Composed]:
    """The system with a Keycloak in the issuer's place."""
    variables = "deploy/keycloak/compose.env"
    with running("--env-file", variables, "--profile", "keycloak", tickets=120) as system:
        yield system
