"""Reads of recorders, and of zones that cannot record."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, bindparam, column, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Instant, load
from chassis.reads import Found, Read, among, every
from compliance.devices.domain import Recorder, RecorderRun
from compliance.devices.tables import recorder_runs, recorders
from compliance.rulebook.facts import RecorderFacts
from compliance.rulebook.recorder_rules import RecorderLimits
from compliance.zones import queries as zones

ORDER = (recorders.c.id,)
RUN_ORDER = (recorder_runs.c.began_at, recorder_runs.c.id)

#: The recorders of the zones ``zone_ids``, retired ones included.
RECORDERS = every(Recorder, recorders.c.zone_id, "zone_ids", *ORDER)
_moments = (
    func.unnest(bindparam("recorded_at", type_=ARRAY(Instant)))
    .table_valued(column("moment", Instant), name="moments")
    .render_derived()
)
_last = (
    select(recorder_runs)
    .where(recorder_runs.c.recorder_id == recorders.c.id, recorder_runs.c.began_at <= _moments.c.moment)
    .order_by(recorder_runs.c.began_at.desc(), recorder_runs.c.id.desc())
    .limit(1)
    .lateral()
)
#: Of each recorder the runs that began last, before or at each instant of ``recorded_at``. What is past does
#: not change (see :mod:`compliance.devices.domain`), so nothing is locked for it.
RUNS = Read(
    RecorderRun,
    select(_last)
    .select_from(recorders)
    .join(_moments, true())
    .join(_last, true())
    .where(among(recorders.c.zone_id, "zone_ids")),
    by="recorder_id",
)
RECORDED_BY = (RECORDERS, RUNS)


def of_zone(zone_id: UUID) -> Select[Any]:
    """The recorders of a zone, retired ones included."""
    return select(Recorder).where(recorders.c.zone_id == zone_id)


def runs(recorder_id: UUID) -> Select[Any]:
    """The runs of a recorder's heartbeats."""
    return select(RecorderRun).where(recorder_runs.c.recorder_id == recorder_id)


async def recorder(session: AsyncSession, recorder_id: UUID) -> Recorder:
    """One recorder. Raises ``ObjectNotFound``."""
    return await load(session, Recorder, recorder_id)


async def last_run(session: AsyncSession, recorder_id: UUID) -> RecorderRun | None:
    """The run that began last; None before the first heartbeat."""
    statement = (
        runs(recorder_id).order_by(recorder_runs.c.began_at.desc(), recorder_runs.c.id.desc()).limit(1)
    )
    found: RecorderRun | None = await session.scalar(statement)
    return found


def recorded_by(found: Found, zone_id: UUID, at: datetime) -> tuple[RecorderFacts, ...]:
    """ZON-06: the zone's recorders in use at ``at``, each with its run, of what :data:`RECORDED_BY` found.

    ``at`` is one of the instants that were asked for.
    """
    return tuple(one.facts(_run(found, one.id, at)) for one in found.of(RECORDERS, zone_id) if one.in_use(at))


def _run(found: Found, recorder_id: UUID, at: datetime) -> RecorderRun | None:
    begun = [run for run in found.of(RUNS, recorder_id) if run.began_at <= at]
    return max(begun, key=lambda run: (run.began_at, run.id), default=None)


def recorded_zones(at: datetime, silence_max: timedelta, limits: RecorderLimits) -> Select[Any]:
    """The ids of zones one of whose recorders, in use at ``at``, was heard of in time with a good clock."""
    return (
        select(recorders.c.zone_id)
        .join(recorder_runs, recorder_runs.c.recorder_id == recorders.c.id)
        .where(
            recorders.c.retired_at.is_(None),
            recorder_runs.c.heard_at >= at - silence_max,
            func.abs(recorder_runs.c.offset_ms) <= limits.clock_offset_max_ms,
        )
    )


def unrecorded(outlet_ids: Collection[UUID] | None, at: datetime, limits: RecorderLimits) -> Select[Any]:
    """The active zones of these outlets, or of all (None), without a working recorder at ``at``."""
    return zones.active_except(recorded_zones(at, limits.heartbeat_max_age, limits), outlet_ids=outlet_ids)


def silent(at: datetime, limits: RecorderLimits) -> Select[Any]:
    """The active zones in which nothing has worked for so long that they are suspended (ZON-06).

    An inspection that passed begins the time anew.
    """
    silence = timedelta(seconds=limits.suspend_after_seconds)
    return zones.active_except(recorded_zones(at, silence, limits), inspected_before=at - silence)


async def recorded_of_outlet(
    session: AsyncSession, outlet_id: UUID, at: datetime, limits: RecorderLimits
) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    """ZON-10: the outlet's active zones, and those of them with a working recorder; ids in order."""
    active = await session.scalars(zones.active_except(None, outlet_ids={outlet_id}))
    lacking = {zone.id for zone in await session.scalars(unrecorded({outlet_id}, at, limits))}
    ids = tuple(sorted(zone.id for zone in active))
    return ids, tuple(zone_id for zone_id in ids if zone_id not in lacking)
