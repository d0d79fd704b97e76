"""The clock of complaints against a second implementation that shares no line and no library call with it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback.complaints.deadlines import Period, Regime, legal_date

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECONDS_A_DAY = 86_400
EAST_EIGHT = 8 * 3_600

START = datetime(2020, 3, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=36_500)).map(lambda age: START + age)
PERIODS = st.builds(
    Period,
    days=st.integers(1, 90),
    first_day_counts=st.booleans(),
    rolls_over=st.frozensets(st.dates(date(2020, 3, 1), date(2020, 9, 1)), max_size=60),
)


def regime(period: Period, warn_days: int = 3) -> Regime:
    return Regime(
        id="T",
        effective_from=date(2020, 3, 1),
        effective_to=None,
        decide_within=period,
        warn_days=warn_days,
        citation="-",
        confirmed_by=None,
    )


def tomorrow(year: int, month: int, day: int) -> tuple[int, int, int]:
    """The oracle's calendar: the next day by the rules that children learn."""
    leap = year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)
    length = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    if day < length:
        return year, month, day + 1
    return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)


def day_in_china(epoch_seconds: int) -> tuple[int, int, int]:
    """The oracle's legal day, walked from 1 March 2020, which began at 1582992000 s."""
    here = (2020, 3, 1)
    for _ in range((epoch_seconds - 1_582_992_000) // SECONDS_A_DAY):
        here = tomorrow(*here)
    return here


def counted(epoch_seconds: int, period: Period) -> tuple[tuple[int, int, int], int]:
    """The oracle: counts days one by one; answers the last day and the second at which it is over."""
    place, over = day_in_china(epoch_seconds), epoch_seconds + EAST_EIGHT
    over += SECONDS_A_DAY - over % SECONDS_A_DAY - EAST_EIGHT
    passed = 1 if period.first_day_counts else 0
    barred = {(day.year, day.month, day.day) for day in period.rolls_over}
    while passed < period.days or place in barred:
        place, over, passed = tomorrow(*place), over + SECONDS_A_DAY, passed + 1
    return place, over


@given(INSTANTS.filter(lambda instant: instant.year < 2024), PERIODS)
def test_agrees_with_the_oracle(received_at: datetime, period: Period) -> None:
    last, over = counted(int(received_at.timestamp()), period)
    deadline = regime(period, 1).deadline(received_at) if period.days > 1 else None
    assert period.last_day(legal_date(received_at)) == date(*last)
    if deadline is not None:
        assert (deadline.due_on, deadline.due_at) == (date(*last), datetime.fromtimestamp(over, UTC))


@given(INSTANTS)
@example(datetime(2028, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2028, 2, 28, 16, tzinfo=UTC))
def test_fifteen_natural_days_without_the_day_of_receipt(received_at: datetime) -> None:
    deadline = regime(Period(days=15)).deadline(received_at)
    received_on = received_at.astimezone(SHANGHAI).date()
    assert (deadline.due_on - received_on).days == 15
    # Through the last day, 24:00, and not a moment more; China has no summer time in these years.
    assert (deadline.due_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date() == deadline.due_on
    assert deadline.due_at.astimezone(SHANGHAI).date() == deadline.due_on + timedelta(days=1)
    assert timedelta(days=15) < deadline.due_at - received_at <= timedelta(days=16)
    assert deadline.due_at - deadline.warn_at == timedelta(days=4)


@given(INSTANTS, INSTANTS)
def test_who_comes_first_is_never_due_last(one: datetime, two: datetime) -> None:
    first, second = sorted([one, two])
    due = regime(Period(days=15)).deadline
    assert due(first).due_at <= due(second).due_at


@pytest.mark.parametrize(
    ("received_at", "due_on"),
    [
        ("2026-03-02T00:00:00+08:00", "2026-03-17"),
        ("2026-03-02T23:59:59.999999+08:00", "2026-03-17"),
        ("2026-03-03T00:00:00+08:00", "2026-03-18"),
        ("2026-03-02T16:00:00Z", "2026-03-18"),
        ("2026-01-31T10:00:00+08:00", "2026-02-15"),
        ("2026-02-13T10:00:00+08:00", "2026-02-28"),
        ("2027-02-14T10:00:00+08:00", "2027-03-01"),
        ("2028-02-14T10:00:00+08:00", "2028-02-29"),
        ("2028-02-29T10:00:00+08:00", "2028-03-15"),
        ("2026-12-17T10:00:00+08:00", "2027-01-01"),
        ("2026-09-16T10:00:00+08:00", "2026-10-01"),
    ],
)
def test_calendar_examples(received_at: str, due_on: str) -> None:
    """Also in the middle of a holiday: the bank does not take a later day."""
    deadline = regime(Period(days=15)).deadline(datetime.fromisoformat(received_at))
    assert deadline.due_on.isoformat() == due_on


def test_rolls_over_days_on_which_it_cannot_end() -> None:
    week = frozenset(date(2026, 10, day) for day in range(1, 8))
    period = Period(days=15, rolls_over=week)
    assert period.last_day(date(2026, 9, 16)) == date(2026, 10, 8)
    assert period.last_day(date(2026, 9, 15)) == date(2026, 9, 30)


def test_day_of_receipt_counts_where_the_regime_says_so() -> None:
    assert Period(days=15, first_day_counts=True).last_day(date(2026, 3, 2)) == date(2026, 3, 16)


def test_refuses_periods_that_mean_nothing() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Period(days=0)
    for warn_days in (0, 15):
        with pytest.raises(ValueError, match="inside the period"):
            regime(Period(days=15), warn_days)
    with pytest.raises(ValueError, match="naive"):
        legal_date(datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None))
