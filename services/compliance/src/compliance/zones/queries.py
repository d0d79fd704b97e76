"""Reads of sales zones."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Found, every, heads, last
from compliance.rulebook.facts import ZoneFacts, ZoneState
from compliance.zones.domain import Inspection, Zone, ZoneOrder
from compliance.zones.tables import zone_inspections, zone_orders, zones

ORDER = (zones.c.id,)
INSPECTION_ORDER = (zone_inspections.c.zone_version,)
ZONE_ORDER_ORDER = (zone_orders.c.zone_version,)

#: Of the zones ``zone_ids``: their heads to lock, and what a decision reads behind the locks (G1).
HEADS = heads(zones.c.id, "zone_ids")
ZONES = every(Zone, zones.c.id, "zone_ids")
LAST_INSPECTIONS = last(
    Inspection, zone_inspections.c.zone_id, "zone_ids", zone_inspections.c.zone_version.desc()
)
READY = (ZONES, LAST_INSPECTIONS)


def ready(found: Found, zone_id: UUID) -> ZoneFacts | None:
    """What the gate may rest on, of what :data:`READY` found; None: there is no such zone."""
    zone = found.one(ZONES, zone_id)
    return None if zone is None else zone.facts(found.one(LAST_INSPECTIONS, zone_id))


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


def active_except(
    others: Select[Any] | None,
    *,
    outlet_ids: Collection[UUID] | None = None,
    inspected_before: datetime | None = None,
) -> Select[Any]:
    """The active zones of these outlets, or of all (None), whose ids are not among ``others``.

    ``inspected_before``: only those that no inspection has passed at that instant or since.
    """
    statement = listed(outlet_ids).where(zones.c.state == ZoneState.ACTIVE)
    if others is not None:
        statement = statement.where(zones.c.id.not_in(others))
    if inspected_before is not None:
        inspection = zone_inspections.c
        later = exists().where(
            inspection.zone_id == zones.c.id, inspection.passed, inspection.inspected_at >= inspected_before
        )
        statement = statement.where(~later)
    return statement


async def zone(session: AsyncSession, zone_id: UUID) -> Zone:
    """One zone. Raises ``ObjectNotFound``."""
    return await load(session, Zone, zone_id)
