"""What the code of this checkout expects: topics by service, and the newest schema. Read from files alone."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from alembic.script import ScriptDirectory

from chassis.migrate import configuration
from chassis.register import HEARTBEAT_TYPE
from deploy.devstack import REPOSITORY


@dataclass(frozen=True)
class Topics:
    """What one service sends and receives, and the registers among what it sends."""

    sent: frozenset[str]
    received: frozenset[str]
    registers: frozenset[str]


@cache
def topics(service: str) -> Topics:
    """From the service's committed AsyncAPI document."""
    path = REPOSITORY / "services" / service / "contracts" / "asyncapi.json"
    document: Any = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in document["operations"].values():
        names[operation["action"]].add(operation["channel"]["$ref"].rpartition("/")[2].replace("~1", "/"))
    registers = {name for name in names["send"] if HEARTBEAT_TYPE in document["channels"][name]["messages"]}
    return Topics(frozenset(names["send"]), frozenset(names["receive"]), frozenset(registers))


@cache
def newest_schema(service: str) -> str | None:
    """The revision that this checkout's code expects."""
    folder = REPOSITORY / "services" / service / "migrations"
    return ScriptDirectory.from_config(configuration(folder)).get_current_head()
