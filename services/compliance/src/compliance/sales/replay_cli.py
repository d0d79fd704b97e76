"""``python -m compliance decisions …``: what was decided, made again. Nothing here changes anything."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.errors import ObjectNotFound
from compliance.retention.cli import with_sessions
from compliance.sales import queries, replaying
from compliance.sales.replaying import Span

#: Decisions that a process takes at a time: some seconds of its work, and one step of the progress.
EACH = 5_000
#: How often a line says how far it is, where there is no terminal to draw on.
SAY_SECONDS = 30
PROCESSES_MAX = 64

console = Console()
app = typer.Typer(no_args_is_help=True, help="Decisions of the gate, made again.")


@app.callback()
def group() -> None:
    """Decisions of the gate, made again."""


@app.command()
def replay(
    decision_id: Annotated[UUID | None, typer.Argument(help="one decision")] = None,
    every: Annotated[bool, typer.Option("--all", help="every stored decision")] = False,
    processes: Annotated[int, typer.Option(min=1, max=PROCESSES_MAX, help="work in so many processes")] = 1,
) -> None:
    """Decide again from stored inputs under the stored release; name each that differs, and fail then."""
    if (decision_id is None) is not every:
        raise typer.BadParameter("name a decision, or --all")
    begun, count, flaws = time.monotonic(), 0, 0
    work = _all_spans() if decision_id is None else [_span_of(decision_id)]
    with _replayed(work, processes) as parts:
        for seen, found in parts:
            count += seen
            flaws += len(found)
            for identity, flaw in found:
                console.print(f"{identity}: {flaw}", soft_wrap=True)
    rate = count / max(time.monotonic() - begun, 1e-3)
    console.print(f"replayed: {count}, differences: {flaws}, {rate:.0f}/s")
    if flaws:
        raise typer.Exit(1)


Part = tuple[int, list[tuple[str, str]]]


@contextmanager
def _replayed(work: Sequence[Span], processes: int) -> Iterator[Iterator[Part]]:
    columns = (
        TextColumn("replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("× {task.fields[each]}, {task.fields[rate]:.0f}/s"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("replaying", total=len(work), each=EACH, rate=0)
        if processes == 1:
            yield _counted(bar, task, map(replay_span, work))
            return
        # Started anew: a copy of this process would share its connections.
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            yield _counted(bar, task, pool.map(replay_span, work))


def _counted(bar: Progress, task: TaskID, parts: Iterator[Part]) -> Iterator[Part]:
    begun = said = time.monotonic()
    count = 0
    for part in parts:
        count += part[0]
        now = time.monotonic()
        rate = count / max(now - begun, 1e-3)
        bar.update(task, advance=1, rate=rate)
        if bar.disable and now - said >= SAY_SECONDS:
            said = now
            console.print(f"replayed so far: {count}, {rate:.0f}/s")
        yield part


def replay_span(span: Span) -> Part:
    """How many decisions the span holds, and id and flaw of each that does not stand."""

    async def work(sessions: async_sessionmaker[AsyncSession]) -> Part:
        count, found = 0, []
        async with sessions() as session:
            async for row, flaw in replaying.replayed(session, span):
                count += 1
                if flaw is not None:
                    found.append((str(row.id), flaw.value))
        return count, found

    return with_sessions(work)


def _all_spans() -> list[Span]:
    async def work(sessions: async_sessionmaker[AsyncSession]) -> list[Span]:
        async with sessions() as session:
            return await replaying.spans(session, EACH)

    return with_sessions(work)


def _span_of(decision_id: UUID) -> Span:
    async def work(sessions: async_sessionmaker[AsyncSession]) -> None:
        async with sessions() as session:
            await queries.decision_row(session, decision_id)

    try:
        with_sessions(work)
    except ObjectNotFound as missing:
        raise typer.BadParameter("there is no such decision") from missing
    return Span(UUID(int=decision_id.int - 1), decision_id)
