"""What we do about facts of tickets: a completed one is evaluated by its visitor."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from feedback.evaluations import commands
from feedback.evaluations.domain import Visit


class Completed(Consumed):
    """A ticket was served to its end."""

    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    service_code: str
    employee_id: UUID
    counter_id: UUID
    completed_at: AwareDatetime
    visitor: str | None


async def on_completed(session: AsyncSession, clock: Clock, fact: Received[Completed]) -> None:
    """Offers the evaluation."""
    await commands.offer_evaluation(session, clock.now(), Visit(**fact.data.model_dump()))


subscription = Subscription(
    topic="ticketing.tickets.v1",
    reactions={"ticketing.ticket.completed.v1": Reaction(Completed, on_completed)},
)
