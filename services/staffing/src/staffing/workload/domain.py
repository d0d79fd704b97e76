"""What one served ticket adds to the workload of the employee who served it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class ServedTicket:
    """A completed ticket on its business date; the employee who served it may be unknown yet (N4)."""

    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    employee_id: UUID
    service_seconds: int


def service_seconds(started_at: datetime, completed_at: datetime) -> int:
    """Whole seconds of service; 0 where the clocks of two hosts disagree about the order."""
    return max(0, int((completed_at - started_at).total_seconds()))
