"""``python -m deploy.operator …``: the `wangdian` command."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.operator import OperatorError, calling, config, status
from deploy.operator.backup import commands as backup
from deploy.operator.doctor import Limits, examine
from deploy.operator.installation import find, of
from deploy.operator.looking import look
from deploy.operator.topics import commands as topics

cli = typer.Typer(
    name="wangdian",
    help="Wangdian for its operators. 网点运维命令。",
    add_completion=False,
    no_args_is_help=True,
)
console = Console(width=None if sys.stdout.isatty() else 160)

StackFile = Annotated[Path | None, typer.Option("--stack", help="stack.json of a running stack")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@cli.callback()
def wangdian(context: typer.Context, stack: StackFile = None) -> None:
    """Wangdian for its operators. 网点运维命令。"""
    context.obj = lambda: find(stack, os.environ)


@cli.command("status")
def status_(context: typer.Context, as_json: AsJson = False) -> None:
    """How every service stands; exit code 1 unless all is well. 运行状态。"""
    seen = look(of(context))
    if as_json:
        typer.echo(json.dumps(status.as_data(seen), indent=2, ensure_ascii=False))
    else:
        console.print(status.table(seen))
        if seen.broker_error:
            console.print(f"[red]✗[/] {escape(seen.broker_error)}", soft_wrap=True)
    if not status.healthy(seen):
        raise typer.Exit(1)


@cli.command()
def doctor(
    context: typer.Context,
    as_json: AsJson = False,
    partitions: Annotated[
        int,
        typer.Option(envvar="WANGDIAN_TOPIC_PARTITIONS", min=1, help="partitions that a topic should have"),
    ] = Limits.topic_partitions,
    disk_free: Annotated[float, typer.Option(min=0, max=100, help="least free space of a disk, in %")] = (
        Limits.disk_free_percent_min
    ),
) -> None:
    """What is wrong and what to do about it; exit code 1 when something is. 诊断与处置建议。"""
    limits = Limits(disk_free_percent_min=disk_free, topic_partitions=partitions)
    found = examine(look(of(context)), limits)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    else:
        for one in found:
            mark = "[red]✗[/]" if one.urgent else "[yellow]![/]"
            lines = (
                f"{mark} [bold]{one.code}[/] {escape(one.zh)}",
                f"  {escape(one.en)}",
                f"  → {escape(one.do_zh)}",
                f"  → {escape(one.do_en)}",
                f"  [dim]{one.runbook}[/]",
            )
            console.print(*lines, sep="\n", soft_wrap=True, highlight=False)
        if not found:
            console.print("[green]✓[/] nothing is wrong · 未发现问题")
    if found:
        raise typer.Exit(1)


cli.add_typer(calling.parked, name="parked")
cli.add_typer(topics.app, name="topics")
cli.add_typer(config.app, name="config")
cli.add_typer(backup.app, name="backup")
for command in (
    calling.republish,
    calling.reread,
    calling.pause,
    calling.resume,
    calling.migrate,
    backup.restore,
):
    cli.command()(command)
# The words are the service's own: its options are not ours to know.
cli.command(context_settings={"ignore_unknown_options": True})(calling.service)


def main() -> None:
    """Runs the command line; what cannot be done is said in one line, with exit code 2."""
    try:
        cli(prog_name="wangdian")
    except OperatorError as error:
        Console(stderr=True).print(f"[red]✗[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
