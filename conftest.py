"""The test run's PostgreSQL server and broker: its own, started when the first test asks, or the ones that
``TEST_POSTGRES_URL`` (a superuser's) and ``TEST_KAFKA_BOOTSTRAP_SERVERS`` name.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from deploy.devstack.kafka import ApacheKafka, ExternalKafka, Kafka, MockKafka, why_not_apache
from deploy.devstack.ports import Ports
from deploy.devstack.postgres import PostgresServer

pytest_plugins = ["tools.rules.plugin", "tools.workers"]

# Property tests: short and seeded in every run; `--hypothesis-profile=oracle` looks longer and elsewhere.
# A slow machine is no defect: no deadline by the clock.
settings.register_profile(
    "check", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "oracle", settings.get_profile("check"), derandomize=False, max_examples=20_000, print_blob=True
)
settings.load_profile("check")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server that belongs to this run alone."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), fast=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """A superuser's URL of the run's server."""
    if named := os.environ.get("TEST_POSTGRES_URL"):
        return named
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.dsn()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker for this run alone: Apache Kafka, or the mock cluster where Java or Maven is missing."""
    folder = tmp_path_factory.mktemp("kafka")
    broker: Kafka
    if named := os.environ.get("TEST_KAFKA_BOOTSTRAP_SERVERS"):
        broker = ExternalKafka(named)
    else:
        broker = MockKafka(folder) if why_not_apache() else ApacheKafka(folder, Ports.free())
    broker.launch()
    broker.wait()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def why_no_real_kafka() -> str | None:
    """What this machine lacks for Apache Kafka; none when it can run."""
    return why_not_apache()


@pytest.fixture(autouse=True)
def _only_on_real_kafka(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("real_kafka") and (reason := why_not_apache()):
        pytest.skip(f"needs Apache Kafka: {reason}")
