"""Reads of incidents."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.conduct.domain import Incident, IncidentState, IncidentStep, Reporter, StepKind
from compliance.conduct.tables import incident_steps, incidents

ORDER = (incidents.c.id,)
STEP_ORDER = (incident_steps.c.incident_version,)


def listed(
    outlet_ids: Collection[UUID] | None, *, state: IncidentState | None, seller_id: UUID | None
) -> Select[Any]:
    """Incidents of these outlets (None: all, those of no outlet too), in one state, about one seller."""
    statement = select(Incident)
    if outlet_ids is not None:
        statement = statement.where(incidents.c.outlet_id.in_(outlet_ids))
    if state is not None:
        statement = statement.where(incidents.c.state == state)
    return statement if seller_id is None else statement.where(incidents.c.seller_id == seller_id)


def steps(incident_id: UUID) -> Select[Any]:
    """The steps of an incident."""
    return select(IncidentStep).where(incident_steps.c.incident_id == incident_id)


async def incident(session: AsyncSession, incident_id: UUID) -> Incident:
    """One incident. Raises ``ObjectNotFound``."""
    return await load(session, Incident, incident_id)


async def reporter(session: AsyncSession, incident_id: UUID) -> Reporter:
    """SAL-04: who reported it. Raises ``ObjectNotFound`` for what a screening found."""
    return await load(session, Reporter, incident_id)


async def authority_knows(session: AsyncSession, incident_id: UUID) -> bool:
    """M136: whether a report to an authority is on record."""
    told = steps(incident_id).where(incident_steps.c.kind == StepKind.AUTHORITY_TOLD)
    return await session.scalar(select(told.exists())) is True


async def has_finding(session: AsyncSession, finding: str) -> bool:
    """Whether a screening has opened an incident for this finding."""
    return await session.scalar(select(incidents.c.id).where(incidents.c.finding == finding)) is not None
