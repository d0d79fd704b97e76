"""``python -m deploy.devstack``: the whole system on this machine."""

import asyncio
import fcntl
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, NoReturn

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy import SERVICES
from deploy.devstack import REPOSITORY, StackError
from deploy.devstack.kafka import Kind
from deploy.devstack.ports import Ports
from deploy.devstack.processes import die_with_make
from deploy.devstack.stack import Stack

FOLDER = REPOSITORY / ".local"

cli = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True)
# Without a terminal (in a pipe, in CI) tables need not be squeezed into 80 columns.
console = Console(width=None if sys.stdout.isatty() else 140)

Only = Annotated[
    list[str] | None, typer.Option(help="start this service only; may be repeated; `infra` for none")
]


@cli.command()
def run(only: Only = None) -> None:
    """Start everything, play a branch day, stay until Ctrl-C. 启动并演示一个营业日."""
    with running_stack(only) as stack:
        if not play(stack):
            console.print("[red]✗[/] something is wrong with this day; the stack stays up for a look")
        show(stack)
        stay(stack)


@cli.command()
def demo() -> None:
    """Start everything, play a branch day, check its books, stop. 演示并核对."""
    with running_stack() as stack:
        balanced = play(stack)
    if not balanced:
        sys.exit(1)


@cli.command()
def up(only: Only = None) -> None:
    """Start everything with the kept data, stay until Ctrl-C. 仅启动."""
    with running_stack(only) as stack:
        show(stack)
        stay(stack)


@cli.command("test-stack")
def throw_away(
    only: Only = None, kafka: Annotated[Kind | None, typer.Option(help="kind of broker")] = None
) -> None:
    """Start an empty stack in a temporary folder on free ports, stay until Ctrl-C. 临时环境."""
    with (
        tempfile.TemporaryDirectory(prefix="wangdian-") as folder,
        started(Stack(Path(folder), services=_chosen(only), kafka=kafka)) as stack,
    ):
        show(stack)
        stay(stack)


@cli.command()
def token(client: str) -> None:
    """Print an access token of one of the running stack's users."""
    path = FOLDER / "stack.json"
    if not path.exists():
        _fail("no stack is running; start one with `make run`")
    stack = json.loads(path.read_text(encoding="utf-8"))
    user = stack["users"].get(client) or _fail(f"no user {client}; there are {', '.join(stack['users'])}")
    try:
        answer = httpx.post(
            stack["issuer"]["token_url"],
            auth=(user["client_id"], user["client_secret"]),
            data={"grant_type": "client_credentials"},
            trust_env=False,
        )
    except httpx.TransportError:
        _fail("the stack does not run any more; start one with `make run`")
    typer.echo(answer.raise_for_status().json()["access_token"])


@contextmanager
def running_stack(only: list[str] | None = None) -> Iterator[Stack]:
    """The stack of this repository, with its kept data; one at a time."""
    lock = _lock()
    with step("this machine · 检查环境"):
        stack = Stack(
            FOLDER,
            ports=Ports.from_environment(),
            services=_chosen(only),
            kafka_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS"),
            database_url=os.environ.get("DATABASE_URL"),
        )
    with started(stack), lock:
        yield stack


@contextmanager
def started(stack: Stack) -> Iterator[Stack]:
    """Starts the stack; whatever happens then, leaves no process behind."""
    for note in stack.notes:
        console.print(f"[yellow]![/] {escape(note)}")
    try:
        stack.start(step)
        yield stack
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        with step("stopped · 已停止"):
            stack.stop()


@contextmanager
def step(title: str) -> Iterator[None]:
    """One step of the progress: a spinner while it lasts, a line with its time when it is done."""
    began = time.monotonic()
    with console.status(f"{title} …"):
        yield
    console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - began:.1f} s[/]")


def play(stack: Stack) -> bool:
    """Plays the branch day and shows its summary; whether everything went well and the books balance."""
    # Late: players and media take seconds to load, and only this needs them.
    from deploy.demo import day
    from deploy.demo.arrivals import ArrivalsUnreadable
    from deploy.demo.client import Unexpected

    try:
        summary = asyncio.run(day.play(stack, console=console))
    except (ArrivalsUnreadable, Unexpected) as error:
        console.print(f"[red]✗[/] the branch day: {escape(str(error))}", highlight=False)
        return False
    return bool(summary)


def show(stack: Stack) -> None:
    """What runs where, and how to talk to it."""
    table = Table(title="Wangdian · 网点", title_justify="left")
    for column in ("part", "address", "process"):
        table.add_column(column, overflow="fold")
    for name in stack.names:
        table.add_row(name, f"{stack.url(name)}/docs", str(stack.pid(name)))
    table.add_row("token issuer", f"{stack.url('issuer')}/.well-known/openid-configuration", "")
    table.add_row(f"Kafka ({stack.kafka.kind})", stack.kafka.bootstrap, "")
    table.add_row("everything, with secrets", str(stack.folder / "stack.json"), str(os.getpid()))
    console.print(table)
    console.print(
        "A token, and a first call:\n"
        "  TOKEN=$(make -s token CLIENT=planner-1)\n"
        f'  curl -H "Authorization: Bearer $TOKEN" {stack.url("staffing")}/v1/outlets',
        highlight=False,
        soft_wrap=True,
    )


def stay(stack: Stack) -> None:
    """Until Ctrl-C or SIGTERM, or until a service ends by itself."""
    console.print("[bold]running[/]; Ctrl-C stops everything · 按 Ctrl-C 停止")
    try:
        while (name := stack.failed()) is None:
            time.sleep(0.5)
    except KeyboardInterrupt:
        return
    raise stack.failure(name)


def _chosen(only: list[str] | None) -> list[str]:
    if only is None:
        return list(SERVICES)
    if unknown := set(only) - {*SERVICES, "infra"}:
        raise StackError(f"there is no service {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}")
    return [name for name in SERVICES if name in only]


def _lock() -> IO[str]:
    """Held while a stack of this repository runs; the kernel lets go of it however that stack ends."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    if not os.access(FOLDER, os.W_OK | os.X_OK):
        raise StackError(f"{FOLDER} belongs to another user: run as that user, or remove it")
    file = (FOLDER / "stack.pid").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        raise StackError(
            f"a stack of this folder runs already: stop process {file.read().strip()} first (Ctrl-C there)"
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _fail(message: str) -> NoReturn:
    Console(stderr=True).print(f"[red]✗[/] {escape(message)}", soft_wrap=True, highlight=False)
    sys.exit(1)


def main() -> None:
    """Runs the command line; every way to end it ends the stack first."""
    die_with_make()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        cli(standalone_mode=False)
    except StackError as error:
        _fail(str(error))
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted")


if __name__ == "__main__":
    main()
