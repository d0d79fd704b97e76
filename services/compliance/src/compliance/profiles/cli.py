"""``python -m compliance profiles …``: run by an operator after a new key was put into the keyring."""

import asyncio

import typer
from rich.console import Console

from compliance.personal_data.cli import resealed
from compliance.profiles.commands import reseal_profiles
from compliance.settings import ComplianceSettings

console = Console()
app = typer.Typer(no_args_is_help=True, help="Files on customers and their keys.")


@app.callback()
def group() -> None:
    """Files on customers and their keys."""


@app.command()
def reseal() -> None:
    """Seal every file anew that an older key sealed."""
    console.print(f"resealed: {asyncio.run(resealed(ComplianceSettings(), reseal_profiles))}")
