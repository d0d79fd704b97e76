"""Reads of evaluations."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.evaluations.domain import Evaluation
from feedback.evaluations.tables import evaluations

ORDER = (evaluations.c.business_date, evaluations.c.id)


async def evaluation_of_ticket(session: AsyncSession, ticket_id: UUID) -> Evaluation | None:
    """The evaluation offered for the ticket, None while the ticket's completion has not arrived (N4)."""
    return await session.scalar(select(Evaluation).where(evaluations.c.ticket_id == ticket_id))


def evaluations_of_outlet(outlet_id: UUID, business_date: date | None) -> Select[Evaluation]:
    """The outlet's evaluations, of one business date or of all, to be ordered by :data:`ORDER`."""
    statement = select(Evaluation).where(evaluations.c.outlet_id == outlet_id)
    return (
        statement if business_date is None else statement.where(evaluations.c.business_date == business_date)
    )
