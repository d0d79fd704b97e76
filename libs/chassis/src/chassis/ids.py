"""Identifiers: UUID version 7 (RFC 9562 §5.7), made by us before the insert, opaque to clients."""

import os
import time
from datetime import datetime, timedelta
from uuid import UUID

_RANDOM_BITS = 74
_VERSION_7 = 0x7
_VARIANT = 0b10
#: Stands before every id: where a walk by id begins.
BEFORE_ALL = UUID(int=0)
#: Ids are made by the clocks of hosts; none of them is this far from another.
CLOCKS_APART = timedelta(days=1)


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits.

    Never used for ordering facts: clocks of replicas differ; ``seq`` of the archive is the order (R1).
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | _VERSION_7 << 76 | high << 64 | _VARIANT << 62 | low)


def first_id(at: datetime) -> UUID:
    """The smallest id that is made at ``at`` or later, by the clock of whoever makes it."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
