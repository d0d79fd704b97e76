"""What the edge of one service holds, and the transaction of one request (T1)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from starlette.requests import Request

from chassis.auth import Access
from chassis.clock import Clock
from chassis.outbox import committed
from chassis.settings import Settings


@dataclass(frozen=True)
class Edge:
    """The parts that routes need; one for each app, at ``app.state.edge``."""

    access: Access
    settings: Settings
    clock: Clock
    sessions: async_sessionmaker[AsyncSession]
    readers: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """T1: one transaction: committed where the block ends, rolled back where an error leaves it."""
        async with self.sessions() as session:
            async with session.begin():
                yield session
            committed(session)


def edge_of(request: Request) -> Edge:
    """The edge of the app that answers this request."""
    return cast(Edge, request.app.state.edge)


def readers_of(sessions: async_sessionmaker[AsyncSession]) -> async_sessionmaker[AsyncSession]:
    """Sessions on the same pool whose transactions the database itself keeps from writing."""
    engine = cast(AsyncEngine, sessions.kw["bind"])
    return async_sessionmaker(engine.execution_options(postgresql_readonly=True), expire_on_commit=False)
