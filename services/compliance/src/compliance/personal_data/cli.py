"""``python -m compliance personal_data …``: run by an operator after a new key was put into the keyring."""

import asyncio
from collections.abc import Awaitable, Callable

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import create_engine, session_factory
from compliance.personal_data.commands import reseal as reseal_some
from compliance.personal_data.sealing import Keyring, keyring
from compliance.settings import ComplianceSettings

BATCH = 200

Reseal = Callable[[AsyncSession, Keyring, int], Awaitable[int]]

console = Console()
app = typer.Typer(no_args_is_help=True, help="Personal fields and their keys.")


@app.callback()
def group() -> None:
    """Personal fields and their keys."""


@app.command()
def reseal() -> None:
    """Seal every field anew that an older key sealed; with `profiles reseal` done too, that key may go."""
    console.print(f"resealed: {asyncio.run(resealed(ComplianceSettings(), reseal_some))}")


async def resealed(settings: ComplianceSettings, some_of: Reseal) -> int:
    """Runs ``some_of`` in transactions of a batch until nothing is left; how many were sealed anew."""
    keys, engine, done = keyring(settings), create_engine(settings), 0
    sessions = session_factory(engine)
    try:
        while True:
            async with sessions.begin() as session:
                some = await some_of(session, keys, BATCH)
            done += some
            if some == 0:
                return done
    finally:
        await engine.dispose()
