"""Periods worked out a second time: complaint deadlines (CMP-09), retention (REC-07, -08, -09, ABN-01).

Written from the texts and tables, not from the services' code: two authors would have to make one mistake.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

#: Legal days are days of Asia/Shanghai, which is eight hours ahead of UTC all year.
AHEAD = timedelta(hours=8)
#: CMP-09: days after the day of receipt, which is not counted itself.
DECIDE_WITHIN_DAYS = 15
#: A report that comes later than this counts from the day on which it came.
BACKDATING = timedelta(days=31)

INSURANCE = frozenset({"INSURANCE", "INVESTMENT_INSURANCE"})
#: Where a hold comes from that is a dispute with the customer.
DISPUTES = frozenset({"COMPLAINT", "COURT"})
#: Kinds whose period has no confirmed rule: kept without end.
UNCONFIRMED = frozenset({"FUND", "SECURITIES"})


@dataclass(frozen=True)
class Reported:
    """A pay-out or an end: ``PARTIAL_PAYOUT``, ``FINAL_PAYOUT`` or ``CONTRACT_END``."""

    kind: str
    claimed_on: date
    reported_at: datetime


@dataclass(frozen=True)
class Held:
    """A hold on a recording; ``resolved_on`` and ``released_at`` None while it is open."""

    source: str
    placed_at: datetime
    resolved_on: date | None
    released_at: datetime | None


@dataclass(frozen=True)
class Sold:
    """A sale that a recording proves."""

    kind: str
    form: str
    term_months: int | None
    sold_on: date
    reports: Sequence[Reported]


@dataclass(frozen=True)
class Intended:
    """A case of a visit; ``ended_at`` None: open, or nobody knows; ``kind`` None: of no listed product."""

    kind: str | None
    ended_at: datetime | None


def legal_date(instant: datetime) -> date:
    """The legal day of an aware instant."""
    return (instant.astimezone(UTC) + AHEAD).date()


def deadline(received_at: datetime) -> tuple[date, datetime]:
    """The last day, and the instant (exclusive) at which it is over, of a complaint received then."""
    last = legal_date(received_at) + timedelta(days=DECIDE_WITHIN_DAYS)
    midnight = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return last, midnight - AHEAD


def months_later(day: date, months: int) -> date:
    """The day with the same number that many months later, or that month's last day (Civil Code Art. 202)."""
    year, month = day.year, day.month + months
    while month > 12:
        year, month = year + 1, month - 12
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def retain_until(sales: Sequence[Sold], holds: Iterable[Held]) -> date | None:
    """The last day through which a recording is kept; None: without end for now."""
    held = list(holds)
    ends = [_end_of_sale(sale) for sale in sales]
    ends += [_end_of_hold(hold, sale) for sale in sales for hold in held]
    return None if not ends or None in ends else max(end for end in ends if end is not None)


def unsold_until(
    intended: Iterable[Intended], holds: Iterable[Held], sold: Sequence[Sold], their_holds: Iterable[Held]
) -> date | None:
    """The last day of a recording that proves nothing: a year from the end of the visit's last case.

    Two years from the end of a dispute, and as long as what was ``sold`` in the visit. None: without end.
    """
    ends: list[date | None] = []
    if not (cases := list(intended)):
        return None
    for case in cases:
        if case.ended_at is None or case.kind is None or case.kind in UNCONFIRMED:
            return None
        ends.append(months_later(legal_date(case.ended_at), 12))
    for hold in holds:
        if hold.resolved_on is None or hold.released_at is None:
            return None
        ended = max(_counted(hold.resolved_on, hold.released_at), legal_date(hold.placed_at))
        ends.append(months_later(ended, 24) if hold.source in DISPUTES else ended)
    if sold:
        ends.append(retain_until(sold, their_holds))
    return None if None in ends else max(end for end in ends if end is not None)


def _end_of_sale(sale: Sold) -> date | None:
    if sale.kind in UNCONFIRMED:
        return None
    payouts: list[date] = []
    finals: list[date] = []
    contract_ends: list[date] = []
    for report in sale.reports:
        if sale.sold_on <= report.claimed_on <= legal_date(report.reported_at):
            day = _counted(report.claimed_on, report.reported_at)
            (contract_ends if report.kind == "CONTRACT_END" else payouts).append(day)
            if report.kind == "FINAL_PAYOUT":
                finals.append(day)
    # Only a pay-out that was reported as the last one counts; whatever was paid out after it was the last.
    paid_out = max(payouts) if finals else None
    ended = max(contract_ends, default=None)
    anchors = [day for day in (paid_out, ended) if day is not None]
    needs_payout = sale.form == "CLOSED_END" and sale.kind not in INSURANCE | {"PHYSICAL_METAL"}
    if (paid_out if needs_payout else ended) is None:
        return None
    until = months_later(max(anchors), 6)
    if sale.kind in INSURANCE:
        if sale.term_months is None or ended is None:
            return None
        until = max(until, months_later(ended, 60 if sale.term_months <= 12 else 120))
    return until


def _end_of_hold(hold: Held, sale: Sold) -> date | None:
    if hold.resolved_on is None or hold.released_at is None:
        return None
    ended = max(_counted(hold.resolved_on, hold.released_at), legal_date(hold.placed_at))
    disputed = hold.source in DISPUTES
    return months_later(ended, 24) if disputed and sale.kind in INSURANCE else ended


def _counted(claimed: date, reported_at: datetime) -> date:
    reported = legal_date(reported_at)
    return reported if reported - claimed > BACKDATING else claimed
