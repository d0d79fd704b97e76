"""Time as an argument: aware UTC instants, business zones by IANA name."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

BANK_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Whoever needs the time takes a clock; nothing else reads it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine; services run with no other."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock for tests: stands still until it is moved."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 1, 0, tzinfo=UTC))

    def now(self) -> datetime:
        """The instant that was set last."""
        return self.instant

    def advance(self, step: timedelta) -> None:
        """Moves the clock by ``step``."""
        self.instant += step


def known_zone(name: str) -> str:
    """The IANA name of a zone that everybody has; raises ``ValueError`` for any other text."""
    if name not in zone_names():
        raise ValueError("no zone of the IANA database")
    return name


@cache
def zone_names() -> frozenset[str]:
    """The names of the IANA database that this machine has; read once."""
    return frozenset(available_timezones())


def business_date(instant: datetime, zone: ZoneInfo, cutover_hour: int) -> date:
    """The business date of ``instant``: the local date once the cut-over hour (0–23) has passed, else the
    day before.
    """
    local = instant.astimezone(zone)
    return (local - timedelta(hours=cutover_hour)).date()
