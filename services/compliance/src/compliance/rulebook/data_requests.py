"""How long a customer waits for the answer to a request about his data: pure, typed, with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from compliance.periods.domain import end_of_days
from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail

LATE = "DATA_REQUEST_LATE"


@dataclass(frozen=True, kw_only=True)
class WaitFacts:
    """When he asked, and when he was answered; of a request that waits, now."""

    requested_at: datetime
    answered_at: datetime


@dataclass(frozen=True, kw_only=True)
class AnswerPeriod:
    """The law says "in time"; the number is ours: whole legal days behind that of the request."""

    answer_days: int

    def ends_at(self, requested_at: datetime) -> datetime:
        """The first instant at which an answer is late."""
        return end_of_days(requested_at, self.answer_days)


def answered_in_time(facts: WaitFacts, parameters: AnswerPeriod) -> Verdict:
    """The last day counts in full; a late answer is an answer, and shows as late."""
    return PASS if facts.answered_at < parameters.ends_at(facts.requested_at) else fail(LATE)


_CHECKS: tuple[Check[WaitFacts], ...] = (
    PureCheck("data_request.in_time.v1", {LATE: ()}, AnswerPeriod, answered_in_time),
)

DATA_REQUEST_CHECKS: Mapping[str, Check[WaitFacts]] = {check.name: check for check in _CHECKS}
