"""How long a permit holds, and within how many days its order is confirmed: pure, typed, with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail

LATE = "ORDER_UNCONFIRMED"


@dataclass(frozen=True, kw_only=True)
class PermitFacts:
    """The legal day on which a permit was used, and the day until whose end nothing was confirmed."""

    used_on: date
    on: date


@dataclass(frozen=True, kw_only=True)
class PermitPeriods:
    """Both numbers are ours: minutes from the sale on, and whole legal days behind that of the use."""

    valid_minutes: int
    confirmation_days: int

    def expires_at(self, issued_at: datetime) -> datetime:
        """The first instant at which the permit holds no more."""
        return issued_at + timedelta(minutes=self.valid_minutes)

    def last_day(self, used_on: date) -> date:
        """The last legal day on which a confirmation is in time."""
        return used_on + timedelta(days=self.confirmation_days)


def confirmed_in_time(facts: PermitFacts, parameters: PermitPeriods) -> Verdict:
    """What is not confirmed by the end of the last day is a difference."""
    return PASS if facts.on < parameters.last_day(facts.used_on) else fail(LATE)


_CHECKS: tuple[Check[PermitFacts], ...] = (
    PureCheck("permit.confirmed_in_time.v1", {LATE: ()}, PermitPeriods, confirmed_in_time),
)

PERMIT_CHECKS: Mapping[str, Check[PermitFacts]] = {check.name: check for check in _CHECKS}
