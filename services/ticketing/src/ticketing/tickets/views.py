"""What is shown of tickets."""

from datetime import date, datetime
from uuid import UUID

from chassis.http.routing import Output
from ticketing.tickets.domain import Channel, TicketState


class SlipView(Output):
    """A ticket as it is handed out, with the forecast of QUE-01: how many people are ahead."""

    id: UUID
    number: str
    queue_id: UUID
    business_date: date
    issued_at: datetime
    people_ahead: int


class PublicTicketView(Output):
    """A ticket as the one who holds it sees it."""

    id: UUID
    version: int
    outlet_id: UUID
    business_date: date
    number: str
    queue_id: UUID
    service_code: str
    state: TicketState
    issued_at: datetime
    counter_id: UUID | None


class TicketView(PublicTicketView):
    """A ticket as the staff sees it."""

    channel: Channel
    visitor: str | None
    employee_id: UUID | None
    attempt: int
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


class PositionView(Output):
    """How many wait before a ticket; 0 for one that does not wait any more."""

    ticket_id: UUID
    state: TicketState
    people_ahead: int
