"""Opening hours by the outlet's clock, against a plain second reckoning that looks at the clock's digits."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.outlets.domain import Outlet, OutletState
from compliance.outlets.hours import Hours, OpeningCalendar
from services.compliance.tests.unit.builders import OUTLET

MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
MOMENT = timedelta(microseconds=1)
#: The bank's zone, one off the hour, and four whose clocks are put on and back, one by half an hour.
CLOCKS = (
    *("Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Europe/Berlin", "Africa/Cairo"),
    "Australia/Lord_Howe",
)
#: Days of 2026 on which some of the clocks are put on or back.
ODD_DAYS = tuple(
    date(2026, month, day)
    for month, day in ((3, 8), (3, 29), (4, 5), (4, 24), (10, 4), (10, 25), (10, 30), (11, 1))
)
#: A quarter of an hour is what every clock is put on or back by whole numbers of.
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)] + [time(23, 59)]


@st.composite
def hours(draw: st.DrawFn) -> Hours | None:
    """The hours of a day, often short or round the clock; None: closed."""
    if draw(st.integers(0, 3)) == 0:
        return None
    if draw(st.integers(0, 5)) == 0:
        return Hours(time(0, 0), time(23, 59))
    one, other = draw(st.lists(st.sampled_from(QUARTERS), min_size=2, max_size=2, unique=True))
    return Hours(min(one, other), max(one, other))


@st.composite
def calendars(draw: st.DrawFn) -> OpeningCalendar:
    """Any week, with exceptions on odd days and others."""
    days = st.sampled_from(ODD_DAYS) | st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return OpeningCalendar(
        timezone=draw(st.sampled_from(CLOCKS)),
        cutover_hour=draw(st.integers(0, 23)),
        week=tuple(draw(st.lists(hours(), min_size=7, max_size=7))),
        exceptions=draw(st.dictionaries(days, hours(), max_size=4)),
    )


@st.composite
def moments(draw: st.DrawFn, calendar: OpeningCalendar) -> datetime:
    """An instant of 2026, mostly within a minute of where the hours of its day begin or end."""
    day = draw(st.sampled_from(ODD_DAYS) | st.dates(date(2026, 1, 2), date(2026, 12, 30)))
    told = calendar.exceptions.get(day, calendar.week[day.weekday()])
    edges = [
        time(0, 0),
        time(2, 0),
        time(calendar.cutover_hour),
        *([told.opens, told.closes] if told else ()),
    ]
    clock = draw(st.sampled_from(edges) | st.sampled_from(QUARTERS))
    wall = datetime.combine(day, clock, tzinfo=ZoneInfo(calendar.timezone))
    by = draw(st.sampled_from((-MINUTE, -MOMENT, timedelta(0), MOMENT, MINUTE)))
    return wall.replace(fold=draw(st.sampled_from((0, 1)))).astimezone(UTC) + by


def plainly_open(calendar: OpeningCalendar, instant: datetime) -> bool:
    """Whether the digits on the outlet's clock lie within those on its door, and before its cut-over."""
    shown = f"{instant.astimezone(ZoneInfo(calendar.timezone)):%Y-%m-%d %w %H:%M}"
    day, weekday, clock = shown.split(" ")
    dated = {str(one): told for one, told in calendar.exceptions.items()}
    told = dated[day] if day in dated else ([calendar.week[6], *calendar.week[:6]])[int(weekday)]
    if told is None:
        return False
    door = [f"{told.opens:%H:%M}", f"{told.closes:%H:%M}"]
    if door == ["00:00", "23:59"]:
        return True
    if door[1] == "23:59":
        door[1] = "24:00"
    cutover = f"{calendar.cutover_hour:02d}:00"
    return door[0] <= clock < (min(door[1], cutover) if cutover > door[0] else door[1])


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_the_outlet_is_open_when_a_plain_reckoning_says_so(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    instant = data.draw(moments(calendar))
    assert calendar.is_open(instant) is plainly_open(calendar, instant)
    facts = calendar.facts(OUTLET, 1, instant)
    local = instant.astimezone(ZoneInfo(calendar.timezone))
    assert facts.minute == 60 * local.hour + local.minute
    assert facts.business_date == (local.replace(tzinfo=UTC) - calendar.cutover_hour * 60 * MINUTE).date()
    assert facts.opens_next is None or not calendar.is_open(instant)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_next_opening_is_the_first_quarter_of_an_hour_that_is_open(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    instant = data.draw(moments(calendar))
    if calendar.is_open(instant):
        return
    following = instant.replace(second=0, microsecond=0) + QUARTER
    following -= timedelta(minutes=following.minute % 15)
    # Two odd days and a week lie between at most, unless exceptions close more.
    quarters = (following + n * QUARTER for n in range(9 * 96))
    first = next((one for one in quarters if plainly_open(calendar, one)), None)
    opens = calendar.opens_next(instant)
    if first is not None:
        assert opens == first
    else:
        assert opens is None or opens >= following + 9 * DAY


@pytest.mark.parametrize(
    ("clock", "opens", "shown", "is_open"),
    [
        # Put on at 02:00: what is on the door as 02:30 is past when the clock shows 03:00.
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), time(2, 30), time(1, 59), False),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), time(2, 30), time(3, 0), True),
        # Put back at 02:00: 01:30 comes twice.
        (datetime(2026, 11, 1, 5, 29, tzinfo=UTC), time(1, 30), time(1, 29), False),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), time(1, 30), time(1, 30), True),
        (datetime(2026, 11, 1, 6, 29, tzinfo=UTC), time(1, 30), time(1, 29), False),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), time(1, 30), time(1, 30), True),
    ],
)
def test_hours_are_read_off_the_wall_when_the_clock_is_put_on_or_back(
    clock: datetime, opens: time, shown: time, is_open: bool
) -> None:
    calendar = OpeningCalendar("America/New_York", 0, (Hours(opens, time(20, 0)),) * 7)
    assert clock.astimezone(ZoneInfo("America/New_York")).time() == shown
    assert calendar.is_open(clock) is is_open
    if not is_open:
        assert calendar.opens_next(clock) == clock + MINUTE


def test_hours_that_the_clock_leaves_out_are_no_opening() -> None:
    sunday: dict[date, Hours | None] = {date(2026, 3, 8): Hours(time(2, 15), time(2, 45))}
    nine = Hours(time(9, 0), time(17, 0))
    calendar = OpeningCalendar("America/New_York", 0, (nine,) * 7, sunday)
    night = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    assert calendar.opens_next(night) == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)


def test_an_outlet_tells_nothing_before_its_calendar_and_no_opening_after_its_end() -> None:
    at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    outlet = Outlet.first_heard(OUTLET)
    assert outlet.facts(at) is None
    known = OutletState(code="SH-0001", name="Renmin Road", capabilities=frozenset())
    outlet.take(1, known)
    assert outlet.facts(at) is None
    nine = Hours(time(9, 0), time(17, 0))
    outlet.take(2, replace(known, calendar=OpeningCalendar("Asia/Shanghai", 0, (nine,) * 7)))
    facts = outlet.facts(at)
    assert facts is not None
    assert (facts.sequence, facts.minute, facts.day) == (2, 600, nine.facts)
    outlet.close()
    assert outlet.facts(at) == replace(facts, day=None)
    later = outlet.facts(at + timedelta(hours=12))
    assert later is not None
    assert later.opens_next is None
