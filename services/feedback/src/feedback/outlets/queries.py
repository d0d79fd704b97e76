"""Reads of the register of outlets."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.outlets.domain import Outlet
from feedback.outlets.tables import outlets


async def find_outlet(session: AsyncSession, outlet_id: UUID) -> Outlet | None:
    """The outlet as the register has it, None while it is unknown (N4)."""
    return await session.scalar(select(Outlet).where(outlets.c.id == outlet_id))


def outlet_known(id_: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the outlet with this id is known, more than its closing (N4)."""
    return exists().where(outlets.c.id == id_, outlets.c.code.is_not(None))
