"""The keeping of a recording that proves no sale: of a case that was abandoned or refused (ABN-01).

It is the bank's own rule, and careful: nothing ends before every case of the visit has ended, what is not
known keeps, and a sale of the same visit, proven by another recording, keeps this one as long as that one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from compliance.periods.domain import add_months, legal_date
from compliance.retention.periods import (
    DISPUTES,
    UNSOLD,
    Hold,
    SoldProduct,
    evaluate,
    reaching,
    retain_until,
)
from compliance.rulebook.domain import Finding, Rule, RuleRelease
from compliance.rulebook.facts import ProductKind

NOT_EXPIRED = "RETENTION_NOT_EXPIRED"


@dataclass(frozen=True, kw_only=True)
class VisitCase:
    """A case of the visit that was recorded: its product's kind (None: not in the registry), and its end.

    ``ended`` False: it is open; True with ``ended_at`` None: nobody knows when it ended.
    """

    case_id: UUID
    kind: ProductKind | None
    ended: bool
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """The visit of a recording that proves no sale.

    ``sales`` are those that other recordings of the visit prove, ``holds`` what holds these recordings.
    """

    cases: tuple[VisitCase, ...]
    sales: tuple[SoldProduct, ...]
    holds: tuple[Hold, ...]

    @property
    def ended_on(self) -> date | None:
        """The legal day on which the last case ended; None: one has not, or nobody knows when."""
        days = [None if case.ended_at is None else legal_date(case.ended_at) for case in self.cases]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None


@dataclass(frozen=True, kw_only=True)
class UnsoldParameters:
    """The numbers are ours: months from the day on which the last case ended, and from the end of a dispute.

    ``backdating_days``: how late the end of a matter may come before it counts from the day of the report.
    """

    months: int
    dispute_months: int
    backdating_days: int


@dataclass(frozen=True, kw_only=True)
class UnsoldResult:
    """What one entry of the rule says: keep through ``until``, or without end for now and why."""

    rule: str
    effective_from: date
    until: date | None
    findings: tuple[Finding, ...]


def unsold_rules(release: RuleRelease, visit: Visit, on: date) -> Iterator[Rule]:
    """The entries about a visit, seen from the day ``on``: those of the day of its end, later ones too."""
    return (rule for rule in reaching(release, visit.ended_on or on, on) if rule.function == UNSOLD)


def evaluate_unsold(
    release: RuleRelease, visit: Visit, holds: Sequence[Hold], on: date
) -> tuple[UnsoldResult, ...]:
    """What every entry says about the visit of a recording that is held by ``holds``; empty: none says."""
    return tuple(_result(rule, release, visit, holds, on) for rule in unsold_rules(release, visit, on))


def unsold_until(results: Sequence[UnsoldResult]) -> date | None:
    """The last day of all entries; None (keep) where one has no end, or there is none."""
    days = [result.until for result in results if result.until is not None]
    return max(days) if days and len(days) == len(results) else None


def _result(rule: Rule, release: RuleRelease, visit: Visit, holds: Sequence[Hold], on: date) -> UnsoldResult:
    parameters = rule.stated(UnsoldParameters)
    findings = list(_unknown(rule, visit))
    days = [add_months(visit.ended_on, parameters.months)] if visit.ended_on is not None else []
    for hold in holds:
        ended = hold.ended_on(parameters.backdating_days)
        if ended is not None:
            days.append(add_months(ended, parameters.dispute_months if hold.source in DISPUTES else 0))
    if any(hold.ended_on(parameters.backdating_days) is None for hold in holds):
        findings.append(Finding(code=NOT_EXPIRED, reason="dispute"))
    if visit.sales:
        sold = retain_until(evaluate(release, visit.sales, visit.holds, on), visit.sales)
        if sold is None:
            findings.append(Finding(code=NOT_EXPIRED, reason="sold"))
        else:
            days.append(sold)
    ends = bool(days) and not findings and rule.confirmed
    until = max(days) if ends else None
    if until is not None and on <= until:
        details = {"last_day": (until.isoformat(),)}
        findings.append(Finding(code=NOT_EXPIRED, reason="running", details=details))
    return UnsoldResult(
        rule=rule.id, effective_from=rule.effective_from, until=until, findings=tuple(findings)
    )


def _unknown(rule: Rule, visit: Visit) -> Iterator[Finding]:
    if any(not case.ended for case in visit.cases):
        yield Finding(code=NOT_EXPIRED, reason="open")
    missing = set()
    if not visit.cases:
        missing.add("case")
    if any(case.ended and case.ended_at is None for case in visit.cases):
        missing.add("case.ended_at")
    if any(case.kind is None for case in visit.cases):
        missing.add("product.kind")
    if any(case.kind is not None and not rule.concerns(case.kind) for case in visit.cases):
        missing.add("rule")
    if missing:
        yield Finding(code=NOT_EXPIRED, missing=tuple(sorted(missing)))
