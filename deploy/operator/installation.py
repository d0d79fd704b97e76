"""Where the parts of an installation are: from the stack's ``stack.json``, or from the environment.

From the environment: ``WANGDIAN_<SERVICE>_URL``, ``…_DATABASE_URL`` (role app), ``…_OWNER_DATABASE_URL`` and
``…_DATA_DIR`` for each service; ``WANGDIAN_KAFKA_BOOTSTRAP_SERVERS``, ``WANGDIAN_ISSUER``,
``WANGDIAN_JWKS_URL`` and, for backups, ``WANGDIAN_POSTGRES_URL`` (a superuser's). A service without
a URL is left out.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer

from deploy import SERVICES
from deploy.operator import OperatorError

STACK = Path(".local/stack.json")


@dataclass(frozen=True)
class ServiceAt:
    """One service: its address, and its database as ``<name>_app`` and, where known, ``<name>_owner``."""

    name: str
    url: str
    dsn: str
    owner_dsn: str | None = None
    data_dir: Path | None = None


@dataclass(frozen=True)
class Installation:
    """Everything that the operator's commands need to know; holds secrets, is never printed."""

    services: tuple[ServiceAt, ...]
    bootstrap: str
    issuer: str
    jwks_url: str
    postgres_dsn: str | None = None
    #: Folder of the stack's secrets and issuer; None elsewhere.
    folder: Path | None = None
    stack: Path | None = None
    client_secrets: tuple[str, ...] = ()

    def service(self, name: str) -> ServiceAt:
        """The service of that name; raises :class:`OperatorError`."""
        for service in self.services:
            if service.name == name:
                return service
        known = ", ".join(service.name for service in self.services)
        raise OperatorError(f"there is no service {name} here; there are {known or 'none'}")

    def passwords(self) -> Iterator[tuple[str, str]]:
        """Role and password of every database address."""
        for service in self.services:
            for dsn in (service.dsn, service.owner_dsn):
                if dsn and (parts := urlsplit(dsn)).username:
                    yield str(parts.username), parts.password or ""
        if self.postgres_dsn and (parts := urlsplit(self.postgres_dsn)).username:
            yield str(parts.username), parts.password or ""


def of(context: typer.Context) -> Installation:
    """The installation that the command line or the environment names, found when a command asks for it."""
    named: Callable[[], Installation] = context.obj
    return named()


def find(stack: Path | None, environment: Mapping[str, str]) -> Installation:
    """The installation named by ``--stack``, else by the environment, else the running dev stack's."""
    if stack is not None:
        return from_stack(stack)
    if any(f"WANGDIAN_{name.upper()}_URL" in environment for name in SERVICES):
        return from_environment(environment)
    return from_stack(STACK)


def from_stack(path: Path) -> Installation:
    """What ``stack.json`` says; raises :class:`OperatorError` where there is none."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise OperatorError(
            f"{path}: no stack is running here. Start one (make up), name another with --stack, or set"
            " WANGDIAN_TICKETING_URL, WANGDIAN_TICKETING_DATABASE_URL, … (docs/operator.md)"
        ) from error
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read: {error}") from error
    return Installation(
        services=tuple(
            ServiceAt(name, part["url"], part["dsn"], part["owner_dsn"], Path(part["data_dir"]))
            for name, part in found["services"].items()
        ),
        bootstrap=found["kafka"]["bootstrap"],
        issuer=found["issuer"]["url"],
        jwks_url=found["issuer"]["jwks_url"],
        postgres_dsn=found["postgres"]["dsn"],
        folder=Path(found["folder"]),
        stack=path,
        client_secrets=tuple(user["client_secret"] for user in found["users"].values()),
    )


def from_environment(environment: Mapping[str, str]) -> Installation:
    """What the environment says; raises :class:`OperatorError` that names what is missing."""
    names = [name for name in SERVICES if f"WANGDIAN_{name.upper()}_URL" in environment]
    needed = [f"WANGDIAN_{name.upper()}_DATABASE_URL" for name in names]
    needed += ["WANGDIAN_KAFKA_BOOTSTRAP_SERVERS", "WANGDIAN_ISSUER", "WANGDIAN_JWKS_URL"]
    if missing := [name for name in needed if not environment.get(name)]:
        raise OperatorError(f"set {', '.join(missing)} as well (docs/operator.md)")
    return Installation(
        services=tuple(_named(name, environment) for name in names),
        bootstrap=environment["WANGDIAN_KAFKA_BOOTSTRAP_SERVERS"],
        issuer=environment["WANGDIAN_ISSUER"],
        jwks_url=environment["WANGDIAN_JWKS_URL"],
        postgres_dsn=environment.get("WANGDIAN_POSTGRES_URL"),
    )


def _named(name: str, environment: Mapping[str, str]) -> ServiceAt:
    prefix = f"WANGDIAN_{name.upper()}_"
    data_dir = environment.get(f"{prefix}DATA_DIR")
    return ServiceAt(
        name,
        environment[f"{prefix}URL"].rstrip("/"),
        environment[f"{prefix}DATABASE_URL"],
        environment.get(f"{prefix}OWNER_DATABASE_URL"),
        Path(data_dir) if data_dir else None,
    )
