"""``python -m deploy.demo``: plays a branch day on the system of ``docker-compose.yml``, from inside of it.

Exits with 1 when something went wrong or the books do not balance. Otherwise it says so in a file, which is
what its health check looks at, and stays, so that ``docker compose up --wait`` waits until the day is over.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy import SERVICES
from deploy.demo.client import Secrets
from deploy.demo.day import SALES, SECONDS, TICKETS, play
from deploy.demo.keycloak import TOKENS, KeycloakUsers
from deploy.devstack.users import HEAD_OFFICE, Users

PORT = 8080
PLAYED = "played"


@dataclass(frozen=True)
class Composed:
    """The composed system as the day sees it (:class:`deploy.demo.client.StackLike`)."""

    state: Path
    issuer_state: Path
    evidence: Path
    secrets: Path
    kafka: str
    keycloak: str | None = None

    @cached_property
    def users(self) -> Secrets:
        """The people and devices of the Keycloak, or of the demo's issuer, whose file we share."""
        users: Secrets
        if self.keycloak is None:
            users = Users(self.issuer_state)
        else:
            secret = (self.secrets / "keycloak_provisioning").read_text(encoding="utf-8").strip()
            users = KeycloakUsers(self.keycloak, secret, self.state)
        users.add_all(HEAD_OFFICE)
        return users

    def urls(self, service: str) -> list[str]:
        """Where a service answers inside of the system's network; of the issuer, what is above ``/token``."""
        if service == "issuer" and self.keycloak is not None:
            return [f"{self.keycloak}{TOKENS}"]
        return [f"http://{service}:{PORT}"]

    def pid(self, service: str) -> int:
        """Nobody's: a container sees no process of another; the day is played without what needs one."""
        raise ProcessLookupError(service)

    def describe(self) -> dict[str, Any]:
        """What the books need of ``stack.json``."""
        services: dict[str, dict[str, str]] = {
            name: {
                "url": self.urls(name)[0],
                "owner_dsn": (self.secrets / f"{name}_owner_database_url")
                .read_text(encoding="utf-8")
                .strip(),
            }
            for name in SERVICES
        }
        services["compliance"]["data_dir"] = str(self.evidence)
        return {"services": services, "kafka": {"bootstrap": self.kafka, "kind": "apache"}}


def main(
    tickets: Annotated[int, typer.Option(envvar="DEMO_TICKETS", min=60)] = TICKETS,
    sales: Annotated[int, typer.Option(envvar="DEMO_SALES", min=1, max=20)] = SALES,
    seconds: Annotated[float, typer.Option(envvar="DEMO_SECONDS", help="how long doors stay open")] = SECONDS,
    arrivals: Annotated[str | None, typer.Option(envvar="ARRIVALS", help="observed arrivals")] = None,
    stay: Annotated[bool, typer.Option(help="stay up afterwards, healthy")] = False,
    state: Annotated[Path, typer.Option(envvar="DEMO_STATE")] = Path("/data"),
    issuer_state: Annotated[Path, typer.Option(envvar="ISSUER_STATE")] = Path("/issuer"),
    evidence: Annotated[Path, typer.Option(envvar="DEMO_EVIDENCE")] = Path("/evidence"),
    secrets: Annotated[Path, typer.Option(envvar="DEMO_SECRETS")] = Path("/run/secrets"),
    kafka: Annotated[str, typer.Option(envvar="WANGDIAN_KAFKA_BOOTSTRAP_SERVERS")] = "kafka:9092",
    keycloak: Annotated[str | None, typer.Option(envvar="KEYCLOAK_URL", help="instead of the issuer")] = None,
) -> None:
    """Play a branch day on the containers, check its books. 在容器中演示一个营业日。"""
    (state / PLAYED).unlink(missing_ok=True)
    stack = Composed(state, issuer_state, evidence, secrets, kafka, keycloak or None)
    day = play(
        stack,
        tickets=tickets,
        sales=sales,
        seconds=seconds,
        # The register goes stale when staffing stands still, and no container can make another one do that.
        stale=False,
        arrivals=arrivals or None,
        console=Console(width=140),
    )
    if asyncio.run(day).wrong:
        sys.exit(1)
    (state / PLAYED).touch()
    if stay:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    typer.run(main)
