"""Reads of evaluations."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from feedback.evaluations.domain import Evaluation
from feedback.evaluations.tables import evaluations

ORDER = (evaluations.c.business_date, evaluations.c.id)


async def evaluation_of_ticket(session: AsyncSession, ticket_id: UUID) -> Evaluation | None:
    """The evaluation offered for the ticket, None while the ticket's completion has not arrived (N4)."""
    return await session.scalar(select(Evaluation).where(evaluations.c.ticket_id == ticket_id))


async def whose(session: AsyncSession, evaluation_id: UUID) -> tuple[UUID, str | None]:
    """Outlet and visitor of an evaluation, which never change; no row is kept for the lock that may follow.

    Raises ``ObjectNotFound``.
    """
    statement = select(evaluations.c.outlet_id, evaluations.c.visitor).where(
        evaluations.c.id == evaluation_id
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise ObjectNotFound
    return found.outlet_id, found.visitor


def evaluations_of_outlet(outlet_id: UUID, business_date: date | None) -> Select[Evaluation]:
    """The outlet's evaluations, of one business date or of all, to be ordered by :data:`ORDER`."""
    statement = select(Evaluation).where(evaluations.c.outlet_id == outlet_id)
    return (
        statement if business_date is None else statement.where(evaluations.c.business_date == business_date)
    )
