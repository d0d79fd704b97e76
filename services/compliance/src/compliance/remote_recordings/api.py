"""Routes of enabling remote recording: an officer proposes, another one approves, any of them withdraws."""

from datetime import datetime
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
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from compliance.access import check_hq_only
from compliance.remote_recordings import commands, queries
from compliance.remote_recordings.domain import Enabling
from compliance.reviews.domain import ReviewState
from compliance.reviews.views import Approval, Rejection, ReviewedView

router = routes("/v1/remote_recordings", "remote recordings")


class NewEnabling(Input):
    """The product, the region by the bank's name of it with the outlets that belong to it, and why."""

    product_id: UUID
    region: Annotated[str, Field(min_length=1, max_length=32)]
    outlet_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=500)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class EnablingView(ReviewedView):
    """Where a product may be recorded remotely: from ``reviewed_at`` (APPROVED) until ``withdrawn_at``."""

    product_id: UUID
    region: str
    outlet_ids: list[UUID]
    reason: str
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, enabling: Enabling) -> "EnablingView":
        """The view of it."""
        return cls.model_validate(enabling)


@router.post("", status_code=201)
@action("remote_recording.enable")
async def propose_remote_recording(
    body: NewEnabling, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> EnablingView:
    """Propose to record a product remotely in a region; nothing is enabled by it yet."""
    guard(outlet_id=None)
    check_hq_only(caller)
    enabling = await commands.propose_enabling(
        session,
        clock,
        product_id=body.product_id,
        region=body.region,
        outlet_ids=body.outlet_ids,
        reason=body.reason,
        by=caller.subject,
    )
    respond(response, version=enabling.version, location=f"/v1/remote_recordings/{enabling.id}")
    return EnablingView.of(enabling)


@router.get("")
@action("remote_recording.read")
async def list_remote_recordings(
    session: ReadSession,
    guard: Guard,
    page: PageQuery,
    product_id: UUID | None = None,
    state: ReviewState | None = None,
) -> Page[EnablingView]:
    """List where products may be, or could be, recorded remotely."""
    guard(outlet_id=None)
    statement = queries.listed(product_id=product_id, state=state)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[EnablingView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{enabling_id}")
@action("remote_recording.read")
async def read_remote_recording(
    enabling_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> EnablingView:
    """Read one of them."""
    guard(outlet_id=None)
    enabling = await queries.enabling(session, enabling_id)
    respond(response, version=enabling.version)
    return EnablingView.of(enabling)


@router.post("/{enabling_id}/approval")
@action("remote_recording.enable")
async def approve_remote_recording(
    enabling_id: UUID,
    body: Approval,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> EnablingView:
    """Enable it, as another officer than who proposed it: recordings that begin from now on may be remote."""
    guard(outlet_id=None)
    check_hq_only(caller)
    enabling = await commands.approve_enabling(
        session, clock, enabling_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=enabling.version)
    return EnablingView.of(enabling)


@router.post("/{enabling_id}/rejection")
@action("remote_recording.enable")
async def reject_remote_recording(
    enabling_id: UUID,
    body: Rejection,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> EnablingView:
    """Reject a proposal, with the reasons."""
    guard(outlet_id=None)
    check_hq_only(caller)
    enabling = await commands.reject_enabling(
        session, clock, enabling_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=enabling.version)
    return EnablingView.of(enabling)


@router.post("/{enabling_id}/withdrawal")
@action("remote_recording.enable")
async def withdraw_remote_recording(
    enabling_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> EnablingView:
    """Switch it off: what begins from now on is recorded in the zone; one officer is enough."""
    guard(outlet_id=None)
    check_hq_only(caller)
    enabling = await commands.withdraw_enabling(session, clock, enabling_id, if_match, by=caller.subject)
    respond(response, version=enabling.version)
    return EnablingView.of(enabling)
