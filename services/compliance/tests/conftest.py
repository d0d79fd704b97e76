"""The compliance service under test."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.testing import Caller, ServiceKit, create_database
from compliance.retention import clocks
from compliance.service import service
from deploy.keyring import new_keyring
from deploy.permit_keys import new_permit_keys
from deploy.private_files import write_private
from services.compliance.tests.keeping import Keeper, keep


@pytest.fixture(scope="session")
async def service_kit(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceKit]:
    """One database and one data folder for the whole run."""
    data_dir = tmp_path_factory.mktemp("compliance")
    further = {f"{name}_file": data_dir / f"{name}.json" for name in ("keyring", "permit_keys")}
    write_private(further["keyring_file"], new_keyring())
    write_private(further["permit_keys_file"], new_permit_keys())
    kit = ServiceKit(service, create_database(postgres_url, service), data_dir, further=further)
    yield kit
    await kit.close()


@pytest.fixture
async def kit(service_kit: ServiceKit) -> ServiceKit:
    """The service with empty tables and the clock put back."""
    await service_kit.reset()
    return service_kit


@pytest.fixture
def admin(kit: ServiceKit) -> Caller:
    """The department that writes the product registry."""
    return kit.client("product_admin", subject="admin-1")


@pytest.fixture
def officer(kit: ServiceKit) -> Caller:
    """A compliance officer of the whole bank."""
    return kit.client("compliance_officer", subject="officer-1")


@pytest.fixture
def head(kit: ServiceKit) -> Caller:
    """An outlet head who sees every outlet."""
    return kit.client("outlet_head", subject="head-1")


@pytest.fixture
def seller(kit: ServiceKit) -> Caller:
    """A seller who sees every outlet."""
    return kit.client("seller", subject="seller-1")


@pytest.fixture
def crm(kit: ServiceKit) -> Caller:
    """The bank's customer system."""
    return kit.client("integration", subject="crm")


@pytest.fixture
def customer(kit: ServiceKit) -> Caller:
    """A customer with his own token, and no outlet."""
    return kit.client("customer", outlets=(), subject="customer-1")


@pytest.fixture
def agreeing_clocks(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank whose database agrees with its clock."""

    async def database_clock(session: AsyncSession) -> datetime:
        return kit.clock.now()

    monkeypatch.setattr(clocks, "database_clock", database_clock)


@pytest.fixture
async def keeper(kit: ServiceKit, agreeing_clocks: None) -> Keeper:
    """A sealed recording, in a bank whose database agrees with its clock."""
    return await keep(kit)
