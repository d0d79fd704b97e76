"""When an outlet is open, by its own clock: staffing's calendar, and what the gate is told of it (HRS-01).

Hours are read as a clock on the wall shows them: where it is put back, what it shows twice counts twice.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.clock import business_date
from compliance.rulebook.hours_rules import shut
from compliance.rulebook.outlet_facts import MINUTES_A_DAY, DayFacts, OutletFacts

#: The last minute that a clock shows: who closes then is open until the day is over.
LAST_MINUTE = MINUTES_A_DAY - 1
#: How far an opening is looked for: exceptions may close an outlet for a year.
LOOK_AHEAD_DAYS = 400
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Hours:
    """From ``opens`` until before ``closes``, whole minutes of local time."""

    opens: time
    closes: time

    @property
    def facts(self) -> DayFacts:
        """In minutes of the day."""
        closes = _minute(self.closes)
        return DayFacts(opens=_minute(self.opens), closes=MINUTES_A_DAY if closes == LAST_MINUTE else closes)


@dataclass(frozen=True)
class OpeningCalendar:
    """Seven days, Monday first, and dated exceptions; None = closed. Local time in ``timezone``."""

    timezone: str
    cutover_hour: int
    week: tuple[Hours | None, ...]
    exceptions: dict[date, Hours | None] = field(default_factory=dict)

    def is_open(self, instant: datetime) -> bool:
        """HRS-01: whether the outlet sells at an aware instant: in its hours, before its cut-over."""
        local = instant.astimezone(ZoneInfo(self.timezone))
        return shut(self._day(local.date()), _minute(local.time()), self._cutover) is None

    def opens_next(self, instant: datetime) -> datetime | None:
        """When the outlet opens after an instant at which it is closed; None: not that anybody knows."""
        zone = ZoneInfo(self.timezone)
        today = instant.astimezone(zone).date()
        for day in (today + timedelta(days=n) for n in range(LOOK_AHEAD_DAYS)):
            if (hours := self._day(day)) is not None:
                for at in _shown_at(day, hours.opens, zone):
                    if instant < at and self.is_open(at):
                        return at
        return None

    def facts(self, outlet_id: UUID, sequence: int, instant: datetime) -> OutletFacts:
        """What the gate may rest on at an instant, by staffing's version ``sequence``."""
        zone = ZoneInfo(self.timezone)
        local = instant.astimezone(zone)
        return OutletFacts(
            outlet_id=outlet_id,
            sequence=sequence,
            minute=_minute(local.time()),
            cutover=self._cutover,
            day=self._day(local.date()),
            opens_next=None if self.is_open(instant) else self.opens_next(instant),
            business_date=business_date(instant, zone, self.cutover_hour),
        )

    @property
    def _cutover(self) -> int:
        return 60 * self.cutover_hour

    def _day(self, day: date) -> DayFacts | None:
        hours = self.exceptions[day] if day in self.exceptions else self.week[day.weekday()]
        return None if hours is None else hours.facts


def _minute(clock: time) -> int:
    return 60 * clock.hour + clock.minute


def _shown_at(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants at which the clock shows the minute; where it skips it, when it shows the next one."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + minute * MINUTE
    if _is_shown(wall):
        return wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    while not _is_shown(wall):
        wall += MINUTE
    return (wall.astimezone(UTC),)


def _is_shown(wall: datetime) -> bool:
    # Of one zone, so that clocks are compared and not instants.
    return wall.astimezone(UTC).astimezone(wall.tzinfo) == wall
