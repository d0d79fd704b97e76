"""How long what one person has submitted waits for another one: pure, typed, with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from compliance.periods.domain import end_of_days
from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail

LAPSED = "REVIEW_LAPSED"


class Waiting(StrEnum):
    """What waits: for a second person, the approvals of an agency product, or the bank's decision."""

    REVIEW = "REVIEW"
    ADMISSION = "ADMISSION"
    APPLICATION = "APPLICATION"


@dataclass(frozen=True, kw_only=True)
class WaitingFacts:
    """When it was submitted, and when somebody wants to approve it."""

    waiting: Waiting
    submitted_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class WaitingPeriods:
    """The numbers are ours: whole legal days behind that of the submission, the last one counted in full."""

    review_days: int
    admission_days: int
    application_days: int

    def ends_at(self, waiting: Waiting, submitted_at: datetime) -> datetime:
        """The first instant at which it cannot be approved any more."""
        days = {
            Waiting.REVIEW: self.review_days,
            Waiting.ADMISSION: self.admission_days,
            Waiting.APPLICATION: self.application_days,
        }
        return end_of_days(submitted_at, days[waiting])


def in_time(facts: WaitingFacts, parameters: WaitingPeriods) -> Verdict:
    """What was looked into long ago is looked into again before anybody approves it."""
    return PASS if facts.at < parameters.ends_at(facts.waiting, facts.submitted_at) else fail(LAPSED)


_CHECKS: tuple[Check[WaitingFacts], ...] = (
    PureCheck("review.in_time.v1", {LAPSED: ()}, WaitingPeriods, in_time),
)

REVIEW_CHECKS: Mapping[str, Check[WaitingFacts]] = {check.name: check for check in _CHECKS}
