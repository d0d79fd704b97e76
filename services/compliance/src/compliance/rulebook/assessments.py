"""The functions behind the rules about assessing a customer: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.periods.domain import add_months, end_of, legal_date, start_of
from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict

LIMIT_DAY, LIMIT_YEAR = "ASSESSMENT_LIMIT_DAY", "ASSESSMENT_LIMIT_YEAR"


@dataclass(frozen=True, kw_only=True)
class AttemptFacts:
    """A customer is about to be assessed; ``completed``: his assessments at this bank, imported ones too."""

    decided_at: datetime
    completed: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class AssessmentLimits:
    """SUI-10: at most so many on one legal day, and so many in a rolling period of months."""

    a_day: int
    in_period: int
    months: int


def free_again_at(facts: AttemptFacts, limits: AssessmentLimits) -> tuple[str, datetime] | None:
    """SUI-10: which limit is reached, and from when on there is room under it; None where there is room now.

    An assessment counts through the last legal day of its period, like its validity (SUI-12).
    """
    today = legal_date(facts.decided_at)
    if sum(legal_date(one) == today for one in facts.completed) >= limits.a_day:
        return LIMIT_DAY, start_of(today + timedelta(days=1))
    ends = sorted(end_of(add_months(legal_date(one), limits.months)) for one in facts.completed)
    counting = [end for end in ends if end > facts.decided_at]
    if len(counting) >= limits.in_period:
        return LIMIT_YEAR, counting[len(counting) - limits.in_period]
    return None


def within_limits(facts: AttemptFacts, parameters: AssessmentLimits) -> Verdict:
    """SUI-10: there is room for one more assessment."""
    reached = free_again_at(facts, parameters)
    if reached is None:
        return PASS
    code, again_at = reached
    return Verdict((Finding(code=code, details={"again_on": (legal_date(again_at).isoformat(),)}),))


_CHECKS: tuple[Check[AttemptFacts], ...] = (
    PureCheck(
        "assessment.within_limits.v1",
        {LIMIT_DAY: ("again_on",), LIMIT_YEAR: ("again_on",)},
        AssessmentLimits,
        within_limits,
    ),
)

ASSESSMENT_CHECKS: Mapping[str, Check[AttemptFacts]] = {check.name: check for check in _CHECKS}
