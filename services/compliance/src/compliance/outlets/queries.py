"""Reads of the register of outlets."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.outlets.domain import Outlet, OutletUnknown
from compliance.outlets.tables import outlets


async def open_outlet(session: AsyncSession, outlet_id: UUID) -> Outlet:
    """The outlet, if something may be begun there. Raises ``OutletUnknown``, ``OutletIsClosed``."""
    outlet = await session.scalar(select(Outlet).where(outlets.c.id == outlet_id))
    if outlet is None:
        raise OutletUnknown
    outlet.must_be_open()
    return outlet
