"""The chassis on the PostgreSQL and the Kafka that the compose file names: every test of its messaging."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy, LogMessageWaitStrategy

pytestmark = pytest.mark.containers

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(Path("docker-compose.yml").read_text("utf-8"))[
    "services"
]
PASSWORD = "of-this-run-alone"
START_SECONDS_MAX = 120


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A superuser's URL of the image's PostgreSQL."""
    container = DockerContainer(SERVICES["postgres"]["image"]).with_exposed_ports(5432)
    container.with_env("POSTGRES_PASSWORD", PASSWORD).with_command("postgres -c max_connections=200")
    # Over TCP: the one that makes the cluster answers on its socket alone.
    ready = ExecWaitStrategy(["pg_isready", "--host", "127.0.0.1", "--username", "postgres"])
    container.waiting_for(ready.with_startup_timeout(START_SECONDS_MAX))
    with container as running:
        place = f"{running.get_container_host_ip()}:{running.get_exposed_port(5432)}"
        yield f"postgresql://postgres:{PASSWORD}@{place}/postgres"


@pytest.fixture(scope="module")
def kafka() -> Iterator[str]:
    """Where the image's Kafka answers. It tells its clients its address, so the port is chosen beforehand."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    composed = SERVICES["kafka"]
    container = DockerContainer(composed["image"]).with_bind_ports(9092, port)
    place = f"{container.get_container_host_ip()}:{port}"
    for name, value in composed["environment"].items():
        if not str(value).startswith("${"):
            container.with_env(
                name, str(value).replace("kafka:9092", place).replace("@kafka:", "@localhost:")
            )
    container.waiting_for(
        LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(START_SECONDS_MAX)
    )
    with container:
        yield place


def test_every_promise_of_the_messaging_holds_on_them(postgres: str, kafka: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "libs/chassis/tests/messaging"],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=os.environ | {"TEST_POSTGRES_URL": postgres, "TEST_KAFKA_BOOTSTRAP_SERVERS": kafka},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert re.search(r"[1-9]\d+ passed", done.stdout), done.stdout[-2000:]
