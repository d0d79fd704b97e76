"""Reads of the register of sales."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.sales.domain import Sale
from feedback.sales.tables import sales


async def find_sale(session: AsyncSession, sale_id: UUID) -> Sale | None:
    """The sale, None while its fact has not arrived (N4)."""
    return await session.scalar(select(Sale).where(sales.c.id == sale_id))


def sale_known(id_: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the sale with this id has arrived (N4)."""
    return exists().where(sales.c.id == id_)
