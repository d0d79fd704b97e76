"""Suspends, by itself, active zones in which no recorder has worked for too long (ZON-06)."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.service import Job
from chassis.settings import Settings
from compliance.devices.queries import silent
from compliance.periods.domain import legal_date
from compliance.rulebook.recorders import recorder_limits
from compliance.zones.commands import suspend_by_itself

log = structlog.get_logger()

ZONES_MAX = 50
REASON = "录音录像设备失联已超过 {seconds} 秒,系统自动暂停 / no recorder has worked for {seconds} s"


async def suspend_silent(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """Suspends the next zones; says whether there may be more."""
    now = clock.now()
    limits = recorder_limits(legal_date(now))
    found = list(await session.scalars(silent(now, limits).limit(ZONES_MAX)))
    reason = REASON.format(seconds=limits.suspend_after_seconds)
    for zone in found:
        if await suspend_by_itself(session, clock, zone.id, reason=reason) is not None:
            log.warning("zone suspended: no recorder", zone_id=str(zone.id), outlet_id=str(zone.outlet_id))
    return len(found) == ZONES_MAX


patrol = Job(name="suspend_silent_zones", seconds=60, run=suspend_silent)
