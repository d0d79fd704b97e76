"""The ticketing service on a database of its own, and a branch hall to work in."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import ServiceKit, create_database
from services.ticketing.tests.hall import Hall, set_up
from ticketing.service import service


@pytest.fixture(scope="session")
async def service_kit(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceKit]:
    """One migrated database for all tests of the folder."""
    database = create_database(postgres_url, service)
    kit = ServiceKit(service, database, tmp_path_factory.mktemp("data"))
    yield kit
    await kit.close()


@pytest.fixture
async def kit(service_kit: ServiceKit) -> ServiceKit:
    """The service, empty, at 09:00 on Monday, 2 March 2026, in Shanghai."""
    await service_kit.reset()
    return service_kit


@pytest.fixture
async def hall(kit: ServiceKit) -> Hall:
    """An outlet with two queues and one counter that calls from both."""
    return await set_up(kit)
