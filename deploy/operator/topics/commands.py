"""``wangdian topics list | tail | lag | replay``."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from deploy.apart import run
from deploy.operator import OperatorError, broker
from deploy.operator.installation import of
from deploy.operator.topics.lag import Lag, Pace, lags, paces
from deploy.operator.topics.records import Choice, Decoded, between, following, topic_of

app = typer.Typer(no_args_is_help=True, help="What stands on the topics. 主题。")
console = Console(width=None if sys.stdout.isatty() else 160)

LOOK_BACK_MAX = 100_000

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
TopicName = Annotated[str, typer.Argument(help="the topic")]
Key = Annotated[str | None, typer.Option(help="records of this key only")]
Type = Annotated[str | None, typer.Option("--type", help="records of this CloudEvents type only")]
Heartbeats = Annotated[bool, typer.Option("--heartbeats", help="register heartbeats too")]
Limit = Annotated[int, typer.Option(min=1, help="so many of the newest records first")]


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Every topic: partitions, records, where it ends, how long it keeps. 列出主题。"""
    topics = run(broker.topics(of(context).bootstrap))
    if as_json:
        found = [
            {
                "topic": topic.name,
                "partitions": {
                    number: {"first": first, "end": end} for number, (first, end) in topic.ends.items()
                },
                "records": topic.records,
                "retention_ms": topic.retention_ms,
            }
            for topic in topics.values()
        ]
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("topic", "partitions", "records", "ends", "keeps")
    for topic in topics.values():
        ends = " ".join(str(end) for _, end in topic.ends.values())
        keeps = "?" if topic.retention_ms is None else _kept(topic.retention_ms)
        table.add_row(topic.name, str(len(topic.ends)), str(topic.records), ends, keeps)
    console.print(table)


def _kept(milliseconds: int) -> str:
    return (
        "for ever"
        if milliseconds < 0
        else str(timedelta(milliseconds=milliseconds)).removesuffix(", 0:00:00")
    )


