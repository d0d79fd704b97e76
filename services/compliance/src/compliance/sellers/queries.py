"""Reads of the register of sellers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Found, Read, Reads, among, complete, every, heads
from chassis.register import register_fresh
from chassis.settings import Settings
from compliance.sellers.domain import Alert, Seller
from compliance.sellers.preparation import BadRecord, Learnt
from compliance.sellers.tables import (
    seller_alert_clearances,
    seller_alerts,
    seller_bad_records,
    seller_lessons,
    sellers,
)

EMPLOYEES_TOPIC = "staffing.employees.v1"

ORDER = (sellers.c.id,)

_cleared = exists().where(seller_alert_clearances.c.alert_id == seller_alerts.c.id)

#: Of the sellers ``seller_ids``: their heads to lock, and what a decision reads behind the locks (G1).
HEADS = heads(sellers.c.id, "seller_ids")
SELLERS = every(Seller, sellers.c.id, "seller_ids")
LESSONS = every(Learnt, seller_lessons.c.seller_id, "seller_ids", seller_lessons.c.sequence)
BAD_RECORDS = every(BadRecord, seller_bad_records.c.seller_id, "seller_ids", seller_bad_records.c.incident_id)
#: SAL-02: those that nobody has cleared.
ALERTS = Read(
    Alert,
    select(seller_alerts)
    .where(among(seller_alerts.c.seller_id, "seller_ids"), ~_cleared)
    .order_by(seller_alerts.c.id),
    by="seller_id",
)
STANDING = (SELLERS, LESSONS, BAD_RECORDS, ALERTS)

_ALERTS = Reads(ALERTS)


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


def standing(found: Found, seller_id: UUID) -> Seller | None:
    """The seller with all that he has learnt and what stands against him, of what :data:`STANDING` found."""
    seller = found.one(SELLERS, seller_id)
    if seller is not None:
        learnt, bad_records = found.of(LESSONS, seller_id), found.of(BAD_RECORDS, seller_id)
        complete(seller, learnt=learnt, bad_records=bad_records)
    return seller


async def open_alerts(session: AsyncSession, seller_id: UUID) -> Sequence[Alert]:
    """SAL-02: the alerts about a seller that nobody has cleared. To decide on them, lock his head (G1)."""
    return (await _ALERTS.read(session, seller_ids=[seller_id])).of(ALERTS, seller_id)


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
