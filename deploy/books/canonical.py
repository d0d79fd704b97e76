"""Canonical JSON after RFC 8785, written a second time: digests are worked out by other code."""

import hashlib
import json
from typing import Any


def digest(value: Any) -> str:
    """SHA-256 over the canonical form, in hexadecimal; ``ValueError`` for a number that is no integer."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: Any) -> bytes:
    """The canonical form of JSON values as the standard library reads them."""
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _ordered(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(f"{value!r} is no integer")
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if isinstance(value, dict):
        # §3.2.3: by UTF-16 code units.
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return value
