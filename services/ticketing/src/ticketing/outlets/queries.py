"""Reads of the register of outlets."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ticketing.outlets.domain import Outlet
from ticketing.outlets.tables import outlets


async def known(session: AsyncSession, outlet_id: UUID) -> Outlet | None:
    """The outlet, None where staffing has not told us about it (N4)."""
    found: Outlet | None = await session.scalar(select(Outlet).where(outlets.c.id == outlet_id))
    return found
