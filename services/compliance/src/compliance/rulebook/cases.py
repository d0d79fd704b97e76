"""How long a case stays open when nothing comes of it: pure, typed, with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from compliance.periods.domain import end_of_days
from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail

OVER = "CASE_ABANDONED"


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """When a case was opened, and when something is to be done about it."""

    opened_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseLife:
    """The number is ours: whole legal days behind that of the opening, the last one counted in full."""

    lifetime_days: int

    def ends_at(self, opened_at: datetime) -> datetime:
        """The first instant at which nothing can be done about the case any more."""
        return end_of_days(opened_at, self.lifetime_days)


def alive(facts: CaseFacts, parameters: CaseLife) -> Verdict:
    """What is not sold by the end of the last day is not sold in this case."""
    return PASS if facts.at < parameters.ends_at(facts.opened_at) else fail(OVER)


_CHECKS: tuple[Check[CaseFacts], ...] = (PureCheck("case.alive.v1", {OVER: ()}, CaseLife, alive),)

CASE_CHECKS: Mapping[str, Check[CaseFacts]] = {check.name: check for check in _CHECKS}
