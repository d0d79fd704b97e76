"""The compliance service under test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import ServiceKit, create_database
from compliance.service import service


@pytest.fixture(scope="session")
async def service_kit(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceKit]:
    """One database and one data folder for the whole run."""
    data_dir = tmp_path_factory.mktemp("compliance")
    kit = ServiceKit(service, create_database(postgres_url, service), data_dir)
    yield kit
    await kit.close()


@pytest.fixture
async def kit(service_kit: ServiceKit) -> ServiceKit:
    """The service with empty tables and the clock put back."""
    await service_kit.reset()
    return service_kit
