"""Frozen dataclass trees as plain JSON values and back, strictly: what is stored reads the same later on.

Instants are RFC 3339 in UTC with ``Z``, days ISO 8601, ids and enums text. Reading refuses unknown, missing
and mistyped members, so that a stored decision is never replayed on half of its inputs. Only a member that a
shape has gained later (:func:`gained`) may be missing: it was not known then.
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin
from uuid import UUID

from compliance.evidence.canonical import Plain

T = TypeVar("T")


#: Marks the members that :func:`gained` makes.
GAINED = "gained"


def gained() -> Any:
    """A member that the shape has gained after values of it were stored: None where they have none."""
    return field(default=None, metadata={GAINED: True})


class NotReadable(ValueError):
    """Plain values that do not have the shape of the type; the message names where."""


def to_plain(value: object) -> Plain:
    """``value`` as plain JSON values; ``TypeError`` without a form, ``ValueError`` for a naive instant."""
    match value:
        case Enum():
            return to_plain(value.value)
        case None | bool() | int() | str():
            return value
        case datetime():
            if value.tzinfo is None:
                raise ValueError("naive datetime")
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {str(key): to_plain(item) for key, item in value.items()}
        case list() | tuple():
            return [to_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"no plain form for {type(value).__name__}")


def from_plain(shape: type[T], plain: Plain) -> T:
    """A ``shape`` (a dataclass) from plain values; raises :class:`NotReadable`."""
    result = _read(shape, plain, "")
    assert isinstance(result, shape)
    return result


def _read(shape: Any, plain: Any, where: str) -> Any:
    if shape is object:
        return plain
    if isinstance(shape, type) and is_dataclass(shape):
        return _read_dataclass(shape, plain, where)
    origin, arguments = get_origin(shape), get_args(shape)
    if origin in {types.UnionType, typing.Union}:
        if plain is None and types.NoneType in arguments:
            return None
        members = [argument for argument in arguments if argument is not types.NoneType]
        return _read(members[0], plain, where)
    if origin is tuple:
        if not isinstance(plain, list | tuple):
            raise NotReadable(f"{where or '/'}: expected an array")
        return tuple(_read(arguments[0], item, f"{where}/{n}") for n, item in enumerate(plain))
    if origin in {dict, Mapping}:
        if not isinstance(plain, Mapping):
            raise NotReadable(f"{where or '/'}: expected an object")
        return {key: _read(arguments[1], item, f"{where}/{key}") for key, item in plain.items()}
    return _read_scalar(shape, plain, where)


def _read_dataclass(shape: type, plain: Any, where: str) -> Any:
    if not isinstance(plain, Mapping):
        raise NotReadable(f"{where or '/'}: expected an object")
    hints = _hints(shape)
    if odd := sorted((plain.keys() ^ hints.keys()) - (_gained(shape) - plain.keys())):
        raise NotReadable(f"{where or '/'}: members missing or unknown: {', '.join(map(str, odd))}")
    try:
        return shape(**{name: _read(hints[name], item, f"{where}/{name}") for name, item in plain.items()})
    except NotReadable:
        raise
    except ValueError as wrong:
        raise NotReadable(f"{where or '/'}: {wrong}") from wrong


@lru_cache(maxsize=256)
def _hints(shape: type) -> dict[str, Any]:
    hints = typing.get_type_hints(shape)
    return {item.name: hints[item.name] for item in fields(shape)}


@lru_cache(maxsize=256)
def _gained(shape: type) -> frozenset[str]:
    return frozenset(item.name for item in fields(shape) if item.metadata.get(GAINED))


def _read_scalar(shape: Any, plain: Any, where: str) -> Any:
    try:
        if shape in {str, int, bool}:
            if type(plain) is not shape:
                raise NotReadable(f"{where or '/'}: expected {shape.__name__}")
            return plain
        if isinstance(shape, type) and issubclass(shape, Enum):
            return shape(plain)
        if shape is datetime:
            instant = datetime.fromisoformat(plain)
            if instant.tzinfo is None:
                raise NotReadable(f"{where or '/'}: naive instant")
            return instant.astimezone(UTC)
        if shape is date:
            return date.fromisoformat(plain)
        if shape is UUID:
            return UUID(plain)
    except NotReadable:
        raise
    except (ValueError, TypeError, AttributeError) as wrong:
        raise NotReadable(f"{where or '/'}: {wrong}") from wrong
    raise TypeError(f"no reader for {shape!r}")
