"""Use cases of sales zones."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, check_version
from chassis.ids import new_id
from compliance.outlets.queries import open_outlet
from compliance.rulebook.facts import ZoneState
from compliance.zones.domain import Checklist, Inspection, Zone, ZoneArea, ZoneOrder, ZoneType
from compliance.zones.tables import zones

#: Who orders what nobody has ordered by hand.
SYSTEM = "system"


class ZoneCodeTaken(Conflict):
    """Codes of zones are unique at their outlet."""

    code = "ZONE_CODE_TAKEN"
    zh = "该网点已有代码为 {taken} 的销售专区;请换一个代码。"
    en = "The outlet has a sales zone with the code {taken} already; choose another."


async def open_zone(
    session: AsyncSession,
    clock: Clock,
    *,
    outlet_id: UUID,
    code: str,
    zone_type: ZoneType,
    type_reason: str | None,
    area: ZoneArea,
    by: str,
) -> Zone:
    """Prepares a sales zone.

    Raises ``OutletUnknown``, ``OutletIsClosed``, :class:`ZoneCodeTaken`, ``ZoneTypeReasonMissing`` (ZON-02).
    """
    await open_outlet(session, outlet_id)
    taken = select(zones.c.id).where(zones.c.outlet_id == outlet_id, zones.c.code == code)
    if await session.scalar(taken) is not None:
        raise ZoneCodeTaken(taken=code, pointer="/code")
    zone = Zone.open(
        new_id(),
        outlet_id=outlet_id,
        code=code,
        zone_type=zone_type,
        type_reason=type_reason,
        area=area,
        by=by,
        at=clock.now(),
    )
    session.add(zone)
    return zone


async def inspect_zone(
    session: AsyncSession,
    clock: Clock,
    zone_id: UUID,
    expected_version: int,
    checklist: Checklist,
    *,
    by: str,
) -> tuple[Zone, Inspection]:
    """Records an inspection and what follows from it (ZON-03).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ZoneIsClosed``, ``AreaSellsNothing`` (M040).
    """
    zone = await _to_change(session, zone_id, expected_version)
    inspection = zone.inspect(new_id(), checklist, by=by, at=clock.now())
    session.add(inspection)
    return zone, inspection


async def suspend_zone(
    session: AsyncSession, clock: Clock, zone_id: UUID, expected_version: int, *, reason: str, by: str
) -> tuple[Zone, ZoneOrder]:
    """Stops selling in the zone.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ZoneIsClosed``, ``ZoneNotActive``.
    """
    zone = await _to_change(session, zone_id, expected_version)
    order = zone.suspend(new_id(), reason=reason, by=by, at=clock.now())
    session.add(order)
    return zone, order


async def suspend_by_itself(
    session: AsyncSession, clock: Clock, zone_id: UUID, *, reason: str
) -> ZoneOrder | None:
    """Suspends a zone in the system's own name; None where it is not active any more."""
    zone = await lock(session, Zone, zone_id)
    if zone.state is not ZoneState.ACTIVE:
        return None
    order = zone.suspend(new_id(), reason=reason, by=SYSTEM, at=clock.now())
    session.add(order)
    return order


async def close_zone(
    session: AsyncSession, clock: Clock, zone_id: UUID, expected_version: int, *, reason: str, by: str
) -> tuple[Zone, ZoneOrder]:
    """Closes the zone for good. Raises ``ObjectNotFound``, ``StaleVersion``, ``ZoneIsClosed``."""
    zone = await _to_change(session, zone_id, expected_version)
    order = zone.close(new_id(), reason=reason, by=by, at=clock.now())
    session.add(order)
    return zone, order


async def _to_change(session: AsyncSession, zone_id: UUID, expected_version: int) -> Zone:
    zone = await lock(session, Zone, zone_id)
    check_version(zone.version, expected_version)
    return zone
