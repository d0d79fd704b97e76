"""Routes of data incidents (PRI-07)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from compliance.data_incidents import commands, queries
from compliance.data_incidents.domain import DataIncident, StepKind
from compliance.rulebook.privacy import DataKind

router = routes("/v1/data_incidents", "data_incidents")

Reference = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9._:/-]+$")]


class NewDataIncident(Input):
    """What was discovered and when; ``reference`` names its file, ``harm_possible`` starts the clock."""

    reference: Reference
    kinds: Annotated[list[DataKind], Field(min_length=1, max_length=len(DataKind))]
    discovered_at: datetime
    harm_possible: bool


class IncidentStepBody(Input):
    """What was done just now; ``reference`` names the report or the letter."""

    kind: StepKind
    reference: Reference | None = None


class IncidentStepView(Output):
    """One step."""

    id: UUID
    kind: StepKind
    reference: str | None
    recorded_by: str
    recorded_at: datetime


class IncidentRuleView(Output):
    """The rule by which the report is late."""

    rule: str
    code: str
    citation: str
    messages: dict[str, str]


class DataIncidentEntry(Output):
    """An incident in a list; ``report_due_at`` null: no harm is possible, nothing is due."""

    id: UUID
    version: int
    reference: str
    kinds: list[DataKind]
    discovered_at: datetime
    report_due_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None


class DataIncidentView(DataIncidentEntry):
    """An incident with its steps; ``violations`` of the flag, empty while the report is not late."""

    steps: list[IncidentStepView]
    flagged_at: datetime | None
    violations: list[IncidentRuleView]

    @classmethod
    async def of(cls, session: AsyncSession, incident: DataIncident) -> "DataIncidentView":
        """The view of an incident."""
        flag = await queries.flag(session, incident.id)
        steps = await queries.steps(session, incident.id)
        return cls(
            **DataIncidentEntry.model_validate(incident).model_dump(),
            steps=[IncidentStepView.model_validate(step) for step in steps],
            flagged_at=None if flag is None else flag.flagged_at,
            violations=[
                IncidentRuleView.model_validate(one) for one in (() if flag is None else flag.violations)
            ],
        )


@router.post("", status_code=201)
@action("data_incident.open")
async def open_data_incident(
    body: NewDataIncident, session: Session, clock: Now, caller: Caller, response: Response
) -> DataIncidentView:
    """Open an incident; where harm is possible, the clock of the report to the authority runs."""
    incident = await commands.open_incident(
        session,
        clock,
        reference=body.reference,
        kinds=body.kinds,
        discovered_at=body.discovered_at,
        harm_possible=body.harm_possible,
        by=caller.subject,
    )
    respond(response, version=incident.version, location=f"/v1/data_incidents/{incident.id}")
    return await DataIncidentView.of(session, incident)


@router.get("")
@action("data_incident.read")
async def list_data_incidents(
    session: ReadSession,
    page: PageQuery,
    late: Annotated[bool, Query(description="only those whose report is or was late")] = False,
) -> Page[DataIncidentEntry]:
    """List incidents, oldest first."""
    rows, cursor = await paginate(session, queries.incidents(late=late), page, order=queries.ORDER)
    return Page(items=[DataIncidentEntry.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{data_incident_id}")
@action("data_incident.read")
async def read_data_incident(
    data_incident_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> DataIncidentView:
    """Read an incident: its steps, when the report is due, whether it is late."""
    incident = await queries.incident(session, data_incident_id)
    guard(outlet_id=None)
    respond(response, version=incident.version)
    return await DataIncidentView.of(session, incident)


@router.post("/{data_incident_id}/steps")
@action("data_incident.act")
async def take_data_incident_step(
    data_incident_id: UUID,
    body: IncidentStepBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> DataIncidentView:
    """Record what was done about an incident just now: nobody dates it back."""
    guard(outlet_id=None)
    incident = await commands.take_step(
        session,
        clock,
        data_incident_id,
        if_match,
        body.kind,
        reference=body.reference,
        by=caller.subject,
    )
    respond(response, version=incident.version)
    return await DataIncidentView.of(session, incident)
