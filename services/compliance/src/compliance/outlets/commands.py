"""Use cases of the register of outlets."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.outlets.domain import Outlet, OutletState
from compliance.outlets.tables import outlets


async def take_outlet(session: AsyncSession, outlet_id: UUID, sequence: int, state: OutletState) -> None:
    """Takes staffing's state of an outlet; an older one changes nothing (N4)."""
    (await _locked(session, outlet_id)).take(sequence, state)


async def close_outlet(session: AsyncSession, outlet_id: UUID) -> None:
    """Notes that an outlet is closed for good, also before its opening has been heard of (N4)."""
    (await _locked(session, outlet_id)).close()


async def _locked(session: AsyncSession, outlet_id: UUID) -> Outlet:
    statement = select(Outlet).where(outlets.c.id == outlet_id).with_for_update()
    outlet = await session.scalar(statement, execution_options={"populate_existing": True})
    if outlet is None:
        outlet = Outlet.first_heard(outlet_id)
        session.add(outlet)
    return outlet
