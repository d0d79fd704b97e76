"""The service of notes on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from chassis.ids import new_id
from chassis.migrate import sync_url
from chassis.testing import Caller, ServiceKit, create_database
from libs.chassis.tests import sample
from libs.chassis.tests.http import notes

OUTLET = UUID("01900000-0000-7000-8000-000000000001")
FOREIGN = UUID("01900000-0000-7000-8000-000000000002")


@pytest.fixture(scope="session")
async def session_kit(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceKit]:
    """One database for all tests of the folder."""
    database = create_database(postgres_url, sample.service)
    engine = create_engine(sync_url(database.owner_url))
    with engine.begin() as connection:
        connection.execute(text(notes.DDL))
    engine.dispose()
    kit = ServiceKit(notes.service, database, tmp_path_factory.mktemp("data"))
    yield kit
    await kit.close()


@pytest.fixture
async def kit(session_kit: ServiceKit) -> ServiceKit:
    """The service, empty."""
    await session_kit.reset()
    return session_kit


@pytest.fixture
def teller(kit: ServiceKit) -> Caller:
    """A teller of one outlet."""
    return kit.client("teller", outlets=(str(OUTLET),), subject="teller-1")


Rows = Callable[[str], Awaitable[int]]


@pytest.fixture
def rows(kit: ServiceKit) -> Rows:
    """How many rows a table has."""

    async def count(table: str) -> int:
        async with kit.sessions() as session:
            return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())

    return count


def a_note(name: str | None = None, **fields: Any) -> dict[str, Any]:
    """The body of a new note."""
    return {"name": name or new_id().hex[-16:], "outlet_id": str(OUTLET), **fields}
