"""Facts: what a service publishes. Frozen dataclasses, typed and versioned; standard library only.

A fact is declared once, with its type, its topic and the field that holds the aggregate's id::

    @dataclass(frozen=True, kw_only=True)
    class TicketIssued(Fact, type="ticketing.ticket.issued.v1", topic="ticketing.tickets.v1",
    key="ticket_id"):
        ticket_id: UUID
        outlet_id: UUID

On the wire it is a CloudEvent 1.0 in Kafka's binary mode; see ``docs/events.md``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

FACT_BYTES_MAX = 256 * 1024


@dataclass(frozen=True)
class Example:
    """What a field of a fact looks like, for the published example: ``Annotated[str, Example("09:00")]``.

    ``value`` is the JSON value. Without one the example is made from the field's type and name.
    """

    value: Any

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """The field's JSON Schema with the example in it."""
        schema: dict[str, Any] = handler(core_schema)
        return {**schema, "examples": [self.value]}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Base of all facts.

    ``version`` is the aggregate's version that this fact made (``ce_sequence``): one fact = one version (R1).
    ``occurred_at`` is domain time (``ce_time``), aware UTC. Every other field is data.
    """

    type: ClassVar[str]
    topic: ClassVar[str]
    key_field: ClassVar[str]

    version: int
    occurred_at: datetime

    def __init_subclass__(cls, *, type: str, topic: str, key: str) -> None:
        super().__init_subclass__()
        if type.split(".")[0] != topic.split(".")[0] or type.split(".")[-1] != topic.split(".")[-1]:
            raise TypeError(f"{type} does not belong on topic {topic}")
        cls.type, cls.topic, cls.key_field = type, topic, key

    @property
    def key(self) -> str:
        """The aggregate's id as text: the record key, and the subject."""
        return str(getattr(self, self.key_field))

    def data(self) -> dict[str, Any]:
        """The fact as JSON values: every field, ids and instants as text."""
        return {field.name: to_json(getattr(self, field.name)) for field in fields(self)}


def to_json(value: object) -> Any:
    """``value`` as JSON values: instants RFC 3339 in UTC with ``Z``, dates ISO 8601, ids as text, enums by
    value.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str() | float():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case dict():
            return {str(key): to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")


def encode(data: dict[str, Any]) -> bytes:
    """The payload's bytes: compact UTF-8 JSON, keys in the order of declaration."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def cloud_headers(
    *, source: str, identity: str, type_: str, key: str | None, time: datetime, sequence: int, seq: int
) -> dict[str, str]:
    """The CloudEvents 1.0 attributes of a fact as Kafka headers (binary mode)."""
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": identity,
        "ce_source": f"/{source}",
        "ce_type": type_,
        "ce_time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_sequence": str(sequence),
        "ce_archiveseq": str(seq),
        "ce_dataschema": f"/{source}/contracts/events/{type_}.schema.json",
    }
    if key is not None:
        headers |= {"ce_subject": key, "ce_partitionkey": key}
    return headers
