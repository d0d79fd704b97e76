"""Facts about tickets. Each tells the ticket in full, so that a reader needs no earlier one."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "ticketing.tickets.v1"


@dataclass(frozen=True, kw_only=True)
class AboutTicket:
    """Which ticket. ``visitor`` is an opaque id of the customer, or null where nobody was recognised."""

    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    number: str
    queue_id: UUID
    service_code: str
    channel: str
    visitor: str | None


@dataclass(frozen=True, kw_only=True)
class AtCounter(AboutTicket):
    """Whose hand the ticket is in."""

    counter_id: UUID
    employee_id: UUID


@dataclass(frozen=True, kw_only=True)
class TicketIssued(AboutTicket, Fact, type="ticketing.ticket.issued.v1", topic=TOPIC, key="ticket_id"):
    """Somebody waits from now on. Recorded by the statement that issues (``issue.sql``)."""


@dataclass(frozen=True, kw_only=True)
class TicketCalled(AtCounter, Fact, type="ticketing.ticket.called.v1", topic=TOPIC, key="ticket_id"):
    """The customer was called to a counter; ``attempt`` is 1."""

    attempt: int


@dataclass(frozen=True, kw_only=True)
class TicketRecalled(AtCounter, Fact, type="ticketing.ticket.recalled.v1", topic=TOPIC, key="ticket_id"):
    """The customer was called once more; ``attempt`` counts the calls."""

    attempt: int


@dataclass(frozen=True, kw_only=True)
class TicketStarted(AtCounter, Fact, type="ticketing.ticket.started.v1", topic=TOPIC, key="ticket_id"):
    """The customer came, service began."""

    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketCompleted(AtCounter, Fact, type="ticketing.ticket.completed.v1", topic=TOPIC, key="ticket_id"):
    """The customer was served."""

    started_at: datetime
    completed_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketNoShow(AtCounter, Fact, type="ticketing.ticket.no_show.v1", topic=TOPIC, key="ticket_id"):
    """The customer was called and did not come."""

    attempt: int


@dataclass(frozen=True, kw_only=True)
class TicketCancelled(AboutTicket, Fact, type="ticketing.ticket.cancelled.v1", topic=TOPIC, key="ticket_id"):
    """The customer gave the place up before being called."""


@dataclass(frozen=True, kw_only=True)
class TicketExpired(AboutTicket, Fact, type="ticketing.ticket.expired.v1", topic=TOPIC, key="ticket_id"):
    """The business day ended before the customer was called."""
