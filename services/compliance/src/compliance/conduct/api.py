"""Routes of conduct: anybody reports, compliance looks into it, nobody else sees it (SAL-02, SAL-04)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal, action
from chassis.errors import ObjectNotFound
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
from compliance.access import outlets_of
from compliance.conduct import commands, queries
from compliance.conduct.domain import (
    Incident,
    IncidentKind,
    IncidentState,
    Pointer,
    StepKind,
    SubjectKind,
    Suspicion,
)

router = routes("/v1/incidents", "conduct")

Reason = Annotated[str, Field(min_length=1, max_length=500)]


class PointerBody(Input):
    """An object that the report is about, by its id."""

    kind: SubjectKind
    id: UUID


class NewIncident(Input):
    """What somebody did. ``product_named``: code or name of what was offered, for an off-book sale (SAL-02).

    ``outlet_id`` null: the seller's home outlet.
    """

    kind: IncidentKind
    seller_id: UUID | None = None
    outlet_id: UUID | None = None
    product_named: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    about: Annotated[list[PointerBody], Field(max_length=20)] = []
    account: Annotated[str, Field(min_length=1, max_length=4000)]


class StepBody(Input):
    """What is done, and why. AUTHORITY_TOLD: to whom and under which number, before a closure (M136)."""

    kind: StepKind
    reason: Reason


class IncidentReceipt(Output):
    """A report was taken; what becomes of it is not for the reporter to see."""

    id: UUID
    received_at: datetime


class PointerView(Output):
    """An object that the incident is about."""

    kind: SubjectKind
    id: UUID


class IncidentView(Output):
    """An incident, without its reporter. ``finding``: what a screening found, null for a report."""

    id: UUID
    version: int
    kind: IncidentKind
    state: IncidentState
    seller_id: UUID | None
    outlet_id: UUID | None
    product_named: str | None
    about: list[PointerView]
    account: str | None
    finding: str | None
    opened_at: datetime

    @classmethod
    def of(cls, incident: Incident) -> "IncidentView":
        """The view of an incident."""
        return cls.model_validate(incident)


class IncidentStepView(Output):
    """One step: what was done, why, by whom and when."""

    id: UUID
    incident_version: int
    kind: StepKind
    reason: str
    taken_by: str
    taken_at: datetime


class ReporterView(Output):
    """Who reported: the subject of a token."""

    incident_id: UUID
    subject: str


@router.post("", status_code=201)
@action("incident.report")
async def report_incident(
    body: NewIncident, session: Session, clock: Now, caller: Caller, response: Response
) -> IncidentReceipt:
    """Report conduct, in confidence. An off-book sale or illegal fund-raising stops the seller at once."""
    suspicion = Suspicion(
        kind=body.kind,
        seller_id=body.seller_id,
        outlet_id=body.outlet_id,
        product_named=body.product_named,
        about=tuple(Pointer(kind=item.kind, id=item.id) for item in body.about),
        account=body.account,
    )
    incident = await commands.report(session, clock, suspicion, by=caller.subject)
    respond(response, version=incident.version, location=f"/v1/incidents/{incident.id}")
    return IncidentReceipt(id=incident.id, received_at=incident.opened_at)


@router.get("")
@action("incident.list")
async def list_incidents(
    session: ReadSession,
    caller: Caller,
    page: PageQuery,
    state: IncidentState | None = None,
    seller_id: Annotated[UUID | None, Query()] = None,
) -> Page[IncidentView]:
    """List incidents, oldest first."""
    statement = queries.listed(outlets_of(caller), state=state, seller_id=seller_id)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[IncidentView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{incident_id}")
@action("incident.read")
async def read_incident(
    incident_id: UUID, session: ReadSession, guard: Guard, caller: Caller, response: Response
) -> IncidentView:
    """Read an incident."""
    incident = await _guarded(session, guard, caller, incident_id)
    respond(response, version=incident.version)
    return IncidentView.of(incident)


@router.get("/{incident_id}/steps")
@action("incident.read")
async def list_incident_steps(
    incident_id: UUID, session: ReadSession, guard: Guard, caller: Caller, page: PageQuery
) -> Page[IncidentStepView]:
    """List what was done about an incident, oldest first."""
    await _guarded(session, guard, caller, incident_id)
    rows, cursor = await paginate(session, queries.steps(incident_id), page, order=queries.STEP_ORDER)
    return Page(items=[IncidentStepView.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{incident_id}/reporter")
@action("incident.unmask")
async def read_incident_reporter(
    incident_id: UUID, session: ReadSession, guard: Guard, caller: Caller
) -> ReporterView:
    """Who reported an incident: for the officer who looks into it alone (SAL-04)."""
    await _guarded(session, guard, caller, incident_id)
    return ReporterView.model_validate(await queries.reporter(session, incident_id))


@router.post("/{incident_id}/steps")
@action("incident.decide")
async def take_incident_step(
    incident_id: UUID,
    body: StepBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> IncidentView:
    """Take an incident one step further; a dismissal gives back the right to sell that rested with it."""
    await _guarded(session, guard, caller, incident_id)
    incident = await commands.take_step(
        session, clock, incident_id, if_match, body.kind, reason=body.reason, by=caller.subject
    )
    respond(response, version=incident.version)
    return IncidentView.of(incident)


async def _guarded(session: AsyncSession, guard: Guard, caller: Principal, incident_id: UUID) -> Incident:
    """The incident; one of no outlet is for those who see every outlet, as in the list."""
    incident = await queries.incident(session, incident_id)
    if incident.outlet_id is None and outlets_of(caller) is not None:
        raise ObjectNotFound
    guard(outlet_id=incident.outlet_id)
    return incident
