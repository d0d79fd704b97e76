"""``python -m compliance retention …``: looked at by an operator. Nothing here disposes of anything early.

``complete`` takes up disposals that the rules have authorised; it asks the rules again, as the job does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.clock import SystemClock
from chassis.db import create_engine, session_factory
from chassis.errors import ObjectNotFound
from chassis.runtime import run_job
from chassis.settings import Settings
from compliance.periods.domain import legal_date
from compliance.retention import audit as audits
from compliance.retention import queries
from compliance.retention.disposals import completion
from compliance.retention.domain import RetentionCase
from compliance.retention.heads import head_of
from compliance.retention.release import shipped_release

T = TypeVar("T")
SHOWN_MAX = 200

console = Console()
app = typer.Typer(no_args_is_help=True, help="How long recordings are kept.")


@app.command()
def status(recording_id: UUID) -> None:
    """Show how long a recording is kept, and what holds it."""

    async def work(sessions: async_sessionmaker[AsyncSession]) -> RetentionCase:
        async with sessions() as session:
            await head_of(session, recording_id)
            return await queries.case(session, recording_id)

    today = legal_date(SystemClock().now())
    try:
        case = with_sessions(work)
    except ObjectNotFound as missing:
        raise typer.BadParameter("there is no such recording") from missing
    console.print(f"state: {case.state.value}")
    until = case.last_day(shipped_release(), today)
    console.print(f"keep through: {until or 'without end for now'}")
    console.print(f"sales: {len(case.sales)}, open holds: {len(case.open_holds)}")
    for hold in case.open_holds:
        console.print(f"held by {hold.source.value} {hold.matter_id}", soft_wrap=True)


@app.command()
def unmatched() -> None:
    """List reports about sales that are not logged (yet)."""

    async def work(sessions: async_sessionmaker[AsyncSession]) -> int:
        table = Table("id", "sale", "kind", "day", "reported at")
        async with sessions() as session:
            for report in await session.scalars(queries.unmatched().limit(SHOWN_MAX)):
                day = "" if report.claimed_on is None else report.claimed_on.isoformat()
                table.add_row(
                    str(report.id), str(report.sale_id), report.kind.value, day, str(report.reported_at)
                )
            console.print(table)
            return await queries.count_unmatched(session)

    console.print(f"waiting: {with_sessions(work)}")


@app.command()
def complete() -> None:
    """Complete the disposals that were authorised; what may not go yet stays, whoever calls."""
    settings = Settings()

    async def work(sessions: async_sessionmaker[AsyncSession]) -> int:
        ended = 0
        while await run_job(sessions, SystemClock(), settings, completion):
            ended += 1
        return ended

    console.print(f"ended: {with_sessions(work)}")


@app.command()
def audit() -> None:
    """Name every row that has no counterpart; fail if there is one."""

    async def work(sessions: async_sessionmaker[AsyncSession]) -> list[audits.Suspicion]:
        async with sessions() as session:
            return await audits.suspicions(session, SystemClock().now())

    found = with_sessions(work)
    for suspicion in found:
        console.print(f"{suspicion.forgery.value}: {suspicion.id}", soft_wrap=True)
    console.print(f"suspicions: {len(found)}")
    if found:
        raise typer.Exit(1)


def with_sessions(work: Callable[[async_sessionmaker[AsyncSession]], Awaitable[T]]) -> T:
    """Runs ``work`` with the sessions of the service's own role."""

    async def run() -> T:
        engine = create_engine(Settings())
        try:
            return await work(session_factory(engine))
        finally:
            await engine.dispose()

    return asyncio.run(run())
