"""``python -m compliance sales …``: looked at by an auditor, and handed to one who inspects."""

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from compliance.retention.cli import with_sessions
from compliance.sales import audit as audits
from compliance.sales import export_cli

console = Console()
app = typer.Typer(no_args_is_help=True, help="What the gate let through, and what it refused.")
app.add_typer(export_cli.app, name="export")


@app.callback()
def group() -> None:
    """What the gate let through, and what it refused."""


@app.command()
def audit() -> None:
    """Name every sale, attempt and decision that has no counterpart; fail if there is one."""

    async def work(sessions: async_sessionmaker[AsyncSession]) -> list[audits.Suspicion]:
        async with sessions() as session:
            return await audits.suspicions(session)

    found = with_sessions(work)
    for suspicion in found:
        console.print(f"{suspicion.forgery.value}: {suspicion.id}", soft_wrap=True)
    console.print(f"suspicions: {len(found)}")
    if found:
        raise typer.Exit(1)
