"""The second implementation of the periods, against the table of cases that both were written from."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.books.footage import sealed_in_time
from deploy.books.law import (
    Held,
    Intended,
    Reported,
    Sold,
    deadline,
    legal_date,
    months_later,
    retain_until,
    unsold_until,
)

LONG_AGO = date(2020, 1, 1)


def told(kind: str, day: date, late: int = 0) -> Reported:
    """Reported at noon of the day, or so many days later."""
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return Reported(kind, day, noon + timedelta(days=late))


def paid(day: date, late: int = 0) -> Reported:
    return told("FINAL_PAYOUT", day, late)


def ended(day: date) -> Reported:
    return told("CONTRACT_END", day)


def dispute(resolved: date | None) -> Held:
    placed = datetime(2025, 2, 1, tzinfo=UTC)
    released = None if resolved is None else datetime(resolved.year, resolved.month, resolved.day, tzinfo=UTC)
    return Held("COMPLAINT", placed, resolved, released)


def sold(*reports: Reported, kind: str = "WEALTH", form: str = "CLOSED_END", term: int | None = 12) -> Sold:
    return Sold(kind, form, term, LONG_AGO, reports)


PAID = paid(date(2025, 1, 10))
ENDED = ended(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("sale", "holds", "expected"),
    [
        pytest.param(sold(paid(date(2026, 3, 31))), [], date(2026, 9, 30), id="closed-end"),
        pytest.param(sold(paid(date(2025, 8, 31))), [], date(2026, 2, 28), id="month's end"),
        pytest.param(
            sold(paid(date(2026, 3, 31)), ended(date(2026, 4, 15))), [], date(2026, 10, 15), id="ended later"
        ),
        pytest.param(sold(paid(date(2026, 3, 31)), form="OPEN_ENDED"), [], None, id="still held"),
        pytest.param(sold(ENDED, kind="FUND"), [], None, id="unconfirmed"),
        pytest.param(sold(PAID), [dispute(None)], None, id="dispute open"),
        pytest.param(sold(PAID), [dispute(date(2026, 6, 1))], date(2026, 6, 1), id="dispute resolved later"),
        pytest.param(sold(ENDED, kind="INSURANCE"), [], date(2031, 1, 1), id="insurance of a year"),
        pytest.param(sold(ENDED, kind="INSURANCE", term=13), [], date(2036, 1, 1), id="longer insurance"),
        pytest.param(
            sold(ENDED, kind="INSURANCE"),
            [dispute(date(2030, 12, 31))],
            date(2032, 12, 31),
            id="insurance dispute",
        ),
        pytest.param(sold(told("PARTIAL_PAYOUT", date(2026, 3, 31))), [], None, id="not the final pay-out"),
        pytest.param(sold(ENDED, kind="INSURANCE", term=None), [], None, id="term unknown"),
        pytest.param(sold(paid(date(2019, 12, 31))), [], None, id="paid out before the sale"),
        pytest.param(sold(paid(date(2026, 3, 31), late=-1)), [], None, id="paid out in the future"),
        pytest.param(sold(paid(date(2026, 1, 1), late=31)), [], date(2026, 7, 1), id="told in time"),
        pytest.param(sold(paid(date(2026, 1, 1), late=32)), [], date(2026, 8, 2), id="told too late"),
    ],
)
def test_retention(sale: Sold, holds: list[Any], expected: date | None) -> None:
    assert retain_until([sale], holds) == expected


def test_a_recording_is_kept_for_the_longest_of_its_sales() -> None:
    assert retain_until([sold(PAID), sold(paid(date(2026, 3, 31)))], []) == date(2026, 9, 30)
    assert retain_until([sold(PAID), sold()], []) is None
    assert retain_until([], []) is None


def test_the_complaint_clock() -> None:
    last_minute = datetime(2026, 11, 2, 15, 59, tzinfo=UTC)
    assert deadline(last_minute) == (date(2026, 11, 17), datetime(2026, 11, 17, 16, tzinfo=UTC))
    assert deadline(last_minute + timedelta(minutes=1))[0] == date(2026, 11, 18)
    assert legal_date(last_minute) == date(2026, 11, 2)
    assert months_later(date(2026, 11, 30), 27) == date(2029, 2, 28)


OVER = Intended("WEALTH", datetime(2026, 3, 2, 4, tzinfo=UTC))
LATE = Intended("INSURANCE", datetime(2026, 3, 2, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("intended", "holds", "expected"),
    [
        pytest.param([OVER], [], date(2027, 3, 2), id="a year"),
        pytest.param([OVER, LATE], [], date(2027, 3, 3), id="the last case"),
        pytest.param([OVER, Intended("WEALTH", None)], [], None, id="open"),
        pytest.param([Intended(None, OVER.ended_at)], [], None, id="of no listed product"),
        pytest.param([Intended("FUND", OVER.ended_at)], [], None, id="of a fund"),
        pytest.param([], [], None, id="no case"),
        pytest.param([OVER], [dispute(None)], None, id="in dispute"),
        pytest.param([OVER], [dispute(date(2026, 6, 1))], date(2028, 6, 1), id="after a dispute"),
    ],
)
def test_what_proves_nothing_is_kept_for_its_visit(
    intended: list[Intended], holds: list[Held], expected: date | None
) -> None:
    assert unsold_until(intended, holds, [], []) == expected
    # What was sold in the visit on another recording keeps it as well.
    assert unsold_until(intended, holds, [sold()], []) is None
    later = expected and date(2030, 9, 30)
    assert unsold_until(intended, holds, [sold(paid(date(2030, 3, 31)))], []) == later
    assert unsold_until(intended, holds, [sold(PAID)], [dispute(None)]) is None


@pytest.mark.parametrize(("late", "proves"), [(timedelta(microseconds=-1), True), (timedelta(), False)])
def test_what_was_sealed_after_two_days_proves_nothing(late: timedelta, proves: bool) -> None:
    began = datetime(2026, 10, 31, 23, tzinfo=UTC)
    seal = {"sealed_at": datetime(2026, 11, 2, 23, tzinfo=UTC) + late}
    assert sealed_in_time({"started_at": began}, seal) is proves
    assert sealed_in_time({"started_at": began}, None) is False
