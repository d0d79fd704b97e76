"""``python -m compliance legacy_sales …``: a migration officer brings in old sales with their recordings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from chassis.clock import SystemClock
from chassis.db import create_engine, session_factory
from chassis.errors import ManyFaults, ObjectNotFound, ServiceError
from chassis.settings import Settings
from compliance.evidence.store import Damage
from compliance.legacy_records import queries
from compliance.legacy_records.domain import FileFormat, LegacyBatch
from compliance.legacy_sales import commands, files
from compliance.legacy_sales.commands import GivenBytes
from compliance.legacy_sales.rows import FILE_BYTES_MAX, FILE_ROWS_MAX, read_list
from compliance.recordings.storage import evidence_store
from compliance.retention.cli import with_sessions

FORMATS = {".csv": FileFormat.CSV, ".json": FileFormat.JSON}
PAGE = 200

#: One command at a time stores bytes: what failed is removed again, and is nobody else's.
LOCK_COMMAND = text("SELECT pg_advisory_lock(7107036, 1)")

console = Console()
app = typer.Typer(no_args_is_help=True, help="Old sales and recordings, imported and marked as such.")


@app.callback()
def group() -> None:
    """Old sales and recordings, imported and marked as such."""


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="list of old sales, .csv or .json")
    ],
    by: Annotated[str, typer.Option(min=1, help="subject of the officer who imports")],
    recordings: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="folder of the recordings' files")
    ] = None,
) -> None:
    """Import a list: all of it with what is missing named, or nothing with every error named."""
    format_ = FORMATS.get(file.suffix.lower())
    if format_ is None or file.stat().st_size > FILE_BYTES_MAX:
        raise typer.BadParameter(f"give a .csv or .json of at most {FILE_BYTES_MAX} bytes")
    try:
        batch, new = asyncio.run(_import(Settings(), file.read_bytes(), format_, recordings, by))
    except ManyFaults as wrong:
        for fault in wrong.faults:
            console.print(f"{fault.code}: {fault.messages['en']}", soft_wrap=True, markup=False)
        console.print(wrong.messages["en"], soft_wrap=True, markup=False)
        raise typer.Exit(1) from wrong
    except ServiceError as wrong:
        console.print(f"{wrong.code}: {wrong.messages['en']}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from wrong
    console.print(f"{'batch' if new else 'imported already: batch'} {batch.id}", soft_wrap=True)
    console.print(f"sha256 {batch.sha256}", soft_wrap=True)
    console.print(f"sales: {batch.sales}, recordings: {batch.recordings}, gaps: {batch.gaps}")


@app.command()
def gaps(batch_id: UUID) -> None:
    """Name what is missing of a batch, row by row, and how much of each kind."""

    async def work(sessions: async_sessionmaker[AsyncSession]) -> dict[str, int]:
        counts: dict[str, int] = {}
        async with sessions() as session:
            await queries.batch(session, batch_id)
            statement = queries.gaps_of(batch_id).order_by(*queries.GAP_ORDER)
            async for gap in await session.stream_scalars(statement.execution_options(yield_per=PAGE)):
                console.print(f"row {gap.row}, sale {gap.sale_id}: {gap.kind.value}", soft_wrap=True)
                counts[gap.kind.value] = counts.get(gap.kind.value, 0) + 1
        return counts

    try:
        found = with_sessions(work)
    except ObjectNotFound as missing:
        raise typer.BadParameter("there is no such batch") from missing
    for kind, count in sorted(found.items()):
        console.print(f"{kind}: {count}")
    console.print(f"gaps: {sum(found.values())}")


@app.command()
def verify() -> None:
    """Read every old recording in the store again; name what is missing or altered, and fail then."""
    store = evidence_store(Settings())

    async def work(sessions: async_sessionmaker[AsyncSession]) -> tuple[int, list[Damage]]:
        count, damages, after = 0, list[Damage](), None
        async with sessions() as session:
            while page := list(await session.scalars(queries.stored_after(after, PAGE))):
                for recording in page:
                    damages += await asyncio.to_thread(store.verify, recording.id, recording.record.objects)
                count, after = count + len(page), page[-1].id
        return count, damages

    count, damages = with_sessions(work)
    for damage in damages:
        console.print(f"{damage.recording_id}: {damage.name} is {damage.flaw.value}", soft_wrap=True)
    console.print(f"verified: {count}, damages: {len(damages)}")
    if damages:
        raise typer.Exit(1)


async def _import(
    settings: Settings, content: bytes, format_: FileFormat, folder: Path | None, by: str
) -> tuple[LegacyBatch, bool]:
    given = read_list(content, format_, FILE_ROWS_MAX)
    clock, store = SystemClock(), evidence_store(settings)
    async with _alone(settings) as sessions:
        async with sessions() as session:
            if (batch := await queries.batch_of(session, given.sha256)) is not None:
                return batch, False
            known = await commands.check(session, clock.now(), given)
        with _progress("reading", files.size_of(given, folder)) as step:
            found = await asyncio.to_thread(files.look, given, folder, known.recordings, step)
        try:
            matching = sum(one.size for one in found.values() if one.matches)
            with _progress("storing", matching) as step:
                await asyncio.to_thread(files.store_all, found, store, step)
            async with sessions.begin() as session:
                return await commands.import_batch(session, clock, given, _bytes(found), by=by)
        except Exception:
            # A commit whose answer was lost has happened: what a row names stays.
            async with sessions() as session:
                named = await queries.recordings(session, found)
            await asyncio.to_thread(files.discard_all, found, named, store)
            raise


def _bytes(found: dict[UUID, files.Found]) -> GivenBytes:
    return GivenBytes(
        stored={key: one.size for key, one in found.items() if one.matches},
        mismatched=frozenset(key for key, one in found.items() if not one.matches),
    )


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine: AsyncEngine = create_engine(settings)
    try:
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(LOCK_COMMAND)
            yield session_factory(engine)
    finally:
        await engine.dispose()


@contextmanager
def _progress(what: str, total: int) -> Iterator[files.Step]:
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda size: bar.advance(task, size)
