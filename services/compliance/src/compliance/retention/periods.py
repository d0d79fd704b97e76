"""The retention clock: what is known of a sold product, and the last day through which its proof is kept.

``None`` stands for "keep": a fact is missing, a dispute is open, a row is unconfirmed, or no row applies.
Everything is a pure function of the rule release and of what was recorded; the same inputs give the same
day for ever.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from compliance.periods.domain import add_months, legal_date
from compliance.rulebook.domain import Rule, RuleRelease, Subject
from compliance.rulebook.facts import ProductForm, ProductKind


class AnchorKind(StrEnum):
    """What a period may count from. Only a pay-out that was reported as final ends a closed-end product."""

    PARTIAL_PAYOUT = "PARTIAL_PAYOUT"
    FINAL_PAYOUT = "FINAL_PAYOUT"
    CONTRACT_END = "CONTRACT_END"


PAYOUTS = frozenset({AnchorKind.PARTIAL_PAYOUT, AnchorKind.FINAL_PAYOUT})


class Contest(StrEnum):
    """Why a reported anchor does not count: it cannot be true."""

    BEFORE_SALE = "before_sale"
    IN_FUTURE = "in_future"


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A reported pay-out or contract end: the day it names, and when we were told."""

    report_id: str
    kind: AnchorKind
    claimed_on: date
    reported_at: datetime

    def contest(self, sold_on: date) -> Contest | None:
        """Why it cannot be true of a product that was sold on ``sold_on``; None when it may be."""
        if self.claimed_on < sold_on:
            return Contest.BEFORE_SALE
        return Contest.IN_FUTURE if self.claimed_on > legal_date(self.reported_at) else None

    def counts_from(self, backdating_days: int) -> date:
        """The day a period starts: the claimed one, or that of the report when it came later than allowed."""
        return _not_backdated(self.claimed_on, self.reported_at, backdating_days)


@dataclass(frozen=True, kw_only=True)
class SoldProduct:
    """A sale that a recording proves, and what became of the contract; contested anchors stay, uncounted."""

    sale_id: UUID
    kind: ProductKind
    form: ProductForm
    term_months: int | None
    sold_on: date
    anchors: tuple[Anchor, ...]

    def counted(self) -> Iterator[Anchor]:
        """The anchors that may be true."""
        return (anchor for anchor in self.anchors if anchor.contest(self.sold_on) is None)


class HoldSource(StrEnum):
    """Where a hold comes from; with the matter's id it identifies the hold."""

    COMPLAINT = "COMPLAINT"
    COURT = "COURT"
    REGULATOR = "REGULATOR"
    AUDIT = "AUDIT"
    CONDUCT = "CONDUCT"


#: The function of the rule about recordings that prove no sale; its parameters are its own.
UNSOLD = "retention.unsold.v1"

