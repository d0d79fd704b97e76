"""The function behind the rule about reviewing partners: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from compliance.periods.domain import add_months
from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail

OVERDUE = "PARTNER_REVIEW_OVERDUE"


@dataclass(frozen=True, kw_only=True)
class ReviewFacts:
    """A partner on the list on the legal day ``on``; its admission counts as the first passed review."""

    on: date
    reviewed_on: date


@dataclass(frozen=True, kw_only=True)
class ReviewInterval:
    """AGY-04: at most so many months between two passed reviews."""

    months: int

    def due_on(self, reviewed_on: date) -> date:
        """The last day for the next review."""
        return add_months(reviewed_on, self.months)


def reviewed_in_time(facts: ReviewFacts, parameters: ReviewInterval) -> Verdict:
    """AGY-04: the last day for the next review is not over."""
    due_on = parameters.due_on(facts.reviewed_on)
    return PASS if facts.on <= due_on else fail(OVERDUE, due_on=[due_on.isoformat()])


_CHECKS: tuple[Check[ReviewFacts], ...] = (
    PureCheck("partner.reviewed_in_time.v1", {OVERDUE: ("due_on",)}, ReviewInterval, reviewed_in_time),
)

PARTNER_CHECKS: Mapping[str, Check[ReviewFacts]] = {check.name: check for check in _CHECKS}
