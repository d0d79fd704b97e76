"""The clock of complaints: periods of days on the calendar, and the dated regime that says which one holds.

Legal days are days of the bank's zone, without the cut-over hour of a business date, whatever zone an
outlet is in. The day of receipt is not counted (Civil Code Art. 201) unless the regime says so; a period
lasts through its last day, 24:00 (Art. 203): the instant at which it is over is exclusive. Nothing here
reads a clock or a file.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chassis.clock import BANK_ZONE


@dataclass(frozen=True, kw_only=True)
class Period:
    """A period of ``days`` natural days.

    ``rolls_over``: days on which it cannot end and rolls on to the next other day (Art. 203); empty = it
    never rolls.
    """

    days: int
    first_day_counts: bool = False
    rolls_over: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("a period has at least one day")

    def last_day(self, first: date) -> date:
        """The last day of the period that begins with the event on the day ``first``."""
        last = first + timedelta(days=self.days - self.first_day_counts)
        while last in self.rolls_over:
            last += timedelta(days=1)
        return last


@dataclass(frozen=True, kw_only=True)
class Regime:
    """How long a complaint received from ``effective_from`` through ``effective_to`` may take, by which text.

    ``warn_days``: how many days before the last one the owner is reminded (CMP-09: T-3). ``confirmed_by``:
    who answers for this reading of the text, None while nobody does.
    """

    id: str
    effective_from: date
    effective_to: date | None
    decide_within: Period
    warn_days: int
    citation: str
    confirmed_by: str | None

    def __post_init__(self) -> None:
        if not 0 < self.warn_days < self.decide_within.days:
            raise ValueError(f"{self.id}: the warning stands inside the period")

    def deadline(self, received_at: datetime) -> "Deadline":
        """The deadline of a complaint that was received at the aware instant."""
        due_on = self.decide_within.last_day(legal_date(received_at))
        return Deadline(
            regime=self.id,
            due_on=due_on,
            warn_at=start_of(due_on - timedelta(days=self.warn_days)),
            due_at=start_of(due_on + timedelta(days=1)),
        )


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """In time is before ``due_at``, the end of ``due_on``; the owner is reminded from ``warn_at`` on."""

    regime: str
    due_on: date
    warn_at: datetime
    due_at: datetime


def legal_date(instant: datetime) -> date:
    """The legal day on which ``instant`` falls; raises ``ValueError`` for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return instant.astimezone(BANK_ZONE).date()


def start_of(day: date) -> datetime:
    """The instant at which the legal day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=BANK_ZONE).astimezone(UTC)
