"""Bases of what requests and answers hold.

``Input``  knows all its fields, and its JSON types are meant: a number is no text, an instant is RFC 3339
with its offset.
``Output`` has no defaults, so that clients see every field as required.
"""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

STRICT = frozenset({"int", "bool", "float"})
TEMPORAL = frozenset({"date", "datetime", "time"})
_NOT_SCHEMAS = frozenset({"default", "metadata", "serialization", "expected"})
_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")


def _make_exact(node: Any) -> None:
    """Walks a core schema. The names under ``fields`` are the model's own and no words of the schema."""
    if isinstance(node, list | tuple):
        for item in node:
            _make_exact(item)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if kind in STRICT:
        node["strict"] = True
    elif kind in TEMPORAL:
        _want_text(node)
        return
    for name, item in node.items():
        if name == "fields" and isinstance(item, dict):
            _make_exact(list(item.values()))
        elif name not in _NOT_SCHEMAS:
            _make_exact(item)


def _want_text(node: dict[Any, Any]) -> None:
    """Makes the node take ISO 8601 text alone: pydantic would take numbers as Unix time."""
    inner = dict(node)
    kind = str(inner["type"])
    if kind == "datetime":
        inner["tz_constraint"] = "aware"

    def text_only(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and _ISO.match(value) is None):
            raise PydanticCustomError(f"{kind}_parsing", "Give an ISO 8601 text.")
        return value

    node.clear()
    node.update(type="function-before", function={"type": "no-info", "function": text_only}, schema=inner)


class Input(BaseModel):
    """Base of request bodies: unknown fields refused, texts stripped, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's schema of the model, made exact where JSON has the type, or ISO 8601 has."""
        schema = handler(source)
        _make_exact(schema)
        return schema


class Output(BaseModel):
    """Base of answers; built from keywords or, by name, from an object's attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuses a default: a field that may be absent is no promise."""
        optional = sorted(name for name, field in cls.model_fields.items() if not field.is_required())
        if optional:
            raise TypeError(f"{cls.__qualname__}: no defaults in answers ({', '.join(optional)})")
