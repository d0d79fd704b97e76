"""Reads of tickets."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ticketing.tickets.domain import IN_HAND, Ticket, TicketState
from ticketing.tickets.tables import number_series, tickets


async def waiting_by_queue(
    session: AsyncSession, queue_ids: Collection[UUID], business_date: date
) -> dict[UUID, int]:
    """How many people wait in each of the queues on a business date; queues without any are left out."""
    rows = await session.execute(
        select(tickets.c.queue_id, func.count().label("waiting"))
        .where(
            tickets.c.queue_id.in_(queue_ids),
            tickets.c.business_date == business_date,
            tickets.c.state == TicketState.WAITING,
        )
        .group_by(tickets.c.queue_id)
    )
    return {row.queue_id: row.waiting for row in rows}


async def people_ahead(session: AsyncSession, ticket: Ticket) -> int:
    """How many wait in the ticket's queue before it; 0 for a ticket that does not wait."""
    if ticket.state is not TicketState.WAITING:
        return 0
    found = await session.scalar(
        select(func.count())
        .select_from(tickets)
        .where(
            tickets.c.queue_id == ticket.queue_id,
            tickets.c.business_date == ticket.business_date,
            tickets.c.state == TicketState.WAITING,
            tickets.c.serial < ticket.serial,
        )
    )
    return found or 0


async def in_hand(session: AsyncSession, counter_id: UUID) -> Ticket | None:
    """The ticket that the counter has called or serves."""
    found: Ticket | None = await session.scalar(
        select(Ticket).where(tickets.c.counter_id == counter_id, tickets.c.state.in_(IN_HAND))
    )
    return found


async def day_is_closed(session: AsyncSession, queue_ids: Collection[UUID], business_date: date) -> bool:
    """Whether one of the queues gives out no more numbers on a business date."""
    found = await session.scalar(
        select(func.count())
        .select_from(number_series)
        .where(
            number_series.c.queue_id.in_(queue_ids),
            number_series.c.business_date == business_date,
            number_series.c.closed,
        )
    )
    return bool(found)
