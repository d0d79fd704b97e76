"""The test run's own PostgreSQL server, started when the first test asks for it."""

from collections.abc import Iterator

import pytest

from deploy.devstack.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A superuser's URL of a server that belongs to this run alone."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"), port=0, fast=True)
    server.start()
    yield server.dsn("postgres", "postgres")
    server.stop()
