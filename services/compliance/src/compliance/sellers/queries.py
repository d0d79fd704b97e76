"""Reads of the register of sellers."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.register import register_fresh
from chassis.settings import Settings
from compliance.sellers.domain import Seller
from compliance.sellers.tables import sellers

EMPLOYEES_TOPIC = "staffing.employees.v1"

ORDER = (sellers.c.id,)


def listed(outlet_ids: Collection[UUID] | None) -> Select[Any]:
    """The sellers of these home outlets, or all (None)."""
    statement = select(Seller)
    return statement if outlet_ids is None else statement.where(sellers.c.outlet_id.in_(outlet_ids))


async def seller(session: AsyncSession, seller_id: UUID) -> Seller:
    """One seller. Raises ``ObjectNotFound``."""
    return await load(session, Seller, seller_id)


async def find_seller(session: AsyncSession, seller_id: UUID) -> Seller | None:
    """One seller, None for one we never heard of."""
    return await session.scalar(select(Seller).where(sellers.c.id == seller_id))


async def count_sellers(session: AsyncSession) -> tuple[int, int]:
    """How many sellers are registered, and of how many a fact is missing (N4)."""
    statement = select(
        func.count(),
        func.count().filter((sellers.c.sequence == 0) | (func.jsonb_array_length(sellers.c.waiting) > 0)),
    ).select_from(sellers)
    known, incomplete = (await session.execute(statement)).one()
    return known, incomplete


async def staffing_fresh(session: AsyncSession, now: datetime, settings: Settings) -> bool:
    """S1: whether a decision at ``now`` may rest on this register; otherwise it is REGISTER_STALE."""
    return await register_fresh(session, EMPLOYEES_TOPIC, now, settings)
