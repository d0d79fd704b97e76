"""Reads of permits."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.errors import ObjectNotFound
from compliance.permits.domain import Permit, PermitEnding
from compliance.permits.tables import permit_endings, permits


async def permit(session: AsyncSession, permit_id: UUID) -> Permit:
    """One permit. Raises ``ObjectNotFound``."""
    return await load(session, Permit, permit_id)


async def permit_of_sale(session: AsyncSession, sale_id: UUID) -> Permit | None:
    """The permit of a sale; None for one that was logged before there were permits."""
    return await session.scalar(select(Permit).where(permits.c.sale_id == sale_id))


async def must_permit_of_sale(session: AsyncSession, sale_id: UUID) -> Permit:
    """The permit of a sale. Raises ``ObjectNotFound``."""
    found = await permit_of_sale(session, sale_id)
    if found is None:
        raise ObjectNotFound
    return found


async def ending(session: AsyncSession, permit_id: UUID) -> PermitEnding | None:
    """How a permit ended; None: it has not."""
    return await session.get(PermitEnding, permit_id, populate_existing=True)


async def ordered_on(session: AsyncSession, order_id: str) -> UUID | None:
    """The permit on which an order was taken."""
    statement = select(permit_endings.c.permit_id).where(permit_endings.c.order_id == order_id)
    found: UUID | None = await session.scalar(statement)
    return found
