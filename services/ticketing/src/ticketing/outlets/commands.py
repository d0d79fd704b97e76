"""Use cases of the register of outlets."""

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import BANK_ZONE
from chassis.errors import Invalid
from ticketing.outlets.domain import FALLBACK_CUTOVER_HOUR, Hours, Outlet, OutletStatus

ZONE_IS_KNOWN = text("SELECT CAST('2000-01-01 00:00:00+00' AS timestamptz) AT TIME ZONE :zone")


class ZoneUnknown(Invalid):
    """Business dates are reckoned in the database, so it must know the zone too."""

    code = "ZONE_UNKNOWN"
    zh = "数据库不认识时区 {zone};请更新数据库的时区数据。"
    en = "The database does not know the zone {zone}; update its time zone data."


async def keep(
    session: AsyncSession,
    outlet_id: UUID,
    version: int,
    *,
    code: str,
    timezone: str,
    cutover_hour: int,
    week: tuple[Hours | None, ...],
    exceptions: dict[date, Hours | None],
) -> None:
    """Keeps what staffing says of an outlet, unless something newer is known. Raises :class:`ZoneUnknown`."""
    await _check_zone(session, timezone)
    outlet = await session.get(Outlet, outlet_id, with_for_update=True, populate_existing=True)
    if outlet is None:
        session.add(Outlet(outlet_id, version, code, timezone, cutover_hour, week, exceptions))
        return
    if version <= outlet.version:
        return
    outlet.version, outlet.code = version, code
    outlet.timezone, outlet.cutover_hour = timezone, cutover_hour
    outlet.week, outlet.exceptions = week, exceptions


async def keep_closed(session: AsyncSession, outlet_id: UUID, version: int) -> None:
    """Keeps that an outlet is closed for good, also of one that we have never heard of (N4)."""
    outlet = await session.get(Outlet, outlet_id, with_for_update=True, populate_existing=True)
    if outlet is None:
        outlet = Outlet(outlet_id, version, None, BANK_ZONE.key, FALLBACK_CUTOVER_HOUR, ())
        session.add(outlet)
    outlet.status = OutletStatus.CLOSED
    outlet.version = max(outlet.version, version)


async def _check_zone(session: AsyncSession, zone: str) -> None:
    if zone == BANK_ZONE.key:
        return
    try:
        async with session.begin_nested():
            await session.execute(ZONE_IS_KNOWN, {"zone": zone})
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise ZoneUnknown(zone=zone) from error
