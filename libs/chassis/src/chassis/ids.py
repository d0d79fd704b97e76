"""Identifiers: UUID version 7 (RFC 9562 §5.7), made by us before the insert, opaque to clients."""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74
_VERSION_7 = 0x7
_VARIANT = 0b10


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits.

    Never used for ordering facts: clocks of replicas differ; ``seq`` of the archive is the order (R1).
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | _VERSION_7 << 76 | high << 64 | _VARIANT << 62 | low)
