"""An outlet: what it is, what it may do, when it is open."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.errors import Conflict, Invalid, NotFound
from staffing.outlets.events import DayHours, OutletChanged, OutletClosed, OutletOpened, OutletState

#: STF-02: the grade standard runs from 8 to 14.
GRADE_MIN, GRADE_MAX = 8, 14
CUTOVER_HOUR_MAX = 23
EXCEPTIONS_MAX = 366


class OutletClass(StrEnum):
    """Corporate class of an outlet (EVA-01)."""

    A = "A"
    B = "B"
    C = "C"


class OutletCapability(StrEnum):
    """What an outlet may do."""

    CASH = "cash"
    CORPORATE = "corporate"
    WEALTH_SALE = "wealth_sale"
    AGENCY_SALE = "agency_sale"


class OutletStatus(StrEnum):
    """An outlet is open until it is closed for good."""

    OPEN = "open"
    CLOSED = "closed"


class OutletNotFound(NotFound):
    """No such outlet."""

    code = "OUTLET_NOT_FOUND"
    zh = "没有这个网点;请核对网点编号。"
    en = "There is no such outlet; check the outlet id."


class OutletIsClosed(Conflict):
    """A closed outlet does not change any more."""

    code = "OUTLET_CLOSED"
    zh = "网点 {code} 已关闭;不能再变更,请核对网点。"
    en = "Outlet {code} is closed for good; nothing can change any more, check the outlet."


class GradeOutOfRange(Invalid):
    """STF-02."""

    code = "GRADE_OUT_OF_RANGE"
    zh = "网点等级须为 8 至 14;收到 {grade}。"
    en = "The grade of an outlet runs from 8 to 14; {grade} was given."


class CalendarInvalid(Invalid):
    """Hours that no clock can show, or a zone that nobody knows."""

    code = "CALENDAR_INVALID"
    zh = "营业日历无效:{reason}。请更正后重试。"
    en = "The opening calendar is invalid: {reason}. Correct it and try again."


@dataclass(frozen=True)
class Hours:
    """From ``opens`` until before ``closes``, local time."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        for hour in (self.opens, self.closes):
            if hour.tzinfo is not None or hour != hour.replace(second=0, microsecond=0):
                raise CalendarInvalid(reason=f"{hour.isoformat()} is no whole minute of local time")
        if self.opens >= self.closes:
            raise CalendarInvalid(reason=f"{self.opens:%H:%M} is not before {self.closes:%H:%M}")


@dataclass(frozen=True)
class OpeningCalendar:
    """Seven days, Monday first, and dated exceptions; None = closed. Local time in ``timezone``."""

    timezone: str
    cutover_hour: int
    week: tuple[Hours | None, ...]
    exceptions: dict[date, Hours | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise CalendarInvalid(
                reason=f"unknown zone {self.timezone}", pointer="/calendar/timezone"
            ) from error
        if not 0 <= self.cutover_hour <= CUTOVER_HOUR_MAX:
            raise CalendarInvalid(
                reason="the cut-over hour runs from 0 to 23", pointer="/calendar/cutover_hour"
            )
        if len(self.week) != 7:
            raise CalendarInvalid(reason="a week has seven days", pointer="/calendar/week")
        if len(self.exceptions) > EXCEPTIONS_MAX:
            raise CalendarInvalid(
                reason=f"at most {EXCEPTIONS_MAX} exceptions", pointer="/calendar/exceptions"
            )

    def hours_on(self, day: date) -> Hours | None:
        """The hours of a date: its exception if there is one, else its weekday's."""
        return self.exceptions[day] if day in self.exceptions else self.week[day.weekday()]

    def is_open(self, instant: datetime) -> bool:
        """Whether the outlet is open at an aware instant."""
        local = instant.astimezone(ZoneInfo(self.timezone))
        hours = self.hours_on(local.date())
        return hours is not None and hours.opens <= local.time() < hours.closes


@dataclass
class Outlet:
    """The aggregate. Every change is one version and one fact."""

    id: UUID
    version: int
    code: str
    name: str
    outlet_class: OutletClass
    grade: int
    capabilities: frozenset[OutletCapability]
    calendar: OpeningCalendar
    status: OutletStatus

    @classmethod
    def open(
        cls,
        outlet_id: UUID,
        *,
        code: str,
        name: str,
        outlet_class: OutletClass,
        grade: int,
        capabilities: frozenset[OutletCapability],
        calendar: OpeningCalendar,
        at: datetime,
    ) -> tuple["Outlet", OutletOpened]:
        """A new outlet at version 1. Raises :class:`GradeOutOfRange` (STF-02)."""
        _check_grade(grade)
        outlet = cls(outlet_id, 1, code, name, outlet_class, grade, capabilities, calendar, OutletStatus.OPEN)
        return outlet, OutletOpened(version=1, occurred_at=at, outlet_id=outlet_id, outlet=outlet.state())

    def change(
        self,
        *,
        name: str,
        outlet_class: OutletClass,
        grade: int,
        capabilities: frozenset[OutletCapability],
        calendar: OpeningCalendar,
        at: datetime,
    ) -> OutletChanged:
        """Replaces what describes the outlet. Raises :class:`OutletIsClosed`, :class:`GradeOutOfRange`
        (STF-02).
        """
        self._must_be_open()
        _check_grade(grade)
        self.name, self.outlet_class, self.grade = name, outlet_class, grade
        self.capabilities, self.calendar = capabilities, calendar
        self.version += 1
        return OutletChanged(version=self.version, occurred_at=at, outlet_id=self.id, outlet=self.state())

    def close(self, *, reason: str, at: datetime) -> OutletClosed:
        """Closes the outlet for good. Raises :class:`OutletIsClosed`."""
        self._must_be_open()
        self.status = OutletStatus.CLOSED
        self.version += 1
        return OutletClosed(
            version=self.version, occurred_at=at, outlet_id=self.id, outlet=self.state(), reason=reason
        )

    def state(self) -> OutletState:
        """The state as facts carry it."""
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = self.calendar.week
        return OutletState(
            code=self.code,
            name=self.name,
            outlet_class=self.outlet_class.value,
            grade=self.grade,
            capabilities=tuple(sorted(capability.value for capability in self.capabilities)),
            timezone=self.calendar.timezone,
            cutover_hour=self.calendar.cutover_hour,
            week=(
                _published(monday),
                _published(tuesday),
                _published(wednesday),
                _published(thursday),
                _published(friday),
                _published(saturday),
                _published(sunday),
            ),
            exceptions={day: _published(hours) for day, hours in self.calendar.exceptions.items()},
        )

    def _must_be_open(self) -> None:
        if self.status is OutletStatus.CLOSED:
            raise OutletIsClosed(code=self.code)


def _check_grade(grade: int) -> None:
    if not GRADE_MIN <= grade <= GRADE_MAX:
        raise GradeOutOfRange(grade=grade, pointer="/grade")


def _published(hours: Hours | None) -> DayHours | None:
    return None if hours is None else DayHours(opens=hours.opens, closes=hours.closes)
