"""``python -m compliance sales export …``: what a supervisor is given, and whether it is still that."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chassis.clock import SystemClock
from chassis.db import create_engine, session_factory
from chassis.errors import ServiceError
from compliance.sales import exporting
from compliance.sales.domain import InspectionExport
from compliance.sales.export_files import private_key, public_key
from compliance.sales.export_files import verify as damages_in
from compliance.sales.export_rows import Scope
from compliance.settings import ComplianceSettings

DAYS = ["%Y-%m-%d"]

console = Console()
app = typer.Typer(invoke_without_command=True, help="Sales of a period, signed, for an inspection.")


@app.callback()
def export(
    context: typer.Context,
    first_day: Annotated[
        datetime | None, typer.Option("--from", formats=DAYS, help="first legal day")
    ] = None,
    last_day: Annotated[datetime | None, typer.Option("--to", formats=DAYS, help="last legal day")] = None,
    out: Annotated[Path | None, typer.Option(help="folder to make")] = None,
    by: Annotated[str | None, typer.Option(help="subject of the officer who exports")] = None,
    outlet: Annotated[UUID | None, typer.Option(help="one outlet")] = None,
    product: Annotated[str | None, typer.Option(help="one product, by its code")] = None,
) -> None:
    """Write sales, decisions, recordings and assessments of a period with control totals, signed."""
    if context.invoked_subcommand is not None:
        return
    if first_day is None or last_day is None or out is None or not by:
        raise typer.BadParameter("give --from, --to, --out and --by")
    scope = Scope(first_day=first_day.date(), last_day=last_day.date(), outlet_id=outlet, product=product)
    settings = ComplianceSettings()
    key = _signing_key(settings.signing_key_file)
    try:
        done = asyncio.run(_export(settings, scope, out, key, by))
    except ServiceError as wrong:
        console.print(f"{wrong.code}: {wrong.messages['en']}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from wrong
    console.print(f"export {done.id}: {done.sales} sales in {out}", soft_wrap=True, highlight=False)
    console.print(f"manifest {done.manifest}", soft_wrap=True)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="an export")],
    key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="key that signed, PEM; else our own")
    ] = None,
) -> None:
    """Check signature, bytes, rows, totals and references of an export; fail if anything is wrong."""
    if key is None:
        trusted = _signing_key(ComplianceSettings().signing_key_file).public_key()
    else:
        trusted = _public_key(key)
    found = damages_in(folder, trusted)
    for damage in found:
        about = "" if damage.sale_id is None else f", sale {damage.sale_id}"
        console.print(f"{damage.name}{about}: {damage.flaw.value}", soft_wrap=True, highlight=False)
    console.print(f"flaws: {len(found)}")
    if found:
        raise typer.Exit(1)


async def _export(
    settings: ComplianceSettings, scope: Scope, out: Path, key: Ed25519PrivateKey, by: str
) -> InspectionExport:
    engine = create_engine(settings)
    try:
        with _progress() as step:
            return await exporting.export(
                session_factory(engine), SystemClock(), scope, out, key, by=by, step=step
            )
    finally:
        await engine.dispose()


def _signing_key(path: Path) -> Ed25519PrivateKey:
    try:
        return private_key(path.read_bytes())
    except (OSError, ValueError) as wrong:
        raise typer.BadParameter(
            "WANGDIAN_SIGNING_KEY_FILE names no Ed25519 key in PEM"
            " (openssl genpkey -algorithm ed25519 makes one)"
        ) from wrong


def _public_key(path: Path) -> Ed25519PublicKey:
    try:
        return public_key(path.read_bytes())
    except ValueError as wrong:
        raise typer.BadParameter("--key names no Ed25519 key in PEM") from wrong


@contextmanager
def _progress() -> Iterator[exporting.Step]:
    columns = (TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("exporting", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
