from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal, Resource, Verdict
from chassis.clock import Clock
from chassis.db import new_registry
from chassis.events import Fact
from chassis.inbox import Consumed, Reaction, Received, Subscription
from chassis.service import Capability, Service
from tests.tools.repository import plant
from tools.contracts import main

TOPIC = "ticketing.tickets.v1"
ISSUED = "ticketing.ticket.issued.v1"
FOLDER = "services/ticketing/contracts"


@dataclass(frozen=True, kw_only=True)
class Issued(Fact, type=ISSUED, topic=TOPIC, key="ticket_id"):
    """A ticket was issued."""

    ticket_id: UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class IssuedWithoutNumber(Fact, type=ISSUED, topic=TOPIC, key="ticket_id"):
    """A ticket was issued."""

    ticket_id: UUID


@dataclass(frozen=True, kw_only=True)
class IssuedWithColour(Issued, type=ISSUED, topic=TOPIC, key="ticket_id"):
    """A ticket was issued."""

    colour: str | None = None


class Seen(Consumed):
    number: str


class Other(Consumed):
    ticket_id: UUID


class SeenWithColour(Seen):
    colour: str | None = None


class SeenAsNumber(Consumed):
    number: int


class Tier(Consumed):
    code: Annotated[str, Field(pattern="^[A-Z]$")]


async def ignore(session: AsyncSession, clock: Clock, fact: Received[Any]) -> None:
    """Does nothing about a fact."""


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    return Verdict.ALLOWED


def service(name: str, *capabilities: Capability) -> Service:
    return Service(
        name=name,
        title=name,
        description=name,
        metadata=new_registry().metadata,
        migrations=Path(),
        access=allow,
        capabilities=capabilities,
    )


TICKETING = service("ticketing", Capability(name="tickets", facts=(Issued,)))


def reader(model: type[Consumed], *, accepted: bool = False) -> Service:
    reactions = {ISSUED: Reaction(model, ignore)}
    subscription = Subscription(topic=TOPIC, reactions=reactions, accepted=accepted)
    return service("feedback", Capability(name="offers", subscriptions=(subscription,)))


def check(root: Path, services: Sequence[Service], capsys: pytest.CaptureFixture[str]) -> str:
    """What a failing check says; empty when it passes."""
    code = main(["--check"], root, services)
    said = capsys.readouterr().err
    assert bool(said) == bool(code)
    return said


def test_what_was_written_is_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    services = [TICKETING, reader(Seen)]
    assert main(["--write"], tmp_path, services) == 0
    assert "ticketing: 4 files written" in capsys.readouterr().out
    assert check(tmp_path, services, capsys) == ""
    assert main(["--write"], tmp_path, services) == 0
    assert "ticketing: 0 files written" in capsys.readouterr().out


def test_stale_missing_and_left_over_files_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--write"], tmp_path, [TICKETING])
    plant(tmp_path, f"{FOLDER}/events/{ISSUED}.example.json", "{}\n")
    plant(tmp_path, f"{FOLDER}/events/ticketing.ticket.gone.v1.schema.json", "{}\n")
    (tmp_path / FOLDER / "openapi.json").unlink()
    said = check(tmp_path, [TICKETING], capsys)
    fix = "run `python -m tools.contracts --write`"
    assert f"{FOLDER}/events/{ISSUED}.example.json: is stale: {fix}\n    --- committed" in said
    assert '\n    +  "number": "number",' in said
    assert "ticketing.ticket.gone.v1.schema.json: nothing stands behind it any more" in said
    assert f"{FOLDER}/openapi.json: is not committed" in said
    main(["--write"], tmp_path, [TICKETING])
    assert check(tmp_path, [TICKETING], capsys) == ""


def test_a_release_is_not_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--release"], tmp_path, [TICKETING])
    main(["--write"], tmp_path, [TICKETING])
    assert check(tmp_path, [TICKETING], capsys) == ""
    poorer = replace(TICKETING, capabilities=(Capability(name="tickets", facts=(IssuedWithoutNumber,)),))
    main(["--write"], tmp_path, [poorer])
    said = check(tmp_path, [poorer], capsys)
    lost = f"{FOLDER}/events/{ISSUED}.schema.json: breaks the release: data.number: field removed; "
    assert f"{lost}no service of ours reads it, other systems may" in said
    assert f"{lost}breaks feedback ({__name__}.Seen)" in check(tmp_path, [poorer, reader(Seen)], capsys)
    assert f"{lost}no service of ours reads it" in check(tmp_path, [poorer, reader(Other)], capsys)
    empty = replace(TICKETING, capabilities=())
    main(["--write"], tmp_path, [empty])
    said = check(tmp_path, [empty], capsys)
    assert f"{ISSUED}.schema.json: was released and is gone" in said
    assert f"{FOLDER}/asyncapi.json: breaks the release: {ISSUED}: no longer sent" in said


def test_what_would_break_a_release_is_not_released(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--release"], tmp_path, [TICKETING])
    poorer = replace(TICKETING, capabilities=(Capability(name="tickets", facts=(IssuedWithoutNumber,)),))
    assert main(["--release"], tmp_path, [poorer]) == 1
    assert "data.number: field removed" in capsys.readouterr().err
    schema = (tmp_path / FOLDER / "released" / "events" / f"{ISSUED}.schema.json").read_text("utf-8")
    assert '"number"' in schema
    richer = replace(TICKETING, capabilities=(Capability(name="tickets", facts=(IssuedWithColour,)),))
    assert main(["--release"], tmp_path, [richer]) == 0


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([TICKETING, reader(Seen)], ""),
        ([reader(Seen)], f"{ISSUED}.schema.json: nobody publishes {ISSUED}"),
        (
            [TICKETING, reader(SeenAsNumber)],
            "SeenAsNumber cannot read the publisher's example: number: Input",
        ),
        (
            [TICKETING, reader(SeenWithColour)],
            "SeenWithColour reads colour, which its publisher does not promise",
        ),
        ([reader(Seen, accepted=True)], ""),
        (
            [reader(Tier, accepted=True)],
            f"{ISSUED}.example.json: breaks its schema: code: 'code' does not match",
        ),
    ],
)
def test_readers_and_publishers_agree(
    tmp_path: Path, services: list[Service], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--write"], tmp_path, services)
    found = check(tmp_path, services, capsys)
    assert said in found
    assert bool(said) == bool(found)
