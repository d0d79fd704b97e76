"""What is shown of sessions, also by the routes of tickets."""

from datetime import datetime
from uuid import UUID

from chassis.http.routing import Output


class SessionView(Output):
    """An employee's time at a counter; ``closed_at`` is null as long as it lasts."""

    id: UUID
    version: int
    counter_id: UUID
    outlet_id: UUID
    employee_id: UUID
    opened_at: datetime
    closed_at: datetime | None
