"""Conduct alerts as compliance tells of them: raised and cleared, each once, whatever comes first."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict


class AlertChange(StrEnum):
    """What is told about an alert."""

    RAISED = "raised"
    CLEARED = "cleared"


class ConductAlertOpen(Conflict):
    """SAL-02: while an alert is open, no right to sell comes into being or comes back."""

    code = "CONDUCT_ALERT_OPEN"
    zh = "该员工有未解除的行为预警;请先由合规部门核查解除。"
    en = "A conduct alert about the employee is open; compliance has to clear it first."


@dataclass(kw_only=True)
class AlertNotice:
    """One fact about an alert, on record for good (D1); the employee may be unknown here (N4)."""

    alert_id: UUID
    change: AlertChange
    employee_id: UUID
    told_at: datetime
