from pathlib import Path

import pytest

from tests.tools.repository import plant
from tools.layers import check

PACKAGE = "services/ticketing/src/ticketing"

SERVICE = """
from chassis.service import Capability, Service

service = Service(name="ticketing", capabilities=(Capability(name="catalogue"), Capability(name="tickets")))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    plant(tmp_path, f"{PACKAGE}/__init__.py", "")
    plant(tmp_path, f"{PACKAGE}/service.py", SERVICE)
    plant(tmp_path, f"{PACKAGE}/database.py", "")
    for capability in ("catalogue", "tickets"):
        for name in (
            "__init__",
            "events",
            "domain",
            "tables",
            "commands",
            "queries",
            "api",
            "reactions",
            "series",
        ):
            plant(tmp_path, f"{PACKAGE}/{capability}/{name}.py", "")
    return tmp_path


def messages(root: Path) -> list[str]:
    return [str(finding).removeprefix(f"{PACKAGE}/") for finding in check(root)]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("tickets/domain", "from ticketing.catalogue.domain import Kind"),
        ("tickets/domain", "from ticketing.tickets.series import next_number"),
        ("tickets/domain", "from datetime import datetime"),
        ("tickets/domain", "from chassis.errors import Conflict"),
        ("tickets/events", "from chassis.events import Fact"),
        ("tickets/tables", "from ticketing.tickets import domain"),
        ("tickets/tables", "from sqlalchemy import Table"),
        ("tickets/commands", "from ticketing.catalogue import commands, queries"),
        ("tickets/commands", "from ticketing.tickets import tables"),
        ("tickets/api", "from ticketing.tickets import commands, queries"),
        ("tickets/api", "from ticketing.database import mapper"),
        ("tickets/reactions", "from ticketing.tickets import commands"),
    ],
)
def test_what_a_file_may_import(root: Path, place: str, line: str) -> None:
    plant(root, f"{PACKAGE}/{place}.py", f"{line}\n")
    assert messages(root) == []


@pytest.mark.parametrize(
    ("place", "line", "said"),
    [
        (
            "catalogue/commands",
            "from ticketing.tickets import queries",
            "catalogue imports tickets, which is a higher",
        ),
        (
            "catalogue/api",
            "import ticketing.tickets.commands",
            "catalogue imports tickets, which is a higher layer",
        ),
        (
            "tickets/queries",
            "from ticketing.catalogue.tables import kinds",
            "ticketing.catalogue.tables is private",
        ),
        (
            "tickets/queries",
            "from ticketing.catalogue import tables",
            "ticketing.catalogue.tables is private",
        ),
        (
            "tickets/commands",
            "from ticketing.catalogue.events import Listed",
            "ticketing.catalogue.events is private",
        ),
        ("tickets/api", "from ticketing.catalogue import api", "ticketing.catalogue.api is private"),
        ("tickets/api", "from ticketing.service import service", "none of them knows it"),
        ("tickets/api", "from ticketing.tickets import tables", "api imports tables"),
        ("tickets/queries", "from ticketing.tickets.commands import issue", "queries imports commands"),
        ("tickets/commands", "from ticketing.tickets import reactions", "commands imports reactions"),
        ("tickets/series", "from ticketing.tickets import api", "series imports api"),
        ("tickets/events", "from ticketing.tickets.domain import State", "events imports domain"),
    ],
)
def test_what_a_file_may_not_import(root: Path, place: str, line: str, said: str) -> None:
    plant(root, f"{PACKAGE}/{place}.py", f"{line}\n")
    found = messages(root)
    assert len(found) == 1
    assert found[0].startswith(f"{place}.py:1: ")
    assert said in found[0]


@pytest.mark.parametrize(
    "line",
    [
        "import asyncio",
        "from random import choice",
        "from sqlalchemy import Table",
        "from pydantic import BaseModel",
        "from chassis import outbox",
        "from chassis.db import load",
        "from ticketing.database import mapper\nimport sqlalchemy",
    ],
)
def test_domain_is_pure(root: Path, line: str) -> None:
    plant(root, f"{PACKAGE}/database.py", "from sqlalchemy.orm import registry\n")
    plant(root, f"{PACKAGE}/tickets/domain.py", f"{line}\n")
    assert "has no place in a pure module" in messages(root)[0]


def test_what_a_pure_module_imports_is_pure_too(root: Path) -> None:
    plant(root, f"{PACKAGE}/tickets/domain.py", "from ticketing.tickets.series import next_number\n")
    plant(root, f"{PACKAGE}/tickets/series.py", "import sqlalchemy\n")
    assert messages(root) == ["tickets/series.py:1: sqlalchemy has no place in a pure module"]


def test_a_capability_has_its_layer(root: Path) -> None:
    plant(root, f"{PACKAGE}/display/__init__.py", "")
    assert messages(root) == [
        "display/__init__.py: capability display has no layer: list it in ticketing/service.py"
    ]
