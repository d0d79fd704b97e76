"""``python -m compliance conduct …``: looked for by an officer, on the machine that keeps it."""

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.clock import SystemClock
from chassis.runtime import run_job
from chassis.service import Job
from chassis.settings import Settings
from compliance.conduct.screening import Screening
from compliance.retention.cli import with_sessions

console = Console()
app = typer.Typer(no_args_is_help=True, help="What staff did.")


@app.callback()
def group() -> None:
    """What staff did."""


@app.command()
def screen() -> None:
    """Look for abnormal behaviour now, all of it; what is found becomes an incident, once."""
    settings, screening = Settings(), Screening()
    job = Job(name="screen_conduct", seconds=0, run=screening.run)

    async def work(sessions: async_sessionmaker[AsyncSession]) -> int:
        while await run_job(sessions, SystemClock(), settings, job):
            pass
        return screening.opened

    console.print(f"incidents opened: {with_sessions(work)}")
