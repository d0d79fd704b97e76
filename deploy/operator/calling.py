"""What a service's own command line does: parked facts, republish, pause, migrate.

The service runs as a process of its own (``python -m staffing parked list``) with the installation's
settings; none is imported.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from deploy import SERVICES
from deploy.operator.installation import Installation, ServiceAt, of

Name = Annotated[str, typer.Argument(help="the service")]
Position = Annotated[int, typer.Argument(help="position in the list of parked facts")]

parked = typer.Typer(no_args_is_help=True, help="Facts that a service could not take. 搁置的事件。")


def environment_of(
    installation: Installation, service: ServiceAt, inherited: Mapping[str, str]
) -> dict[str, str]:
    """What the service's process finds in its environment."""
    others = tuple(f"WANGDIAN_{name.upper()}_" for name in SERVICES)
    environment = {name: value for name, value in inherited.items() if not name.startswith(others)}
    environment |= {
        "WANGDIAN_DATABASE_URL": service.dsn,
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": installation.bootstrap,
        "WANGDIAN_ISSUER": installation.issuer,
        "WANGDIAN_JWKS_URL": installation.jwks_url,
        "COLUMNS": "160",
    }
    if service.owner_dsn is not None:
        environment["WANGDIAN_OWNER_DATABASE_URL"] = service.owner_dsn
    if service.data_dir is not None:
        environment["WANGDIAN_DATA_DIR"] = str(service.data_dir)
    if service.name == "compliance" and installation.folder is not None:
        for name in ("keyring", "permit_keys"):
            path = installation.folder / f"{name}.json"
            environment.setdefault(f"WANGDIAN_{name.upper()}_FILE", str(path))
    return environment


def ask(
    name: str, words: Sequence[str], environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """What the service's command line said and how it ended, in this environment."""
    return subprocess.run(
        [sys.executable, "-m", name, *words], env=environment, capture_output=True, text=True, check=False
    )


def tell(installation: Installation, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """The same with the installation's settings; raises :class:`OperatorError` for an unknown service."""
    service = installation.service(name)
    return ask(service.name, words, environment_of(installation, service, os.environ))


def call(context: typer.Context, name: str, words: Sequence[str]) -> None:
    """Runs the service's command, shows what it says, and ends with its exit code when that is not 0."""
    done = tell(of(context), name, *words)
    typer.echo(done.stdout, nl=False)
    typer.echo(done.stderr, nl=False, err=True)
    if done.returncode:
        raise typer.Exit(done.returncode)


@parked.command("list")
def parked_list(context: typer.Context, service: Name) -> None:
    """List the parked facts of a service, key by key. 列出。"""
    call(context, service, ["parked", "list"])


@parked.command("show")
def parked_show(context: typer.Context, service: Name, position: Position) -> None:
    """Show one parked fact with headers and payload. 查看。"""
    call(context, service, ["parked", "show", str(position)])


@parked.command("release")
def parked_release(
    context: typer.Context,
    service: Name,
    topic: Annotated[str, typer.Argument(help="topic of the parked key")],
    key: Annotated[str | None, typer.Argument(help="the key; leave out with --position")] = None,
    position: Annotated[int | None, typer.Option(help="a parked fact without a key")] = None,
) -> None:
    """Take a key's parked facts in order; exit code 1 when one still cannot be taken. 放行。"""
    words = ["parked", "release", topic]
    words += [key] if key is not None else []
    words += ["--position", str(position)] if position is not None else []
    call(context, service, words)


@parked.command("drop")
def parked_drop(
    context: typer.Context,
    service: Name,
    position: Position,
    reason: Annotated[str, typer.Option(help="why it is given up; kept with the fact")],
    yes: Annotated[
        bool, typer.Option("--yes", help="do it; without, only show what would be given up")
    ] = False,
) -> None:
    """Give a parked fact up for good; shows it first, and does it with --yes alone. 放弃。"""
    if not yes:
        call(context, service, ["parked", "show", str(position)])
        Console(stderr=True).print("nothing was dropped; say --yes to give it up · 未执行，确认请加 --yes")
        return
    call(context, service, ["parked", "drop", str(position), "--reason", reason])


def republish(
    context: typer.Context,
    service: Name,
    since: Annotated[datetime, typer.Option(help="first instant, with zone: 2026-11-01T00:00:00+08:00")],
) -> None:
    """Send a service's facts again, in order, since an instant. 补发事件。"""
    if since.tzinfo is None:
        raise typer.BadParameter("name the instant with its zone")
    call(context, service, ["facts", "republish", "--since", since.isoformat()])


def pause(
    context: typer.Context, service: Name, reason: Annotated[str, typer.Option(help="why the relay rests")]
) -> None:
    """Pause a service's relay durably. 暂停转发。"""
    call(context, service, ["facts", "pause", "--reason", reason])


def resume(context: typer.Context, service: Name) -> None:
    """Let a paused relay go on. 恢复转发。"""
    call(context, service, ["facts", "resume"])


def reread(
    context: typer.Context, service: Name, topic: Annotated[str, typer.Argument(help="the topic")]
) -> None:
    """Have a stopped service read a topic from its beginning again. 重读主题。"""
    call(context, service, ["facts", "reread", topic])


def service(context: typer.Context, name: Name, words: Annotated[list[str], typer.Argument()]) -> None:
    """Any other command of a service's own: `service compliance recordings verify --all`. 服务自身的命令。"""
    call(context, name, words)


def migrate(context: typer.Context, service: Name) -> None:
    """Bring a service's database to the newest schema, and make its partitions; safe to repeat. 迁移。"""
    call(context, service, ["migrate"])
