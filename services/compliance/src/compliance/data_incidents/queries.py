"""Reads of data incidents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.data_incidents.domain import DataIncident, IncidentFlag, IncidentStep
from compliance.data_incidents.tables import data_incident_flags, data_incident_steps, data_incidents

ORDER = (data_incidents.c.id,)


def incidents(*, late: bool) -> Select[Any]:
    """All incidents, or those whose report was flagged as late."""
    statement = select(DataIncident)
    if late:
        statement = statement.where(exists().where(data_incident_flags.c.incident_id == data_incidents.c.id))
    return statement


async def incident(session: AsyncSession, incident_id: UUID) -> DataIncident:
    """One incident. Raises ``ObjectNotFound``."""
    return await load(session, DataIncident, incident_id)


async def steps(session: AsyncSession, incident_id: UUID) -> Sequence[IncidentStep]:
    """The steps of an incident, oldest first."""
    statement = select(IncidentStep).where(data_incident_steps.c.incident_id == incident_id)
    return (await session.scalars(statement.order_by(data_incident_steps.c.incident_version))).all()


async def flag(session: AsyncSession, incident_id: UUID) -> IncidentFlag | None:
    """The flag of an incident whose report is or was late."""
    return await session.get(IncidentFlag, incident_id)


async def overdue(session: AsyncSession, at: datetime, limit: int) -> Sequence[UUID]:
    """Incidents whose report was due before ``at`` or was made late, and that nobody has flagged."""
    incident = data_incidents.c
    statement = select(incident.id).where(
        incident.report_due_at < func.coalesce(incident.reported_at, at),
        ~exists().where(data_incident_flags.c.incident_id == incident.id),
    )
    return (await session.scalars(statement.order_by(incident.report_due_at).limit(limit))).all()
