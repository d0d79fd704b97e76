"""Canonical JSON after RFC 8785, for the values that evidence is made of, and its SHA-256.

Manifests, facts and rules hold text, integers, booleans, null, arrays and objects. A floating-point number
is refused: amounts are integers of minor units, lengths of time integers of milliseconds, so nothing here
depends on how a language prints a double. Integers stay inside ±(2^53 − 1), where every JSON reader agrees
(RFC 7493).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
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
    return _text(value, "", 0).encode()


def sha256_of(value: Plain) -> str:
    """SHA-256 over the canonical text, 64 lower-case hexadecimal digits; raises :class:`NotCanonical`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _text(value: object, where: str, depth: int) -> str:
    if depth > DEPTH_MAX:
        raise NotCanonical(f"{where}: nested deeper than {DEPTH_MAX} levels")
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return _integer(value, where)
        case str():
            return _string(value, where)
        case Mapping():
            return _object(value, where, depth)
        case list() | tuple():
            return (
                "[" + ",".join(_text(item, f"{where}/{n}", depth + 1) for n, item in enumerate(value)) + "]"
            )
    raise NotCanonical(f"{where or '/'}: no canonical form for {type(value).__name__}")


def _integer(value: int, where: str) -> str:
    if abs(value) > INTEGER_MAX:
        raise NotCanonical(f"{where or '/'}: integer outside ±(2^53 − 1)")
    return int.__repr__(value)


def _string(value: str, where: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as wrong:
        raise NotCanonical(f"{where or '/'}: lone surrogate in text") from wrong
    # json.dumps escapes what ECMAScript's JSON.stringify escapes (RFC 8785 §3.2.2.2), in the same spelling.
    return json.dumps(str(value), ensure_ascii=False)


def _object(value: Mapping[object, object], where: str, depth: int) -> str:
    members: list[tuple[bytes, str]] = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotCanonical(f"{where or '/'}: a key is {type(key).__name__}, not text")
        name = _string(key, where)
        # §3.2.3: the order of the keys' UTF-16 code units, which is the order of their big-endian bytes.
        members.append((key.encode("utf-16-be"), f"{name}:{_text(item, f'{where}/{key}', depth + 1)}"))
    return "{" + ",".join(text for _, text in sorted(members)) + "}"
