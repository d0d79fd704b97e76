"""``python -m compliance reconciliation …``: run by an operator, and by whatever watches the exit code."""

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.clock import SystemClock
from chassis.runtime import run_job
from chassis.settings import Settings
from compliance.reconciliation import queries
from compliance.reconciliation.commands import reconciling
from compliance.reconciliation.domain import Difference
from compliance.retention.cli import with_sessions

SHOWN_MAX = 200

console = Console()
app = typer.Typer(no_args_is_help=True, help="Sales, permits, orders and confirmations.")


@app.callback()
def group() -> None:
    """Sales, permits, orders and confirmations."""


@app.command()
def run() -> None:
    """Go through every day that is over, name each difference that stands; fail if there is one."""
    settings = Settings()

    async def work(sessions: async_sessionmaker[AsyncSession]) -> tuple[list[Difference], int]:
        while await run_job(sessions, SystemClock(), settings, reconciling):
            pass
        async with sessions() as session:
            order = queries.DIFFERENCE_ORDER
            statement = queries.differences(open_=True).order_by(*order).limit(SHOWN_MAX)
            return list(await session.scalars(statement)), await queries.count_open(session)

    shown, standing = with_sessions(work)
    for one in shown:
        subject = one.order_id or one.sale_id
        console.print(f"{one.day} {one.kind.value}: {subject}", soft_wrap=True)
    console.print(f"differences: {standing}")
    if standing:
        raise typer.Exit(1)
