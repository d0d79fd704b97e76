"""``python -m compliance personal_data …``: run by an operator after a new key was put into the keyring."""

import asyncio

import typer
from rich.console import Console

from chassis.db import create_engine, session_factory
from compliance.personal_data.commands import reseal as reseal_some
from compliance.personal_data.sealing import keyring
from compliance.settings import ComplianceSettings

BATCH = 200

console = Console()
app = typer.Typer(no_args_is_help=True, help="Personal fields and their keys.")


@app.callback()
def group() -> None:
    """Personal fields and their keys."""


@app.command()
def reseal() -> None:
    """Seal every field anew that an older key sealed; after that the older key may leave the keyring."""
    console.print(f"resealed: {asyncio.run(_reseal(ComplianceSettings()))}")


async def _reseal(settings: ComplianceSettings) -> int:
    keys, engine, done = keyring(settings), create_engine(settings), 0
    sessions = session_factory(engine)
    try:
        while True:
            async with sessions.begin() as session:
                some = await reseal_some(session, keys, BATCH)
            done += some
            if some == 0:
                return done
    finally:
        await engine.dispose()
