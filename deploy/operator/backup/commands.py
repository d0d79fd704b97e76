"""``wangdian backup create | follow | verify | end`` and ``wangdian restore``."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from deploy.operator import OperatorError
from deploy.operator.backup import cluster
from deploy.operator.backup.archiving import follow as follow_log
from deploy.operator.backup.creating import Report
from deploy.operator.backup.creating import create as create_backup
from deploy.operator.backup.manifest import Advance
from deploy.operator.backup.restoring import restore as restore_backup
from deploy.operator.backup.restoring import verify as verify_backup
from deploy.operator.installation import of

app = typer.Typer(no_args_is_help=True, help="Backups: databases, files, keys and secrets. 备份。")
console = Console(width=None if sys.stdout.isatty() else 160)

Folder = Annotated[Path, typer.Argument(help="folder of the backup")]


@contextmanager
def progress() -> Iterator[Report]:
    """Bars on standard error: one a step, with bytes, time gone and time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def report(step: str, total: int) -> Advance:
            task = bars.add_task(step, total=total or None)
            return lambda size: bars.advance(task, size)

        yield report


@app.command()
def create(
    context: typer.Context,
    folder: Folder,
    method: Annotated[
        Literal["base", "dump"] | None,
        typer.Option(help="base: the whole server; dump: each database by itself"),
    ] = None,
    secrets: Annotated[Path | None, typer.Option(help="folder of secret files to take along")] = None,
    point_in_time: Annotated[
        bool, typer.Option("--point-in-time", help="have the server keep its log for `backup follow`")
    ] = False,
) -> None:
    """Make a backup in a new folder; it holds secrets and is private. 创建备份。"""
    with progress() as report:
        manifest = create_backup(
            of(context),
            folder,
            report,
            method=method,
            secrets=secrets,
            point_in_time=point_in_time,
        )
    console.print(
        f"[green]✓[/] {folder}: {manifest.method} backup, {len(manifest.files)} files,"
        f" consistent at {manifest.consistent_at.isoformat(timespec='milliseconds')}",
        soft_wrap=True,
    )
    if point_in_time:
        console.print("the server keeps its log until `wangdian backup follow` has it: start that now")


@app.command()
def follow(
    context: typer.Context,
    folder: Folder,
    seconds: Annotated[float | None, typer.Option(min=1, help="stop after that time")] = None,
) -> None:
    """Add the server's log and new files to a backup until Ctrl-C; it restores to any moment. 持续归档。"""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console.print("following; Ctrl-C ends it · 按 Ctrl-C 结束")
    count = follow_log(of(context), folder, stop, seconds)
    console.print(f"[green]✓[/] {count} segments of the log are in {folder}", soft_wrap=True)


@app.command()
def verify(folder: Folder) -> None:
    """Read every file of a backup and compare its hash. 校验备份。"""
    with progress() as report:
        manifest = verify_backup(folder, report)
    console.print(f"[green]✓[/] {len(manifest.files)} files are as they were written")


@app.command()
def end(context: typer.Context) -> None:
    """Have the server keep its log for no backup any more. 结束持续归档。"""
    dsn = of(context).postgres_dsn
    if dsn is None:
        raise OperatorError("set WANGDIAN_POSTGRES_URL to a superuser's address")
    done = cluster.release_log(dsn)
    console.print("released" if done else "no backup that is not being followed keeps the log")


def restore(
    folder: Folder,
    target: Annotated[Path, typer.Argument(help="a new folder, or an empty one")],
    at: Annotated[
        datetime | None, typer.Option(help="a moment, with zone: 2026-11-25T17:30:00+08:00")
    ] = None,
) -> None:
    """Restore a backup into an empty folder: every hash is compared first. 恢复。"""
    with progress() as report:
        restored = restore_backup(folder, target, report, at)
    for name, state in restored.databases.items():
        console.print(f"{name}: schema {state.schema}, {state.last_fact} facts", highlight=False)
    console.print(
        f"[green]✓[/] restored into {target}; docs/runbooks/backup-and-restore.md says how to go on"
    )
