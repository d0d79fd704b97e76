"""SUI-10 against a plain second reading of the law: days counted one by one, by the bank's calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.rulebook.assessments import (
    LIMIT_DAY,
    LIMIT_YEAR,
    AssessmentLimits,
    AttemptFacts,
    free_again_at,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAW = AssessmentLimits(a_day=2, in_period=8, months=12)
NOW = datetime(2028, 2, 29, 4, 0, tzinfo=UTC)
#: Dense around the borders: the same day, and a year ago.
PAST = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=2)),
    st.timedeltas(timedelta(days=364), timedelta(days=368)),
    st.timedeltas(timedelta(0), timedelta(days=500)),
).map(lambda ago: NOW - ago)


def a_year_later(day: date) -> date:
    """The same day of the next year; for 29 February the last day of that month."""
    return date(day.year + 1, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def second_reading(completed: list[datetime], at: datetime) -> str | None:
    """The limit that is reached at ``at``, counted by hand."""
    today = at.astimezone(SHANGHAI).date()
    days = [one.astimezone(SHANGHAI).date() for one in completed]
    if days.count(today) >= 2:
        return LIMIT_DAY
    return LIMIT_YEAR if len([day for day in days if today <= a_year_later(day)]) >= 8 else None


@given(st.lists(PAST, max_size=14))
@example([NOW] * 2)
@example([NOW - timedelta(days=365)] * 8)
@example([datetime(2027, 2, 28, 15, 59, 59, tzinfo=UTC)] * 8)
def test_the_limit_is_that_of_the_second_reading_and_ends_when_it_says(completed: list[datetime]) -> None:
    reached = free_again_at(AttemptFacts(decided_at=NOW, completed=tuple(completed)), LAW)
    assert (reached and reached[0]) == second_reading(completed, NOW)
    if reached is None:
        return
    code, again_at = reached
    assert again_at > NOW
    assert second_reading(completed, again_at - timedelta(microseconds=1)) is not None
    assert second_reading(completed, again_at) != code


@pytest.mark.parametrize(("number", "reached"), [(1, None), (2, LIMIT_DAY), (3, LIMIT_DAY)])
def test_two_a_day(number: int, reached: str | None) -> None:
    facts = AttemptFacts(decided_at=NOW, completed=(NOW - timedelta(hours=1),) * number)
    assert (free_again_at(facts, LAW) or (None,))[0] == reached


@pytest.mark.parametrize(("number", "reached"), [(7, None), (8, LIMIT_YEAR), (9, LIMIT_YEAR)])
def test_eight_a_year(number: int, reached: str | None) -> None:
    days = tuple(NOW - timedelta(days=30 * place) for place in range(1, number + 1))
    assert (free_again_at(AttemptFacts(decided_at=NOW, completed=days), LAW) or (None,))[0] == reached
