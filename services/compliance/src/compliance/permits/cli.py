"""``python -m compliance permits …``: looked at by an auditor; nothing here changes anything."""

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.clock import SystemClock
from compliance.permits import audit as audits
from compliance.permits.signing import permit_keys
from compliance.retention.cli import with_sessions
from compliance.settings import ComplianceSettings

console = Console()
app = typer.Typer(no_args_is_help=True, help="What may be ordered, and what was reversed.")


@app.callback()
def group() -> None:
    """What may be ordered, and what was reversed."""


@app.command()
def audit() -> None:
    """Name every permit that is not signed, every use or reversal that nobody told; fail if there is one."""
    keys = permit_keys(ComplianceSettings())

    async def work(sessions: async_sessionmaker[AsyncSession]) -> list[audits.Suspicion]:
        async with sessions() as session:
            return await audits.suspicions(session, keys, SystemClock().now())

    found = with_sessions(work)
    for suspicion in found:
        console.print(f"{suspicion.forgery.value}: {suspicion.id}", soft_wrap=True)
    console.print(f"suspicions: {len(found)}")
    if found:
        raise typer.Exit(1)
