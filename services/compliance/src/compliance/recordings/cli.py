"""``python -m compliance recordings …``: evidence looked at by an operator, on the machine that keeps it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import create_engine, session_factory
from chassis.settings import Settings
from compliance.evidence.store import Damage
from compliance.recordings import queries, verification
from compliance.recordings.storage import evidence_store

PAGE = 200

console = Console()
app = typer.Typer(no_args_is_help=True, help="Recordings as evidence.")


@app.callback()
def recordings() -> None:
    """Recordings as evidence."""


@app.command()
def verify(
    recording_id: Annotated[UUID | None, typer.Argument(help="one recording")] = None,
    every: Annotated[bool, typer.Option("--all", help="every sealed recording")] = False,
) -> None:
    """Read sealed recordings again; name what is missing or altered, and fail if anything is."""
    if (recording_id is None) is not every:
        raise typer.BadParameter("name a recording, or --all")
    count, damages = asyncio.run(_verify(Settings(), recording_id))
    for damage in damages:
        console.print(f"{damage.recording_id}: {damage.name} is {damage.flaw.value}", soft_wrap=True)
    console.print(f"verified: {count}, damages: {len(damages)}")
    if damages:
        raise typer.Exit(1)


async def _verify(settings: Settings, recording_id: UUID | None) -> tuple[int, list[Damage]]:
    store = evidence_store(settings)
    count, damages = 0, []
    async with _sessions(settings) as sessions:
        after: UUID | None = None
        while page := [recording_id] if recording_id else await _page(sessions, after):
            for after in page:
                async with sessions() as session:
                    recording = await queries.recording(session, after)
                    seal = await queries.seal(session, after)
                if seal is None:
                    raise typer.BadParameter(f"{after} is not sealed")
                damages += await asyncio.to_thread(verification.verify, recording, seal, store)
                count += 1
            if recording_id:
                break
    return count, damages


async def _page(sessions: async_sessionmaker[AsyncSession], after: UUID | None) -> list[UUID]:
    async with sessions() as session:
        return list(await session.scalars(queries.sealed_after(after, PAGE)))


@asynccontextmanager
async def _sessions(settings: Settings) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine = create_engine(settings)
    try:
        yield session_factory(engine)
    finally:
        await engine.dispose()
