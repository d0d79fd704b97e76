"""Outlets: their calendar, and what changes them."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.outlets.domain import (
    CalendarInvalid,
    GradeOutOfRange,
    Hours,
    OpeningCalendar,
    Outlet,
    OutletCapability,
    OutletClass,
    OutletIsClosed,
    OutletStatus,
)

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OUTLET = UUID("01900000-0000-7000-8000-000000000001")
DAY = Hours(time(9), time(17))
CALENDAR = OpeningCalendar("Asia/Shanghai", 0, (DAY,) * 5 + (None, None), {date(2026, 10, 1): None})


def opened(grade: int = 10) -> Outlet:
    outlet, _ = Outlet.open(
        OUTLET,
        code="SH-0001",
        name="Renmin Road",
        outlet_class=OutletClass.B,
        grade=grade,
        capabilities=frozenset({OutletCapability.WEALTH_SALE, OutletCapability.CASH}),
        calendar=CALENDAR,
        at=AT,
    )
    return outlet


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        (time(9), time(9)),
        (time(17), time(9)),
        (time(9, 0, 30), time(17)),
        (time(9), time(17, 0, 0, 1)),
        (time(9, tzinfo=UTC), time(17, tzinfo=UTC)),
        (time(9, tzinfo=UTC), time(17)),
    ],
)
def test_hours_are_whole_minutes_of_local_time_in_order(opens: time, closes: time) -> None:
    with pytest.raises(CalendarInvalid):
        Hours(opens, closes)


@pytest.mark.parametrize(
    "changed",
    [
        {"timezone": "Asia/Nowhere"},
        {"timezone": "Asia"},
        {"timezone": ""},
        {"timezone": "../../etc/passwd"},
        {"timezone": "x" * 300},
        {"cutover_hour": -1},
        {"cutover_hour": 24},
        {"week": (DAY,) * 6},
        {"exceptions": {date.fromordinal(day): None for day in range(700_000, 700_367)}},
    ],
)
def test_a_calendar_that_no_clock_can_show_is_refused(changed: dict[str, Any]) -> None:
    values: dict[str, Any] = {"timezone": "Asia/Shanghai", "cutover_hour": 0, "week": (DAY,) * 7}
    OpeningCalendar(**values)
    with pytest.raises(CalendarInvalid):
        OpeningCalendar(**(values | changed))


def test_an_exception_goes_before_the_weekday() -> None:
    open_sunday = OpeningCalendar("Asia/Shanghai", 0, CALENDAR.week, {date(2026, 3, 8): DAY})
    assert CALENDAR.hours_on(date(2026, 3, 8)) is None
    assert open_sunday.hours_on(date(2026, 3, 8)) == DAY
    assert CALENDAR.hours_on(date(2026, 9, 30)) == DAY
    assert CALENDAR.hours_on(date(2026, 10, 1)) is None


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"), [(0, 59, False), (1, 0, True), (8, 59, True), (9, 0, False)]
)
def test_open_from_opens_until_before_closes(hour: int, minute: int, is_open: bool) -> None:
    assert CALENDAR.is_open(datetime(2026, 3, 2, hour, minute, tzinfo=UTC)) is is_open


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.times())
def test_open_agrees_with_wall_clock_and_weekday(day: date, hour: time) -> None:
    local = datetime.combine(day, hour, ZoneInfo("Asia/Shanghai"))
    expected = day.weekday() < 5 and 9 <= hour.hour < 17 and (day.month, day.day) != (10, 1)
    assert CALENDAR.is_open(local.astimezone(UTC)) is expected


@pytest.mark.parametrize("grade", [7, 15, 0, -1])
def test_a_grade_outside_the_standard_changes_nothing(grade: int) -> None:
    with pytest.raises(GradeOutOfRange):
        opened(grade)
    outlet = opened()
    with pytest.raises(GradeOutOfRange):
        change(outlet, grade=grade)
    assert (outlet.version, outlet.grade) == (1, 10)


def change(outlet: Outlet, grade: int = 11) -> Any:
    return outlet.change(
        name="Renmin Road 2",
        outlet_class=OutletClass.A,
        grade=grade,
        capabilities=frozenset(),
        calendar=CALENDAR,
        at=AT,
    )


def test_each_change_is_one_version_with_the_whole_state() -> None:
    outlet = opened()
    changed = change(outlet)
    assert (changed.version, changed.key) == (2, str(OUTLET))
    assert (changed.outlet.name, changed.outlet.outlet_class, changed.outlet.grade) == (
        "Renmin Road 2", "A", 11,
    )  # fmt: skip
    assert changed.outlet.exceptions == {date(2026, 10, 1): None}
    closed = outlet.close(reason="Merged", at=AT)
    assert (closed.version, closed.reason, closed.outlet) == (3, "Merged", changed.outlet)
    assert outlet.status is OutletStatus.CLOSED


def test_closed_is_for_good() -> None:
    outlet = opened()
    outlet.close(reason="Merged", at=AT)
    with pytest.raises(OutletIsClosed):
        change(outlet)
    with pytest.raises(OutletIsClosed):
        outlet.close(reason="Again", at=AT)
    assert outlet.version == 2
