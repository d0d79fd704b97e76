"""Use cases of data incidents; the clock of the report runs from the discovery (PRI-07)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.service import Job
from chassis.settings import Settings
from compliance.data_incidents import queries
from compliance.data_incidents.domain import DataIncident, IncidentFlag, StepKind
from compliance.periods.domain import legal_date
from compliance.rulebook.privacy import DataKind
from compliance.rulebook.registers import incident_due, incident_violations

BATCH = 200


async def open_incident(
    session: AsyncSession,
    clock: Clock,
    *,
    reference: str,
    kinds: Collection[DataKind],
    discovered_at: datetime,
    harm_possible: bool,
    by: str,
) -> DataIncident:
    """Opens an incident; where harm is possible the report's clock runs at once.

    Raises ``IncidentInFuture``.
    """
    at = clock.now()
    due = incident_due(discovered_at, legal_date(at)) if harm_possible else None
    incident = DataIncident.open(
        new_id(),
        reference=reference,
        kinds=kinds,
        discovered_at=discovered_at,
        report_due_at=due,
        by=by,
        at=at,
    )
    session.add(incident)
    await session.flush()
    await _flag_if_late(session, incident, at)
    return incident


async def take_step(
    session: AsyncSession,
    clock: Clock,
    incident_id: UUID,
    expected_version: int,
    kind: StepKind,
    *,
    reference: str | None,
    by: str,
) -> DataIncident:
    """Records a step, taken now; a late one flags the incident.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``IncidentClosed``, ``StepTaken``, ``DutiesOpen``.
    """
    incident = await lock(session, DataIncident, incident_id)
    check_version(incident.version, expected_version)
    at = clock.now()
    step = incident.take(
        new_id(),
        kind,
        [taken.kind for taken in await queries.steps(session, incident_id)],
        due_at=incident_due(incident.discovered_at, legal_date(at)),
        reference=reference,
        by=by,
        at=at,
    )
    session.add(step)
    await _flag_if_late(session, incident, at)
    return incident


async def flag_overdue(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """PRI-07: flags incidents whose report is late; says whether there may be more."""
    at = clock.now()
    found = await queries.overdue(session, at, BATCH)
    for incident_id in found:
        await _flag_if_late(session, await lock(session, DataIncident, incident_id), at)
    return len(found) == BATCH


watch = Job(name="data_incidents.watch", seconds=60.0, run=flag_overdue)


async def _flag_if_late(session: AsyncSession, incident: DataIncident, at: datetime) -> None:
    facts = incident.facts(at)
    if facts is None or await queries.flag(session, incident.id) is not None:
        return
    if violations := incident_violations(facts, legal_date(at)):
        session.add(IncidentFlag(incident_id=incident.id, violations=violations, flagged_at=at))
