"""The staffing service on a database of its own, and the people who call it."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import Caller, ServiceKit, create_database
from staffing.service import service


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
def planner(kit: ServiceKit) -> Caller:
    """A planner of the whole bank."""
    return kit.client("staffing_planner", subject="planner-1")


@pytest.fixture
def compliance(kit: ServiceKit) -> Caller:
    """A compliance officer of the whole bank."""
    return kit.client("compliance_officer", subject="compliance-1")
