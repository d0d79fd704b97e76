"""``wangdian config check | page``: every setting, and whether what is set is valid.

Each service is asked by its own command line (``python -m staffing settings``): its settings are its own.
"""

import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from chassis.configuration import configuration
from deploy import SERVICES
from deploy.issuer.settings import IssuerSettings
from deploy.operator import OperatorError
from deploy.operator.calling import ask, environment_of
from deploy.operator.installation import of

PREFIX = "WANGDIAN_"
#: What the operator's command itself reads from the environment: name, meaning.
OWN = {
    "WANGDIAN_<SERVICE>_URL": "where the service answers, for `wangdian` only",
    "WANGDIAN_<SERVICE>_DATABASE_URL": "its database as <service>_app, for `wangdian` only",
    "WANGDIAN_<SERVICE>_OWNER_DATABASE_URL": "its database as <service>_owner, for `wangdian` only",
    "WANGDIAN_<SERVICE>_DATA_DIR": "its folder of files, for `wangdian` only",
    "WANGDIAN_POSTGRES_URL": "a superuser's address, for `wangdian backup` only",
}
HEADER = """# Settings

Written by `wangdian config page > docs/configuration.md`; a test keeps it current. Every setting is an
environment variable; in containers a secret may stand in a file of `/run/secrets` named after the variable in
lower case (`wangdian_database_url`). `wangdian config check` says what is set, what is not valid, and which
`WANGDIAN_` variable nobody knows.
"""

app = typer.Typer(no_args_is_help=True, help="Every setting. 配置。")
console = Console(width=None if sys.stdout.isatty() else 180)


def settings_of(service: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """What the service says about its settings in this environment."""
    done = ask(service, ["settings"], environment)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise OperatorError(f"{service} does not say what can be set: {done.stderr[-300:]}") from error
    return found


def unknown(environment: Mapping[str, str], known: set[str]) -> list[str]:
    """The variables with our prefix that nobody reads: most likely misspelt."""
    own = {name.replace("<SERVICE>", service.upper()) for name in OWN for service in SERVICES}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known | own)


@app.command()
def check(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False
) -> None:
    """Every setting, where it comes from, and whether it is valid; exit code 1 when one is not. 检查配置。"""
    installation = of(context)
    environments = {
        service.name: environment_of(installation, service, os.environ) for service in installation.services
    }
    with ThreadPoolExecutor() as threads:
        answers = dict(
            zip(
                environments,
                threads.map(lambda name: settings_of(name, environments[name]), environments),
                strict=True,
            )
        )
    known = {one["variable"] for answer in answers.values() for one in answer["settings"]}
    strangers = unknown(os.environ, known)
    wrong = bool(strangers) or any(answer["problems"] for answer in answers.values())
    if as_json:
        typer.echo(json.dumps({"ok": not wrong, "services": answers, "unknown": strangers}, indent=2))
    else:
        _show(answers, strangers)
    if wrong:
        raise typer.Exit(1)


def _show(answers: Mapping[str, dict[str, Any]], strangers: list[str]) -> None:
    for service, answer in answers.items():
        table = Table("variable", "unit", "default", "from", "meaning", title=service, title_justify="left")
        for one in answer["settings"]:
            problem = answer["problems"].get(one["variable"])
            origin = f"[red]{problem}[/]" if problem else one["origin"]
            table.add_row(one["variable"], one["unit"], one["default"] or "–", origin, one["meaning"])
        console.print(table)
    for name in strangers:
        console.print(f"[red]✗[/] {name}: no service has such a setting · 没有这个配置项")
    if not strangers and not any(answer["problems"] for answer in answers.values()):
        console.print("[green]✓[/] every value is valid · 配置均有效")


@app.command("page")
def print_page() -> None:
    """Print docs/configuration.md. 生成配置说明。"""
    typer.echo(page(), nl=False)


def page() -> str:
    """The page of all settings; nothing in it depends on where it is made."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with ThreadPoolExecutor() as threads:
        answers = dict(
            zip(
                SERVICES, threads.map(lambda name: settings_of(name, bare)["settings"], SERVICES), strict=True
            )
        )
    shared = [one for one in answers[SERVICES[0]] if all(one in answer for answer in answers.values())]
    parts = [HEADER, "## Every service\n", _table(shared)]
    for name, settings in answers.items():
        if own := [one for one in settings if one not in shared]:
            parts += [f"## {name}\n", _table(own)]
    issuer = [asdict(one) for one in configuration(IssuerSettings, {}).settings]
    parts += ["## The demo's issuer\n", _table(issuer)]
    rows = "".join(f"| `{name}` | {_plain(meaning)} |\n" for name, meaning in OWN.items())
    parts += ["## The operator's command\n", f"| Variable | Meaning |\n|---|---|\n{rows}"]
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Text for a cell of a table: no column sign, nothing that looks like a tag."""
    return text.replace("|", "/").replace("<", "\\<")


def _table(settings: list[dict[str, Any]]) -> str:
    rows = "| Variable | Meaning | Type | Unit | Limits | Default |\n|---|---|---|---|---|---|\n"
    for one in settings:
        default = (
            "required" if one["origin"] == "missing" else f"`{one['default']}`" if one["default"] else "–"
        )
        rows += (
            f"| `{one['variable']}` | {_plain(one['meaning'])} | {one['kind']} | {one['unit']}"
            f" | {one['limits']} | {default} |\n"
        )
    return rows