#: Sources that are disputes with the customer, after whose end a sector's rule may ask for more time.
DISPUTES = frozenset({HoldSource.COMPLAINT, HoldSource.COURT})


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A reason to keep the recording, whatever its period says, until the matter is over (REC-08).

    ``resolved_on`` is the day on which the matter ended as it was reported, ``released_at`` when we were
    told.
    """

    source: HoldSource
    matter_id: str
    placed_at: datetime
    released_at: datetime | None
    resolved_on: date | None

    @property
    def open(self) -> bool:
        """Whether it still holds."""
        return self.released_at is None

    def ended_on(self, backdating_days: int) -> date | None:
        """The day on which the matter ended; None while open. Never before the hold, never backdated."""
        if self.released_at is None or self.resolved_on is None:
            return None
        counted = _not_backdated(self.resolved_on, self.released_at, backdating_days)
        return max(counted, legal_date(self.placed_at))


def _not_backdated(claimed: date, reported_at: datetime, backdating_days: int) -> date:
    reported = legal_date(reported_at)
    return reported if reported - claimed > timedelta(days=backdating_days) else claimed


@dataclass(frozen=True, kw_only=True)
class RetentionRow:
    """One row of a retention rule: for which products, from the latest of which anchors, how many months.

    ``required`` anchors must all be known; ``also`` ones count once they are. ``form``, ``term_over``
    (months, exclusive) and ``term_up_to`` (inclusive) None: any.
    """

    kinds: tuple[ProductKind, ...]
    form: ProductForm | None
    term_over: int | None
    term_up_to: int | None
    required: tuple[AnchorKind, ...]
    also: tuple[AnchorKind, ...]
    months: int


@dataclass(frozen=True, kw_only=True)
class AfterDispute:
    """For how many months after the end of a dispute the recordings of these kinds are kept."""

    kinds: tuple[ProductKind, ...]
    months: int


@dataclass(frozen=True, kw_only=True)
class RetentionParameters:
    """The parameters of every retention rule.

    ``backdating_days``: how late a report may come before it counts from the day of the report.
    ``minimum_months``: what the bank keeps at least, from the same day; None: as the law asks.
    """

    backdating_days: int
    minimum_months: int | None
    rows: tuple[RetentionRow, ...]
    after_dispute: tuple[AfterDispute, ...]


@dataclass(frozen=True, kw_only=True)
class RowResult:
    """What one row of one rule says about one sale: keep through ``until``, or without end for now.

    ``after_dispute``: a row about a matter, not about the product's end. ``missing`` holds the facts that
    are not known.
    """

    rule: str
    effective_from: date
    sale_id: UUID
    until: date | None
    after_dispute: bool
    missing: tuple[str, ...] = ()


def reaching(release: RuleRelease, since: date, on: date) -> Iterator[Rule]:
    """The retention rules of what began on ``since``, seen from the day ``on``: of its day, and later ones.

    A later rule that reaches back stays even after its end: a period that it has lengthened is not shortened
    again.
    """
    for rule in release.rules:
        if rule.subject is Subject.RETENTION and rule.effective_from <= on:
            reaches_back = rule.applies_to_existing and rule.effective_from > since
            if reaches_back or rule.in_force(since):
                yield rule


def rules_for(release: RuleRelease, sold_on: date, on: date) -> Iterator[Rule]:
    """The retention rules of a sale, seen from the day ``on``."""
    return (rule for rule in reaching(release, sold_on, on) if rule.function != UNSOLD)


def evaluate(
    release: RuleRelease, sales: Iterable[SoldProduct], holds: Sequence[Hold], on: date
) -> Iterator[RowResult]:
    """What every row that applies says, seen from the legal day ``on``."""
    for sale in sales:
        for rule in rules_for(release, sale.sold_on, on):
            if rule.concerns(sale.kind):
                yield from _row_results(rule, sale, holds)


def retain_until(results: Iterable[RowResult], sales: Sequence[SoldProduct]) -> date | None:
    """The last day through which to keep: the latest of all rows of all sales.

    None (keep) while any row has no end, while a sale has no row with a period, and for a recording without
    a sale.
    """
    listed = list(results)
    dated = {result.sale_id for result in listed if not result.after_dispute}
    days = [result.until for result in listed if result.until is not None]
    if len(days) < len(listed) or not sales or not all(sale.sale_id in dated for sale in sales):
        return None
    return max(days)


def _row_results(rule: Rule, sale: SoldProduct, holds: Sequence[Hold]) -> Iterator[RowResult]:
    parameters = rule.stated(RetentionParameters)
    for row in parameters.rows:
        if sale.kind in row.kinds and row.form in {None, sale.form} and _term_fits(row, sale.term_months):
            until, missing = _period_end(row, sale, parameters)
            yield RowResult(
                rule=rule.id,
                effective_from=rule.effective_from,
                sale_id=sale.sale_id,
                until=until if rule.confirmed else None,
                after_dispute=False,
                missing=missing,
            )
    for after in parameters.after_dispute:
        if sale.kind in after.kinds:
            for hold in holds:
                # Any hold keeps; only a dispute with the customer is followed by further months.
                if after.months and hold.source not in DISPUTES:
                    continue
                ended = hold.ended_on(parameters.backdating_days)
                yield RowResult(
                    rule=rule.id,
                    effective_from=rule.effective_from,
                    sale_id=sale.sale_id,
                    until=None if ended is None or not rule.confirmed else add_months(ended, after.months),
                    after_dispute=True,
                )


def _term_fits(row: RetentionRow, term_months: int | None) -> bool:
    # An unknown term fits every row that asks for one: their results say that it is missing, and keep.
    if term_months is None:
        return True
    return (row.term_over is None or term_months > row.term_over) and (
        row.term_up_to is None or term_months <= row.term_up_to
    )


def _period_end(
    row: RetentionRow, sale: SoldProduct, parameters: RetentionParameters
) -> tuple[date | None, tuple[str, ...]]:
    days: dict[AnchorKind, date] = {}
    for anchor in sale.counted():
        day = anchor.counts_from(parameters.backdating_days)
        days[anchor.kind] = max(day, days.get(anchor.kind, day))
    if AnchorKind.FINAL_PAYOUT in days:
        # A pay-out that is reported after the final one, or later dated, was the last one.
        days[AnchorKind.FINAL_PAYOUT] = max(days[kind] for kind in PAYOUTS & days.keys())
    missing = [f"anchor.{kind}" for kind in row.required if kind not in days]
    if sale.term_months is None and not (row.term_over is None and row.term_up_to is None):
        missing.append("term_months")
    counted = [days[kind] for kind in {*row.required, *row.also} if kind in days]
    if missing or not counted:
        return None, tuple(missing)
    return add_months(max(counted), max(row.months, parameters.minimum_months or 0)), ()
