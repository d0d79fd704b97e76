"""The command line of every service: ``python -m <service> serve | migrate | settings | parked … |
facts …``.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis import migrate, parking, republish, runtime
from chassis.clock import SystemClock
from chassis.configuration import configuration
from chassis.consumer import forget_positions
from chassis.db import create_engine, session_factory
from chassis.inbox import INBOX_RETENTION_DAYS
from chassis.service import Service

T = TypeVar("T")
console = Console()


def main(service: Service) -> None:
    """Runs the service's command line."""
    command_line(service)()


def command_line(service: Service) -> typer.Typer:
    """The commands of one service."""
    app = typer.Typer(
        no_args_is_help=True, add_completion=False, help=f"{service.title}: {service.description}"
    )

    @app.command()
    def serve() -> None:
        """Serve HTTP, relay facts and consume topics until SIGTERM."""
        if sys.platform != "win32":
            import uvloop

            uvloop.run(runtime.serve(service, service.settings()))

    @app.command("migrate")
    def migrate_() -> None:
        """Bring the database to the newest schema (owner role); safe to repeat."""
        settings = service.settings()
        if settings.owner_database_url is None:
            raise typer.BadParameter("set WANGDIAN_OWNER_DATABASE_URL to the owner role's database URL")
        migrate.upgrade(service, settings.owner_database_url)
        console.print(f"{service.name}: schema is at {migrate.newest(service)}")

    @app.command("settings")
    def settings_() -> None:
        """Print as JSON what can be set, and what is wrong with what is set; exit code 1 if anything is."""
        found = configuration(service.settings, os.environ)
        typer.echo(json.dumps(asdict(found)))
        if found.problems:
            raise typer.Exit(1)

    app.add_typer(_parked(service), name="parked")
    app.add_typer(_facts(service), name="facts")
    for capability in service.capabilities:
        if capability.commands is not None:
            app.add_typer(capability.commands, name=capability.name)
    return app


def with_sessions(service: Service, work: Callable[[async_sessionmaker[AsyncSession]], Awaitable[T]]) -> T:
    """Runs ``work`` with the sessions of the service's own role."""

    async def run() -> T:
        engine = create_engine(service.settings())
        try:
            return await work(session_factory(engine))
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _parked(service: Service) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help="Facts that could not be taken, and those behind them (N2).")

    @app.command("list")
    def list_() -> None:
        """List the parked facts, key by key."""

        async def work(sessions: async_sessionmaker[AsyncSession]) -> None:
            table = Table("position", "topic", "key", "type", "parked at", "reason")
            async with sessions() as session:
                for row in await parking.list_parked(session):
                    kind = row.headers.get("ce_type", "")
                    table.add_row(str(row.position), row.topic, row.key, kind, str(row.parked_at), row.reason)
            console.print(table)

        with_sessions(service, work)

    app.command()(_show(service))

    @app.command()
    def release(
        topic: Annotated[str, typer.Argument(help="topic of the parked key")],
        key: Annotated[str | None, typer.Argument(help="the key; leave out with --position")] = None,
        position: Annotated[int | None, typer.Option(help="a parked fact without a key")] = None,
    ) -> None:
        """Take the parked facts of a key in order; stops at the first failure."""

        async def work(sessions: async_sessionmaker[AsyncSession]) -> parking.Released:
            if key is not None:
                return await parking.release(sessions, SystemClock(), service.inbox, topic, key)
            if position is not None:
                return await parking.release_keyless(sessions, SystemClock(), service.inbox, position)
            raise typer.BadParameter("name a key or a --position")

        done = with_sessions(service, work)
        console.print(f"taken: {done.taken}")
        if done.stopped_at is not None:
            console.print(f"stopped at position {done.stopped_at}: {done.reason}")
            raise typer.Exit(1)

    @app.command()
    def drop(position: int, reason: Annotated[str, typer.Option(help="why it is given up")]) -> None:
        """Give a parked fact up for good; content and reason are kept."""
        if not with_sessions(service, lambda sessions: parking.drop(sessions, position, reason)):
            raise typer.BadParameter(f"nothing is parked at position {position}")
        console.print(f"dropped {position}")

    return app


def _show(service: Service) -> Callable[[int], None]:
    def show(position: int) -> None:
        """Show one parked fact with headers and payload."""

        async def work(sessions: async_sessionmaker[AsyncSession]) -> None:
            async with sessions() as session:
                row = await parking.show(session, position)
            if row is None:
                raise typer.BadParameter(f"nothing is parked at position {position}")
            console.print_json(
                data={"topic": row.topic, "key": row.key, "headers": row.headers, "reason": row.reason}
            )
            console.print(row.value.decode(errors="replace"), highlight=False)

        with_sessions(service, work)

    return show


def _facts(service: Service) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help="The archive of facts, the relay and the consumer (N3).")

    @app.command("republish")
    def republish_(
        since: Annotated[
            datetime, typer.Option(help="first instant, with zone, e.g. 2026-11-01T00:00:00+08:00")
        ],
    ) -> None:
        """Pause the relay, queue everything archived since the instant again, in order, and go on."""
        if since.tzinfo is None:
            raise typer.BadParameter("name the instant with its zone")
        count = with_sessions(
            service, lambda sessions: republish.republish(sessions, since, SystemClock().now())
        )
        console.print(f"queued again: {count}")

    @app.command()
    def pause(reason: Annotated[str, typer.Option(help="why the relay rests")]) -> None:
        """Pause the relay durably."""
        with_sessions(service, lambda sessions: republish.set_paused(sessions, True, reason))

    @app.command()
    def resume() -> None:
        """Let a paused relay go on."""
        with_sessions(service, lambda sessions: republish.set_paused(sessions, False, None))

    @app.command()
    def reread(topic: str) -> None:
        """Read a topic from its beginning again (stop the service first); what is known is dropped by the
        inbox.
        """

        async def work(sessions: async_sessionmaker[AsyncSession]) -> None:
            async with sessions.begin() as session:
                await forget_positions(session, service.name, topic)

        with_sessions(service, work)

    @app.command()
    def limits() -> None:
        """Print how far back a republish may reach."""
        console.print(f"republish reaches back at most {timedelta(days=INBOX_RETENTION_DAYS)}")

    return app
