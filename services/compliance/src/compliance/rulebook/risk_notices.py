"""The function behind the rule about telling holders of a changed risk: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail

LATE = "RISK_CHANGE_NOTICE_LATE"


@dataclass(frozen=True, kw_only=True)
class RiskNoticeFacts:
    """When a product's risk changed, and when the last holder was told; of an open notice, now."""

    changed_at: datetime
    told_at: datetime


@dataclass(frozen=True, kw_only=True)
class NoticePeriod:
    """PRD-03: the text says "in time"; the hours are ours."""

    risk_change_notice_sla_hours: int


def due_at(changed_at: datetime, period: NoticePeriod) -> datetime:
    """PRD-03: the last instant that is in time."""
    return changed_at + timedelta(hours=period.risk_change_notice_sla_hours)


def told_in_time(facts: RiskNoticeFacts, parameters: NoticePeriod) -> Verdict:
    """PRD-03: every holder was told by the instant at which that was due."""
    return PASS if facts.told_at <= due_at(facts.changed_at, parameters) else fail(LATE)


_CHECKS: tuple[Check[RiskNoticeFacts], ...] = (
    PureCheck("risk_notice.in_time.v1", {LATE: ()}, NoticePeriod, told_in_time),
)

RISK_NOTICE_CHECKS: Mapping[str, Check[RiskNoticeFacts]] = {check.name: check for check in _CHECKS}
