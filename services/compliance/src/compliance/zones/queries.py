"""Reads of sales zones."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.zones.domain import Inspection, Zone, ZoneOrder
from compliance.zones.tables import zone_inspections, zone_orders, zones

ORDER = (zones.c.id,)
INSPECTION_ORDER = (zone_inspections.c.zone_version,)
ZONE_ORDER_ORDER = (zone_orders.c.zone_version,)


def listed(outlet_ids: Collection[UUID] | None) -> Select[Any]:
    """The zones of these outlets, or all (None)."""
    statement = select(Zone)
    return statement if outlet_ids is None else statement.where(zones.c.outlet_id.in_(outlet_ids))


def inspections(zone_id: UUID) -> Select[Any]:
    """The inspections of a zone."""
    return select(Inspection).where(zone_inspections.c.zone_id == zone_id)


def orders(zone_id: UUID) -> Select[Any]:
    """The suspensions of a zone, and its closure."""
    return select(ZoneOrder).where(zone_orders.c.zone_id == zone_id)


async def zone(session: AsyncSession, zone_id: UUID) -> Zone:
    """One zone. Raises ``ObjectNotFound``."""
    return await load(session, Zone, zone_id)


async def last_inspection(session: AsyncSession, zone_id: UUID) -> Inspection | None:
    """The zone's last inspection; None before the first."""
    newest = inspections(zone_id).order_by(zone_inspections.c.zone_version.desc()).limit(1)
    found: Inspection | None = await session.scalar(newest)
    return found
