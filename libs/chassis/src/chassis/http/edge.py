"""What the edge of one service holds, and the transaction of one request (T1)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker
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

    @property
    def engine(self) -> AsyncEngine:
        """The pool that the sessions take their connections from."""
        return engine_of(self.sessions)

    @asynccontextmanager
    async def transaction(self, on: AsyncConnection | None = None) -> AsyncIterator[AsyncSession]:
        """T1: one transaction: committed where the block ends, rolled back where an error leaves it.

        ``on`` a connection that the caller holds, or one of the pool's.
        """
        given = {} if on is None else {"bind": on, "join_transaction_mode": "control_fully"}
        async with self.sessions(**given) as session:
            async with session.begin():
                yield session
            committed(session)


def edge_of(request: Request) -> Edge:
    """The edge of the app that answers this request."""
    return cast(Edge, request.app.state.edge)


class Lasting(Protocol):
    """What an app keeps between requests."""

    async def close(self) -> None:
        """Ends it; no request is answered any more."""
        ...


L = TypeVar("L", bound=Lasting)


def kept(request: Request, kind: type[L], make: Callable[[Edge], L]) -> L:
    """The one object of this kind of the app that answers this request: made once, closed with the app."""
    state = request.app.state
    found: L | None = state.kept.get(kind)
    if found is None:
        found = state.kept[kind] = make(edge_of(request))
        state.closing.append(found.close)
    return found


def engine_of(sessions: async_sessionmaker[AsyncSession]) -> AsyncEngine:
    """The pool that sessions take their connections from."""
    return cast(AsyncEngine, sessions.kw["bind"])


def readers_of(sessions: async_sessionmaker[AsyncSession]) -> async_sessionmaker[AsyncSession]:
    """Sessions on the same pool whose transactions the database itself keeps from writing."""
    engine = engine_of(sessions)
    return async_sessionmaker(engine.execution_options(postgresql_readonly=True), expire_on_commit=False)
