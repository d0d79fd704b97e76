"""The business day of an outlet, known or not."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from ticketing.outlets.domain import (
    Hours,
    Outlet,
    OutletIsClosed,
    OutletStatus,
    business_date_of,
    check_open,
)

DAY = Hours(time(9), time(17))


def outlet(**given: object) -> Outlet:
    kept = Outlet(UUID(int=1), 1, "SH-1", "Asia/Shanghai", 4, (DAY,) * 5 + (None, None))
    for name, value in given.items():
        setattr(kept, name, value)
    return kept


@pytest.mark.parametrize(
    ("instant", "known", "unknown"),
    [
        ("2026-03-01T15:59:59Z", date(2026, 3, 1), date(2026, 3, 1)),
        ("2026-03-01T16:00:00Z", date(2026, 3, 1), date(2026, 3, 2)),
        ("2026-03-01T19:59:59Z", date(2026, 3, 1), date(2026, 3, 2)),
        ("2026-03-01T20:00:00Z", date(2026, 3, 2), date(2026, 3, 2)),
    ],
)
def test_business_date_turns_at_the_cut_over(instant: str, known: date, unknown: date) -> None:
    at = datetime.fromisoformat(instant).astimezone(UTC)
    assert business_date_of(outlet(), at) == known
    assert business_date_of(None, at) == unknown


def test_exceptions_go_before_the_week() -> None:
    here = outlet(exceptions={date(2026, 3, 2): None, date(2026, 3, 7): DAY})
    assert here.hours_on(date(2026, 3, 2)) is None
    assert here.hours_on(date(2026, 3, 3)) == DAY
    assert here.hours_on(date(2026, 3, 7)) == DAY
    assert here.hours_on(date(2026, 3, 8)) is None
    assert outlet(week=()).hours_on(date(2026, 3, 3)) is None


def test_only_a_closed_outlet_is_closed() -> None:
    check_open(None)
    check_open(outlet())
    with pytest.raises(OutletIsClosed):
        check_open(outlet(status=OutletStatus.CLOSED))
