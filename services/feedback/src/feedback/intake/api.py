"""Routes of intake owners."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.auth import action
from chassis.http.routing import (
    Caller,
    Guard,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    routes,
)
from feedback.intake import commands, queries

router = routes("/v1/intake_assignments", "intake")


class NewAssignment(Input):
    """Who owns from now on what customers file about an outlet; ``outlet_id`` null: about all others."""

    outlet_id: UUID | None
    subject: Annotated[str, Field(min_length=1, max_length=512)]


class AssignmentView(Output):
    """An assignment; the newest one of its outlet holds."""

    id: UUID
    outlet_id: UUID | None
    subject: str
    assigned_by: str
    assigned_at: datetime


@router.post("", status_code=201)
@action("intake.assign")
async def assign_intake_owner(
    body: NewAssignment, session: Session, clock: Now, guard: Guard, caller: Caller
) -> AssignmentView:
    """Assign an intake owner."""
    guard(outlet_id=body.outlet_id)
    assignment = await commands.assign(
        session, clock.now(), body.outlet_id, subject=body.subject, assigned_by=caller.subject
    )
    return AssignmentView.model_validate(assignment)


@router.get("")
@action("intake.list")
async def list_intake_owners(
    session: ReadSession, guard: Guard, page: PageQuery, outlet_id: UUID | None = None
) -> Page[AssignmentView]:
    """List the intake owners of an outlet, newest first; without one, those of the whole bank."""
    guard(outlet_id=outlet_id)
    statement = queries.assignments_of(outlet_id)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER, descending=True)
    return Page(items=[AssignmentView.model_validate(assignment) for assignment in rows], next_cursor=cursor)
