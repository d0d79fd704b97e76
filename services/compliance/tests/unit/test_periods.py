"""The calendar of the law, against a walker that counts days one by one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.periods.domain import (
    add_months,
    end_of,
    legal_date,
    start_of,
    within_months,
    years_of_age,
)

DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))


def walked(day: date, months: int) -> date:
    """Art. 202 word for word: go to the month, take the day of the same number, else the last one."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    last = date(year, month, 1)
    while (last + timedelta(days=1)).month == month and last.day < day.day:
        last += timedelta(days=1)
    return last


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 3, 31), 6, date(2026, 9, 30)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
    ],
)
def test_month_ends(start: date, months: int, last: date) -> None:
    assert add_months(start, months) == last


@given(DAYS, st.integers(0, 400))
def test_every_month_agrees_with_the_walker(day: date, months: int) -> None:
    assert add_months(day, months) == walked(day, months)


@given(DAYS, DAYS, st.integers(0, 400))
def test_a_later_start_never_ends_earlier(one: date, other: date, months: int) -> None:
    first, second = sorted((one, other))
    assert add_months(first, months) <= add_months(second, months)


def test_no_period_runs_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_months(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1961, 3, 2), date(2026, 3, 1), 64),
        (date(1961, 3, 2), date(2026, 3, 2), 65),
        (date(1961, 3, 2), date(2026, 3, 3), 65),
        (date(1960, 2, 29), date(2025, 2, 27), 64),
        (date(1960, 2, 29), date(2025, 2, 28), 65),
        (date(1960, 2, 29), date(2024, 2, 28), 63),
        (date(1960, 2, 29), date(2024, 2, 29), 64),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
        (date(2025, 12, 31), date(2026, 1, 1), 0),
    ],
)
def test_a_year_of_age_is_complete_on_the_birthday(born: date, on: date, years: int) -> None:
    assert years_of_age(born, on) == years


def test_nobody_has_an_age_before_his_birth() -> None:
    with pytest.raises(ValueError, match="born"):
        years_of_age(date(2026, 3, 2), date(2026, 3, 1))


def test_no_period_leaves_the_calendar() -> None:
    with pytest.raises(ValueError, match="9999"):
        add_months(date(9999, 6, 1), 7)


def test_a_legal_day_is_a_day_of_shanghai() -> None:
    assert legal_date(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert legal_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert start_of(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert end_of(date(2026, 3, 2)) == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def test_a_naive_instant_has_no_day() -> None:
    with pytest.raises(ValueError, match="naive"):
        legal_date(datetime.fromisoformat("2026-03-01T00:00:00"))


@given(DAYS)
def test_the_end_of_a_day_is_the_first_instant_of_the_next(day: date) -> None:
    assert legal_date(end_of(day) - timedelta(microseconds=1)) == day
    assert legal_date(end_of(day)) == day + timedelta(days=1)


def test_a_period_holds_through_its_last_day() -> None:
    start = datetime(2025, 3, 2, 9, 30, tzinfo=UTC)
    assert within_months(start, 12, start)
    assert within_months(start, 12, datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC))
    assert not within_months(start, 12, datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert not within_months(start, 12, start - timedelta(seconds=1))
