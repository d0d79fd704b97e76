"""Reads of the register of outlets."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.reads import every, heads
from compliance.outlets.domain import Outlet, OutletStatus, OutletUnknown
from compliance.outlets.tables import outlets

ORDER = (outlets.c.id,)

#: Of the outlets ``outlet_ids``: their heads to lock, and what a decision reads behind the locks (G1).
HEADS = heads(outlets.c.id, "outlet_ids")
OUTLETS = every(Outlet, outlets.c.id, "outlet_ids")


def listed(outlet_ids: Collection[UUID] | None) -> Select[Any]:
    """Those of these outlets, or of all (None), that are not closed."""
    statement = select(Outlet).where(outlets.c.status == OutletStatus.OPEN)
    return statement if outlet_ids is None else statement.where(outlets.c.id.in_(outlet_ids))


async def known(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of the ids are those of outlets, closed ones included."""
    return frozenset(await session.scalars(select(outlets.c.id).where(outlets.c.id.in_(ids))))


async def open_outlet(session: AsyncSession, outlet_id: UUID) -> Outlet:
    """The outlet, if something may be begun there. Raises ``OutletUnknown``, ``OutletIsClosed``."""
    outlet = await session.scalar(select(Outlet).where(outlets.c.id == outlet_id))
    if outlet is None:
        raise OutletUnknown
    outlet.must_be_open()
    return outlet
