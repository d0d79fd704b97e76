"""Routes of relaxations: a compliance officer approves them, everybody sees what holds (M063)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

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
from compliance.relaxations import commands, queries
from compliance.relaxations.domain import Profile, Relaxation

router = routes("/v1/relaxations", "relaxations")

RuleId = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,63}$")]


class NewRelaxation(Input):
    """Which of the bank's own rules is relaxed for which profile, why, and through which day."""

    profile: Profile
    rule: RuleId
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    expires_on: date


class RelaxationView(Output):
    """A relaxation; both days included, ``revoked_at`` null: nobody has ended it before."""

    id: UUID
    version: int
    profile: Profile
    rule: str
    reason: str
    approved_by: str
    approved_at: datetime
    effective_from: date
    expires_on: date
    revoked_at: datetime | None

    @classmethod
    def of(cls, relaxation: Relaxation) -> "RelaxationView":
        """The view of a relaxation."""
        return cls.model_validate(relaxation)


@router.post("", status_code=201)
@action("relaxation.approve")
async def approve_relaxation(
    body: NewRelaxation, session: Session, clock: Now, caller: Caller, response: Response
) -> RelaxationView:
    """Relax one of the bank's own rules for a profile; what the law asks is never relaxed."""
    relaxation = await commands.approve_relaxation(
        session,
        clock,
        profile=body.profile,
        rule=body.rule,
        reason=body.reason,
        expires_on=body.expires_on,
        by=caller.subject,
    )
    respond(response, version=relaxation.version, location=f"/v1/relaxations/{relaxation.id}")
    return RelaxationView.of(relaxation)


@router.get("")
@action("relaxation.list")
async def list_relaxations(
    session: ReadSession,
    page: PageQuery,
    on: date | None = None,
    profile: Profile | None = None,
    rule: str | None = None,
) -> Page[RelaxationView]:
    """List the relaxations that hold on a legal day, or all there ever were."""
    statement = queries.listed(on=on, profile=profile, rule=rule)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[RelaxationView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{relaxation_id}")
@action("relaxation.read")
async def read_relaxation(
    relaxation_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> RelaxationView:
    """Read a relaxation."""
    guard(outlet_id=None)
    relaxation = await queries.relaxation(session, relaxation_id)
    respond(response, version=relaxation.version)
    return RelaxationView.of(relaxation)


@router.post("/{relaxation_id}/revocation")
@action("relaxation.revoke")
async def revoke_relaxation(
    relaxation_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> RelaxationView:
    """End a relaxation at once."""
    guard(outlet_id=None)
    relaxation = await commands.revoke_relaxation(session, clock, relaxation_id, if_match)
    respond(response, version=relaxation.version)
    return RelaxationView.of(relaxation)
