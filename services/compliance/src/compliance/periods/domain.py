"""Periods of months and the days on which they end (Civil Code Arts. 201–203).

Legal days are days of the bank's zone, Asia/Shanghai, without the cut-over hour of a business date. A
period of months ends with the day that has the same number as its first day, or with the month's last day
where there is none (Art. 202), through the whole of that day (Art. 203): the instant at which it is over is
exclusive.
"""

import calendar
from datetime import UTC, date, datetime, timedelta

from chassis.clock import BANK_ZONE

MONTHS_A_YEAR = 12


def legal_date(instant: datetime) -> date:
    """The legal day on which ``instant`` (aware) falls; raises ``ValueError`` for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return instant.astimezone(BANK_ZONE).date()


def add_months(day: date, months: int) -> date:
    """The last day of a period of ``months`` (>= 0) from ``day``: same number, or the month's last day.

    Raises ``ValueError`` for negative months, and for a period that ends after the year 9999.
    """
    if months < 0:
        raise ValueError("a period has no negative months")
    years, month_index = divmod(day.month - 1 + months, MONTHS_A_YEAR)
    year, month = day.year + years, month_index + 1
    if year > date.max.year:
        raise ValueError("the period ends after the year 9999")
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def start_of(day: date) -> datetime:
    """The instant at which the legal day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=BANK_ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The instant at which the legal day is over, in UTC, exclusive: the first instant of the next day."""
    return start_of(day + timedelta(days=1))


def end_of_days(start: datetime, days: int) -> datetime:
    """The instant at which the last of ``days`` legal days behind that of ``start`` is over, exclusive."""
    return end_of(legal_date(start) + timedelta(days=days))


def within_months(start: datetime, months: int, instant: datetime) -> bool:
    """Whether ``instant`` lies in the period of ``months`` that begins with the legal day of ``start``.

    The last day counts in full; an instant before ``start`` lies outside.
    """
    return start <= instant < end_of(add_months(legal_date(start), months))


def years_of_age(born: date, on: date) -> int:
    """The years of age that are complete on the legal day ``on``; raises ``ValueError`` before the birth.

    A year of age is complete on the birthday: the day with the same number or, for somebody born on a 29
    February, the month's last day where there is none (Art. 202). The birthday itself counts, which protects
    the old from its first instant on and not from its end.
    """
    if on < born:
        raise ValueError("not born yet")
    years = on.year - born.year
    return years if add_months(born, MONTHS_A_YEAR * years) <= on else years - 1
