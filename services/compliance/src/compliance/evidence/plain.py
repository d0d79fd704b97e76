"""Frozen dataclass trees as plain JSON values and back, strictly: what is stored reads the same later on.

Instants are RFC 3339 in UTC with ``Z``, days ISO 8601, ids and enums text. Reading refuses unknown, missing
and mistyped members, so that a stored decision is never replayed on half of its inputs. Only a member that a
shape has gained later (:func:`gained`) may be missing: it was not known then.
"""

import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, get_args, get_origin
from uuid import UUID

from compliance.evidence.canonical import Plain, canonical

T = TypeVar("T")


#: What is its own plain value, of exactly these types: most of what is written.
_PLAIN = frozenset({str, int, bool, types.NoneType})
#: Marks the members that :func:`gained` makes.
GAINED = "gained"


def gained() -> Any:
    """A member that the shape has gained after values of it were stored: None where they have none."""
    return field(default=None, metadata={GAINED: True})


class NotReadable(ValueError):
    """Plain values that do not have the shape of the type; the message names where."""


def to_plain(value: object) -> Plain:
    """``value`` as plain JSON values; ``TypeError`` without a form, ``ValueError`` for a naive instant."""
    kind: Any = type(value)
    return _writer(kind)(value)


def digest_of(value: object) -> str:
    """SHA-256 over the canonical JSON of ``value``, in hexadecimal; raises as :func:`to_plain` does."""
    return digest_of_text(plain_text(to_plain(value)))


def digest_of_text(text: str) -> str:
    """SHA-256 over the text in UTF-8, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def plain_text(plain: Plain) -> str:
    """The canonical JSON of what :func:`to_plain` wrote, of the shapes of this service, which nest a few
    levels; raises ``NotCanonical``.

    What :func:`to_plain` writes is text, whole numbers, booleans, null, arrays, and objects keyed by text.
    Of those the library's writer makes the same bytes as :func:`canonical` and is several times faster, where
    text has no sign beyond the first plane (whose keys sort otherwise) and numbers have 15 digits at most;
    everything else is left to :func:`canonical`, which also says what has no form.
    """
    text = _write(plain)
    return canonical(plain).decode() if _is_unusual(text) else text


#: A number that may lie outside ±(2^53 − 1): it stands first or behind one of these signs. Digits within
#: text, as in most digests, stand elsewhere.
_LONG_NUMBER = re.compile(r"[0-9][0-9]{15}(?:(?<=[:,\[-][0-9]{16})|(?<=^[0-9]{16}))")
#: Half of a sign that was cut in two, a sign of another plane.
_FAR_SIGN = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")


def _is_unusual(text: str) -> bool:
    return _LONG_NUMBER.search(text) is not None or (
        not text.isascii() and _FAR_SIGN.search(text) is not None
    )


_write = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


@lru_cache(maxsize=1024)
def _writer(shape: type) -> Callable[[Any], Plain]:
    """How values of exactly this type are written: found once a type, as gate and replay write millions."""
    if issubclass(shape, Enum):
        return lambda value: to_plain(value.value)
    if issubclass(shape, types.NoneType | bool | int | str):
        return lambda value: value
    if issubclass(shape, datetime):
        return _write_instant
    if issubclass(shape, date):
        return lambda value: value.isoformat()
    if issubclass(shape, UUID):
        return str
    if issubclass(shape, Mapping):
        return lambda value: {str(key): to_plain(item) for key, item in value.items()}
    if issubclass(shape, list | tuple):
        return lambda value: [item if type(item) in _PLAIN else to_plain(item) for item in value]
    if is_dataclass(shape):
        return _member_writer(tuple(item.name for item in fields(shape)))
    raise TypeError(f"no plain form for {shape.__name__}")


def _member_writer(names: tuple[str, ...]) -> Callable[[Any], Plain]:
    # Asked for two at least, it answers a tuple.
    members = attrgetter(*names, "__class__", "__class__")

    def write(value: Any) -> Plain:
        return {
            name: item if type(item) in _PLAIN else to_plain(item)
            for name, item in zip(names, members(value), strict=False)
        }

    return write


def _write_instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("naive datetime")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_plain(shape: type[T], plain: Plain) -> T:
    """A ``shape`` (a dataclass) from plain values; raises :class:`NotReadable`."""
    wanted: Any = shape
    try:
        result = _reader(wanted)(plain)
    except _Misread as wrong:
        where = "".join(f"/{step}" for step in reversed(wrong.steps))
        raise NotReadable(f"{where or '/'}: {wrong}") from wrong
    assert isinstance(result, shape)
    return result


def not_known_then(shape: type, plain: Mapping[str, Plain]) -> frozenset[str]:
    """Dotted paths of members that the shape has gained since ``plain`` was stored (not inside of arrays)."""
    hints, found = typing.get_type_hints(shape), set[str]()
    for item in fields(shape):
        if item.name not in plain:
            found.add(item.name)
        else:
            within = plain[item.name]
            for part in (hints[item.name], *get_args(hints[item.name])):
                if isinstance(part, type) and is_dataclass(part) and isinstance(within, Mapping):
                    found |= {f"{item.name}.{path}" for path in not_known_then(part, within)}
    return frozenset(found)


Reader: TypeAlias = Callable[[Any], Any]


class _Misread(Exception):
    """What is wrong, and on its way up the steps that lead to it, the last one first."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.steps: list[object] = []


