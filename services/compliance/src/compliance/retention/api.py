"""Routes of retention: why a recording is kept and until when, its holds, its disposal.

There is no route that deletes, replaces or edits: a disposal is asked for, decided by the rules, and on
record whatever comes out.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from chassis.auth import action
from chassis.errors import RecordedRefusal
from chassis.http.edge import edge_of
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
    refused,
    respond,
    routes,
)
from compliance.retention import commands, disposals, queries
from compliance.retention.heads import head_of
from compliance.retention.periods import HoldSource
from compliance.retention.release import shipped_release
from compliance.retention.views import (
    DisposalView,
    HoldView,
    ReportView,
    RetentionView,
    UnmatchedPage,
    retention_view,
)

router = routes("/v1/recordings", "retention")
hold_router = routes("/v1/holds", "retention")
disposal_router = routes("/v1/disposals", "retention")
unmatched_router = routes("/v1/retention/unmatched", "retention")


class DisposalNotAllowed(RecordedRefusal):
    """A recording must be kept; the attempt to dispose of it is on record."""

    code = "DISPOSAL_REFUSED"
    zh = "不得销毁该录音录像；原因见所列规则，本次申请已记录。"
    en = "The recording must not be disposed of; the rules say why, and the attempt is on record."


class NewHold(Input):
    """A matter that is no complaint and needs the recording: of a court, a regulator, an audit, conduct."""

    recording_id: UUID
    source: HoldSource
    matter_id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$")]


class HoldRelease(Input):
    """The legal day on which the matter ended."""

    resolved_on: date


@router.get("/{recording_id}/retention")
@action("retention.read")
async def read_retention(
    recording_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> RetentionView:
    """Explain why a recording is kept, and until when."""
    head = await head_of(session, recording_id)
    guard(outlet_id=head.outlet_id)
    case = await queries.case(session, recording_id)
    respond(response, version=head.version)
    return retention_view(case, head.version, clock.now())


@router.get("/{recording_id}/holds")
@action("hold.read")
async def list_recording_holds(
    recording_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[HoldView]:
    """List the holds of a recording, open and released, oldest first."""
    guard(outlet_id=(await head_of(session, recording_id)).outlet_id)
    rows, cursor = await paginate(session, queries.holds_of(recording_id), page, order=queries.HOLD_ORDER)
    return Page(items=[HoldView.of(row) for row in rows], next_cursor=cursor)


@router.post("/{recording_id}/disposal", status_code=202, response_model=DisposalView)
@action("disposal.request")
async def request_disposal(
    recording_id: UUID,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> DisposalView | Response:
    """Dispose of a recording. Refused on record (422), or authorised (202): its bytes go within seconds."""
    guard(outlet_id=(await head_of(session, recording_id)).outlet_id)
    attempt_id, decision, head = await disposals.request_disposal(
        session,
        clock,
        recording_id,
        if_match,
        by=caller.subject,
        settings=edge_of(request).settings,
    )
    view = DisposalView.of(await queries.disposal(session, attempt_id))
    location = f"/v1/disposals/{attempt_id}"
    if not decision.passed:
        violations = decision.violations(shipped_release())
        return refused(DisposalNotAllowed, violations, body=view, version=head.version, location=location)
    respond(response, version=head.version, location=location)
    return view


@router.get("/{recording_id}/disposals")
@action("disposal.read")
async def list_recording_disposals(
    recording_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[DisposalView]:
    """List the attempts to dispose of a recording, refused ones too, oldest first."""
    guard(outlet_id=(await head_of(session, recording_id)).outlet_id)
    statement = queries.disposals_of(recording_id)
    rows, cursor = await paginate(session, statement, page, order=queries.DISPOSAL_ORDER)
    return Page(items=[DisposalView.of(row) for row in rows], next_cursor=cursor)


@disposal_router.get("/{disposal_id}")
@action("disposal.read")
async def read_disposal(disposal_id: UUID, session: ReadSession, guard: Guard) -> DisposalView:
    """Read one attempt."""
    row = await queries.disposal(session, disposal_id)
    guard(outlet_id=(await head_of(session, row.recording_id)).outlet_id)
    return DisposalView.of(row)


@hold_router.post("", status_code=201)
@action("hold.place")
async def place_hold(
    body: NewHold, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> HoldView:
    """Hold a recording, whatever its period says, until the matter has ended (REC-08)."""
    guard(outlet_id=(await head_of(session, body.recording_id)).outlet_id)
    hold_id = await commands.place_hold(
        session, clock, body.recording_id, body.source, body.matter_id, by=caller.subject
    )
    respond(response, version=1, location=f"/v1/holds/{hold_id}")
    return HoldView.of(await queries.hold(session, hold_id))


@hold_router.get("/{hold_id}")
@action("hold.read")
async def read_hold(hold_id: UUID, session: ReadSession, guard: Guard, response: Response) -> HoldView:
    """Read a hold."""
    row = await queries.hold(session, hold_id)
    guard(outlet_id=(await head_of(session, row.recording_id)).outlet_id)
    view = HoldView.of(row)
    respond(response, version=view.version)
    return view


@hold_router.post("/{hold_id}/release")
@action("hold.release")
async def release_hold(
    hold_id: UUID,
    body: HoldRelease,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> HoldView:
    """Release a hold whose matter has ended; that of a complaint goes with the complaint alone."""
    row = await queries.hold(session, hold_id)
    guard(outlet_id=(await head_of(session, row.recording_id)).outlet_id)
    await commands.release_hold(session, clock, hold_id, if_match, body.resolved_on, by=caller.subject)
    view = HoldView.of(await queries.hold(session, hold_id))
    respond(response, version=view.version)
    return view


@unmatched_router.get("")
@action("retention.unmatched")
async def list_unmatched_reports(session: ReadSession, page: PageQuery) -> UnmatchedPage:
    """List reports about sales that are not logged (yet), oldest first (N4)."""
    rows, cursor = await paginate(session, queries.unmatched(), page, order=queries.REPORT_ORDER)
    items = [ReportView.model_validate(row) for row in rows]
    return UnmatchedPage(items=items, next_cursor=cursor, total=await queries.count_unmatched(session))