@app.command()
def lag(
    context: typer.Context,
    over: Annotated[
        float | None,
        typer.Option(min=0.5, max=600, help="look twice, so many seconds apart: pace, time left"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How far every group is behind, in records and seconds; with --over, when it will be done. 消费滞后。"""
    installation = of(context)
    found = run(lags(installation))
    pace: dict[tuple[str, str], Pace] = {}
    if over is not None:
        before, began = found, time.monotonic()
        time.sleep(over)
        found = run(lags(installation))
        pace = paces(before, found, time.monotonic() - began)
    if as_json:
        rows = [asdict(one) | {"pace": _asdict(pace.get((one.group, one.topic)))} for one in found]
        typer.echo(json.dumps(rows, indent=2))
        return
    columns = ["group", "topic", "records behind", "seconds behind", "places kept by"]
    table = Table(*columns, *(["taken/s", "written/s", "time left"] if pace else []))
    for one in found:
        seconds = "?" if one.seconds is None else f"{one.seconds:.1f}"
        table.add_row(one.group, one.topic, str(one.records), seconds, one.kept_by, *_pace(pace, one))
    console.print(table)


def _asdict(pace: Pace | None) -> dict[str, float | None] | None:
    return None if pace is None else asdict(pace)


def _pace(pace: Mapping[tuple[str, str], Pace], one: Lag) -> list[str]:
    known = pace.get((one.group, one.topic))
    if known is None:
        return []
    left = (
        "never at this pace"
        if known.seconds_left is None
        else str(timedelta(seconds=int(known.seconds_left)))
    )
    return [f"{known.taken:.0f}", f"{known.written:.0f}", left]


@app.command()
def tail(
    context: typer.Context,
    topic: TopicName,
    key: Key = None,
    type_: Type = None,
    limit: Limit = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until Ctrl-C")] = False,
    heartbeats: Heartbeats = False,
    as_json: AsJson = False,
) -> None:
    """The newest records of a topic, decoded; only opaque ids are in them. 查看最新事件。"""
    choice = Choice(key, type_, heartbeats)
    bootstrap = of(context).bootstrap

    def show(record: Decoded) -> None:
        typer.echo(json.dumps(record.as_data(), ensure_ascii=False) if as_json else readable(record))

    with suppress(KeyboardInterrupt):
        asyncio.run(_tail(bootstrap, topic, choice, limit, follow, show))


async def _tail(
    bootstrap: str, name: str, choice: Choice, limit: int, follow: bool, show: Callable[[Decoded], None]
) -> None:
    topic = await topic_of(bootstrap, name)
    ends = {number: end for number, (_, end) in topic.ends.items()}
    for record in await newest(bootstrap, topic, choice, limit):
        show(record)
    if follow:
        async for record in following(bootstrap, name, ends):
            if choice.takes(record):
                show(record)


async def newest(bootstrap: str, topic: broker.Topic, choice: Choice, limit: int) -> list[Decoded]:
    """The ``limit`` newest records that are wanted, oldest first.

    Looks back in growing steps, at most ``LOOK_BACK_MAX`` records a partition: the end of a long topic is
    found without reading all of it.
    """
    step, found = limit, list[Decoded]()
    ends = {number: end for number, (_, end) in topic.ends.items()}
    while True:
        step = min(step, LOOK_BACK_MAX)
        starts = {number: max(first, end - step) for number, (first, end) in topic.ends.items()}
        found = [
            record async for record in between(bootstrap, topic.name, starts, ends) if choice.takes(record)
        ]
        # A partition has given its share when `limit` of its records are wanted: older ones cannot count.
        given = Counter(record.partition for record in found)
        poor = [n for n, (first, _) in topic.ends.items() if starts[n] > first and given[n] < limit]
        if not poor or step == LOOK_BACK_MAX:
            break
        step *= 8
    if poor and len(found) < limit:
        hint = f"looked back {LOOK_BACK_MAX} records a partition; `topics replay` reads all"
        typer.echo(hint, err=True)
    return sorted(found, key=lambda record: (record.written_at, record.partition, record.offset))[-limit:]


def readable(record: Decoded) -> str:
    """One record in a few lines."""
    head = f"{record.written_at:%Y-%m-%d %H:%M:%S}Z {record.topic}/{record.partition}/{record.offset}"
    attributes = " ".join(
        f"{name.removeprefix('ce_')}={record.headers[name]}"
        for name in ("ce_id", "ce_source", "ce_sequence", "ce_archiveseq")
        if name in record.headers
    )
    data = (
        json.dumps(record.data, ensure_ascii=False)
        if record.raw is None
        else f"no JSON: {record.raw[:200]!r}"
    )
    return f"{head}  {record.type or 'no type'}  key={record.key}\n  {attributes}\n  {data}"


@app.command()
def replay(
    context: typer.Context,
    topic: TopicName,
    file: Annotated[Path, typer.Argument(help="JSON lines; must not exist yet")],
    key: Key = None,
    type_: Type = None,
    limit: Annotated[int, typer.Option(min=1, help="stop after so many records")] = 1_000_000,
    heartbeats: Heartbeats = False,
) -> None:
    """Write a topic (or one key of it), up to its present end, to a file. 导出主题。"""
    if file.exists():
        raise OperatorError(f"{file} exists: name another file, nothing is overwritten")
    count = run(_replay(of(context).bootstrap, topic, Choice(key, type_, heartbeats), file, limit))
    console.print(f"{count} records written to {file}", soft_wrap=True)


async def _replay(bootstrap: str, name: str, choice: Choice, file: Path, limit: int) -> int:
    """Writes beside the file and renames at the end: the file is whole, or not there."""
    topic = await topic_of(bootstrap, name)
    draft = file.with_name(f".{file.name}.part")
    count = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with (
            Progress(*columns, console=Console(stderr=True)) as progress,
            draft.open("w", encoding="utf-8") as out,
        ):
            task = progress.add_task(name, total=topic.records)
            async for record in _all(bootstrap, topic):
                progress.advance(task)
                if choice.takes(record):
                    out.write(json.dumps(record.as_data(), ensure_ascii=False) + "\n")
                    count += 1
                if count >= limit:
                    break
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return count


async def _all(bootstrap: str, topic: broker.Topic) -> AsyncIterator[Decoded]:
    starts = {number: first for number, (first, _) in topic.ends.items()}
    ends = {number: end for number, (_, end) in topic.ends.items()}
    async for record in between(bootstrap, topic.name, starts, ends):
        yield record
