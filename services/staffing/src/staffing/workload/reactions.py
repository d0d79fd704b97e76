"""What is done about tickets that were served."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Received, Subscription, Together
from staffing.workload import commands
from staffing.workload.domain import ServedTicket, service_seconds


class TicketCompleted(Consumed):
    """A ticket was served to its end."""

    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    employee_id: UUID
    started_at: AwareDatetime
    completed_at: AwareDatetime


async def on_tickets_completed(
    session: AsyncSession, clock: Clock, facts: Sequence[Received[TicketCompleted]]
) -> None:
    """N1, N4: counts the tickets for their employees, known to us or not."""
    await commands.count(
        session,
        [
            ServedTicket(
                ticket_id=data.ticket_id,
                outlet_id=data.outlet_id,
                business_date=data.business_date,
                employee_id=data.employee_id,
                service_seconds=service_seconds(data.started_at, data.completed_at),
            )
            for data in (fact.data for fact in facts)
        ],
    )


TICKETS = Subscription(
    topic="ticketing.tickets.v1",
    reactions={"ticketing.ticket.completed.v1": Together(TicketCompleted, on_tickets_completed)},
)
