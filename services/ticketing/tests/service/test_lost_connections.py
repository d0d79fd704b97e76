"""A connection that ends under the issuing desk is the database's failure, whatever the driver calls it."""

from collections.abc import Awaitable, Callable

import pytest
from asyncpg import InterfaceError

from chassis.http.refusals import ServiceUnavailable
from chassis.testing import ServiceKit
from ticketing.tickets.issuing import Connection, planned_once

Use = Callable[[Connection], Awaitable[object]]


async def used(kit: ServiceKit, use: Use) -> object:
    """What comes of the use of a connection."""
    async with planned_once(kit.engine) as connection:
        return await use(connection)


async def test_a_connection_that_is_gone_is_unavailable(kit: ServiceKit) -> None:
    async def ended(connection: Connection) -> object:
        connection.terminate()
        return await connection.fetchval("SELECT 1")

    with pytest.raises(ServiceUnavailable):
        await used(kit, ended)


async def test_a_mistake_on_a_good_connection_stays_one_and_the_next_use_works(kit: ServiceKit) -> None:
    with pytest.raises(InterfaceError):
        await used(kit, lambda connection: connection.fetch("SELECT $1::integer", "three", "four"))
    assert await used(kit, lambda connection: connection.fetchval("SELECT 1")) == 1