@cache
def _reader(shape: Any) -> Reader:
    """How a value of the shape is read: found once a shape."""
    if shape is object:
        return lambda plain: plain
    if isinstance(shape, type) and is_dataclass(shape):
        return _dataclass_reader(shape)
    origin, arguments = get_origin(shape), get_args(shape)
    if origin in {types.UnionType, typing.Union}:
        members = [argument for argument in arguments if argument is not types.NoneType]
        known = _reader(members[0])
        if types.NoneType not in arguments:
            return known
        return lambda plain: None if plain is None else known(plain)
    if origin is tuple:
        return _tuple_reader(_reader(arguments[0]))
    if origin in {dict, Mapping}:
        return _mapping_reader(_reader(arguments[1]))
    return _scalar_reader(shape)


def _dataclass_reader(shape: type) -> Reader:
    hints = typing.get_type_hints(shape)
    names = {item.name for item in fields(shape)}
    gained_later = {item.name for item in fields(shape) if item.metadata.get(GAINED)}
    # Looked up when first read: a shape may hold itself.
    readers: dict[str, Reader] = {}

    def read(plain: Any) -> Any:
        if not isinstance(plain, Mapping):
            raise _Misread("expected an object")
        if plain.keys() != names and (odd := (plain.keys() ^ names) - (gained_later - plain.keys())):
            raise _Misread(f"members missing or unknown: {', '.join(sorted(map(str, odd)))}")
        if not readers:
            readers.update({name: _reader(hints[name]) for name in names})
        return _made(shape, {name: _step(readers[name], name, item) for name, item in plain.items()})

    return read


def _made(shape: type, members: Mapping[str, Any]) -> Any:
    try:
        return shape(**members)
    except ValueError as wrong:
        raise _Misread(str(wrong)) from wrong


def _step(read: Reader, step: object, plain: Any) -> Any:
    try:
        return read(plain)
    except _Misread as wrong:
        wrong.steps.append(step)
        raise


def _tuple_reader(read: Reader) -> Reader:
    def read_all(plain: Any) -> Any:
        if not isinstance(plain, list | tuple):
            raise _Misread("expected an array")
        return tuple([_step(read, n, item) for n, item in enumerate(plain)])

    return read_all


def _mapping_reader(read: Reader) -> Reader:
    def read_all(plain: Any) -> Any:
        if not isinstance(plain, Mapping):
            raise _Misread("expected an object")
        return {key: _step(read, key, item) for key, item in plain.items()}

    return read_all


def _instant(plain: Any) -> datetime:
    instant = datetime.fromisoformat(plain)
    if instant.tzinfo is None:
        raise ValueError("naive instant")
    return instant.astimezone(UTC)


PARSERS: Mapping[Any, Callable[[Any], Any]] = {datetime: _instant, date: date.fromisoformat, UUID: UUID}


def _scalar_reader(shape: Any) -> Reader:
    if shape in {str, int, bool}:
        return lambda plain: _exactly(shape, plain)
    if isinstance(shape, type) and issubclass(shape, Enum):
        return _strict(shape)
    if shape not in PARSERS:
        raise TypeError(f"no reader for {shape!r}")
    return _strict(PARSERS[shape])


def _exactly(shape: type, plain: Any) -> Any:
    if type(plain) is not shape:
        raise _Misread(f"expected {shape.__name__}")
    return plain


def _strict(parse: Callable[[Any], Any]) -> Reader:
    def read(plain: Any) -> Any:
        try:
            return parse(plain)
        except (ValueError, TypeError, AttributeError) as wrong:
            raise _Misread(str(wrong)) from wrong

    return read
