"""Reads of the register of sellers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.register import register_fresh
from chassis.settings import Settings
from compliance.sellers.domain import Alert, Seller
from compliance.sellers.tables import seller_alert_clearances, seller_alerts, sellers

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


async def known(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of the ids are those of sellers."""
    return frozenset(await session.scalars(select(sellers.c.id).where(sellers.c.id.in_(ids))))


async def open_alerts(session: AsyncSession, seller_id: UUID) -> Sequence[Alert]:
    """SAL-02: the alerts about a seller that nobody has cleared. To decide on them, lock his head (G1)."""
    cleared = select(seller_alert_clearances.c.alert_id)
    statement = (
        select(Alert)
        .where(seller_alerts.c.seller_id == seller_id, seller_alerts.c.id.not_in(cleared))
        .order_by(seller_alerts.c.id)
    )
    return (await session.scalars(statement)).all()


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
