"""Canonical JSON after RFC 8785, for the values that evidence is made of, and its SHA-256.

Manifests, facts and rules hold text, integers, booleans, null, arrays and objects. A floating-point number
is refused: amounts are integers of minor units, lengths of time integers of milliseconds, so nothing here
depends on how a language prints a double. Integers stay inside ±(2^53 − 1), where every JSON reader agrees
(RFC 7493).
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Plain: TypeAlias = "bool | int | str | Sequence[Plain] | Mapping[str, Plain] | None"
else:
    # Type hints are read at run time by `compliance.evidence.plain`, which takes an `object` as it stands.
    Plain = object

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 64


class NotCanonical(ValueError):
    """A value that has no canonical form here; the message names where it stands."""


def canonical(value: Plain) -> bytes:
    """The canonical UTF-8 text of ``value``; raises :class:`NotCanonical`."""
    try:
        return _text(value, 0).encode()
    except _Fault as wrong:
        raise NotCanonical(
            f"{''.join(f'/{step}' for step in reversed(wrong.steps)) or '/'}: {wrong}"
        ) from wrong


def sha256_of(value: Plain) -> str:
    """SHA-256 over the canonical text, 64 lower-case hexadecimal digits; raises :class:`NotCanonical`."""
    return hashlib.sha256(canonical(value)).hexdigest()


class _Fault(Exception):
    """What has no canonical form, and on its way up the steps that lead to it, the last one first."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.steps: list[object] = []


def _text(value: object, depth: int) -> str:
    if depth > DEPTH_MAX:
        raise _Fault(f"nested deeper than {DEPTH_MAX} levels")
    match value:
        case str():
            return _string(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return _integer(value)
        case dict() | Mapping():
            return _object(value, depth + 1)
        case list() | tuple():
            return f"[{','.join([_step(item, n, depth + 1) for n, item in enumerate(value)])}]"
    raise _Fault(f"no canonical form for {type(value).__name__}")


def _step(value: object, step: object, depth: int) -> str:
    try:
        return _text(value, depth)
    except _Fault as wrong:
        wrong.steps.append(step)
        raise


def _integer(value: int) -> str:
    if abs(value) > INTEGER_MAX:
        raise _Fault("integer outside ±(2^53 − 1)")
    return int.__repr__(value)


def _string(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as wrong:
            raise _Fault("lone surrogate in text") from wrong
    # Python escapes what ECMAScript's JSON.stringify escapes (RFC 8785 §3.2.2.2), in the same spelling.
    return encode_basestring(str(value))


@lru_cache(maxsize=4096)
def _key(key: str) -> tuple[bytes, str]:
    """The place of a key among others, and how it begins a member: evidence has few keys, many times over."""
    name = _string(key)
    # §3.2.3: the order of the keys' UTF-16 code units, which is the order of their big-endian bytes.
    return key.encode("utf-16-be"), f"{name}:"


def _object(value: Mapping[object, object], depth: int) -> str:
    members: list[tuple[bytes, str]] = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise _Fault(f"a key is {type(key).__name__}, not text")
        order, name = _key(key)
        members.append((order, name + _step(item, key, depth)))
    members.sort()
    return f"{{{','.join([text for _, text in members])}}}"
