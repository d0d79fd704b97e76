"""Routes of recordings. Nobody downloads one here, and no seller ever does (REC-11)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.errors import check_version
from chassis.http.edge import Edge, edge_of
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
from compliance.access import outlets_of
from compliance.cases.queries import case as case_of
from compliance.evidence.domain import Segment, SegmentKind
from compliance.recordings import commands, queries, verification
from compliance.recordings.domain import (
    UNSEALED,
    Recording,
    RecordingNotSealed,
    RecordingStanding,
    RecordingState,
    UploadMissing,
)
from compliance.recordings.inspection import START_SECONDS, Inspector
from compliance.recordings.limits import MILLISECONDS, MediaLimits
from compliance.recordings.parts import ReceivedChunk
from compliance.recordings.storage import Staging, evidence_store
from compliance.recordings.takes import Resumption
from compliance.recordings.uploads import UploadGone
from compliance.recordings.views import (
    DamageView,
    MediaView,
    RecordingEntry,
    RecordingView,
    SegmentView,
    UploadView,
    VerificationView,
)
from compliance.rulebook.footage_facts import RecordingChannel

router = routes("/v1/recordings", "recordings")

LIMITS = MediaLimits()
#: Two decoders at a time; whoever waits longer than one turn is told to come again.
inspector = Inspector(LIMITS, slots=2)
INSPECTION_SECONDS_MAX = 2.0 * (LIMITS.decode_ms / MILLISECONDS + START_SECONDS)
VERIFICATION_SECONDS_MAX = 300.0

Milliseconds = Annotated[int, Field(ge=0, le=LIMITS.duration_ms)]


class ResumptionBody(Input):
    """The recording that broke off, and how long it was by then: what its device had recorded."""

    recording_id: UUID
    recorded_ms: Milliseconds

    def resumption(self) -> Resumption:
        """The resumption as the domain has it."""
        return Resumption(recording_id=self.recording_id, recorded_ms=self.recorded_ms)


class NewRecording(Input):
    """The case whose session is recorded; the recording begins now.

    It stands by itself, or records key points of the recording ``supplements`` again, or goes on where one
    broke off because its recorder failed. The sale names the one that began first. REMOTE is refused until it
    is enabled for the product in the outlet's region.
    """

    case_id: UUID
    supplements: UUID | None = None
    resumes: ResumptionBody | None = None
    channel: RecordingChannel = RecordingChannel.ON_SITE


class SegmentBody(Input):
    """A legal part of the recording: milliseconds from its start, the end exclusive."""

    kind: SegmentKind
    starts_ms: Milliseconds
    ends_ms: Milliseconds


@router.post("", status_code=201)
@action("recording.open")
async def open_recording(
    body: NewRecording, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> RecordingView:
    """Begin the recording of a case's session, after the customer has agreed to it."""
    case = await case_of(session, body.case_id)
    guard(outlet_id=case.outlet_id)
    recording = await commands.open_recording(
        session,
        clock.now(),
        case,
        device_id=caller.device_id,
        by=caller.subject,
        supplements=body.supplements,
        resumes=None if body.resumes is None else body.resumes.resumption(),
        channel=body.channel,
    )
    respond(response, version=recording.version, location=f"/v1/recordings/{recording.id}")
    await session.flush()
    return await _view(session, recording, clock.now())


@router.get("")
@action("recording.list")
async def list_recordings(
    session: ReadSession,
    clock: Now,
    caller: Caller,
    page: PageQuery,
    case_id: UUID | None = None,
    session_id: UUID | None = None,
    customer_id: UUID | None = None,
    seller_id: UUID | None = None,
    state: RecordingState | None = None,
    standing: RecordingStanding | None = None,
) -> Page[RecordingEntry]:
    """List the recordings of the caller's outlets (REC-12)."""
    at = clock.now()
    statement = queries.listed(
        outlets_of(caller),
        case_id=case_id,
        session_id=session_id,
        customer_id=customer_id,
        seller_id=seller_id,
        state=state,
    )
    if standing is not None:
        statement = queries.standing_at(statement, standing, at)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    sealed = await queries.sealed_at(session, [row.id for row in rows])
    entries = [RecordingEntry.of(row, at, sealed.get(row.id)) for row in rows]
    return Page(items=entries, next_cursor=cursor)


@router.get("/{recording_id}")
@action("recording.read")
async def read_recording(
    recording_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> RecordingView:
    """Read what is known about a recording."""
    recording = await queries.recording(session, recording_id)
    guard(outlet_id=recording.outlet_id)
    respond(response, version=recording.version)
    return await _view(session, recording, clock.now())


@router.post("/{recording_id}/segments")
@action("recording.declare")
async def declare_segment(
    recording_id: UUID,
    body: SegmentBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> RecordingView:
    """Declare a legal part of the recording (REC-02); declared parts stay as they are."""
    recording = await queries.recording(session, recording_id)
    guard(outlet_id=recording.outlet_id)
    segment = Segment(kind=body.kind, starts_ms=body.starts_ms, ends_ms=body.ends_ms)
    await commands.declare_segment(session, clock, recording_id, if_match, segment, by=caller.subject)
    respond(response, version=recording.version)
    await session.flush()
    return await _view(session, recording, clock.now())


@router.post("/{recording_id}/inspection")
@action("recording.inspect", idempotent=False, seconds_max=INSPECTION_SECONDS_MAX)
async def inspect_recording(
    recording_id: UUID,
    request: Request,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> RecordingView:
    """Decode the upload to its end and keep it as evidence; needs no key, to repeat it changes nothing.

    A file without sound and picture is refused and changes nothing: upload another one.
    """
    edge = edge_of(request)
    async with edge.readers() as session, session.begin():
        recording = await queries.recording(session, recording_id)
        guard(outlet_id=recording.outlet_id)
        recording.must_be_made_by(caller.subject)
        inspected = await queries.inspection(session, recording_id)
        upload = await queries.current_upload(session, recording_id)
        if upload is None:
            raise UploadMissing
        chunks = await queries.chunks(session, upload.id)
    if inspected is None:
        check_version(recording.version, if_match)
        upload.must_be_complete()
        if clock.now() >= upload.upload.expires_at:
            raise UploadGone
        await _inspect(edge, clock, recording, upload.id, chunks, by=caller.subject)
    if recording.state in UNSEALED:
        store = evidence_store(edge.settings)
        await asyncio.to_thread(Staging(edge.settings).keep, recording_id, upload.id, chunks, store)
    async with edge.readers() as session, session.begin():
        recording = await queries.recording(session, recording_id)
        respond(response, version=recording.version)
        return await _view(session, recording, clock.now())


async def _inspect(
    edge: Edge, clock: Now, recording: Recording, upload_id: UUID, chunks: Sequence[ReceivedChunk], *, by: str
) -> None:
    # Decoding takes its time: no transaction is open meanwhile, the version is checked again when it is kept.
    async with Staging(edge.settings).whole(upload_id, chunks) as whole:
        media = await inspector.inspect(whole.path)
    async with edge.transaction() as session:
        await commands.keep_inspection(
            session,
            clock,
            recording.id,
            recording.version,
            upload_id,
            media,
            whole.sha256,
            by=by,
        )


@router.post("/{recording_id}/seal")
@action("recording.seal")
async def seal_recording(
    recording_id: UUID,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> RecordingView:
    """Seal an inspected recording; from now on nothing about it changes (REC-10)."""
    recording = await queries.recording(session, recording_id)
    guard(outlet_id=recording.outlet_id)
    store = evidence_store(edge_of(request).settings)
    await commands.seal_recording(session, clock, recording_id, if_match, store, by=caller.subject)
    respond(response, version=recording.version)
    return await _view(session, recording, clock.now())


@router.get("/{recording_id}/manifest")
@action("recording.prove")
async def read_manifest(recording_id: UUID, session: ReadSession, guard: Guard) -> Response:
    """Read the manifest as it was sealed: canonical JSON, whose SHA-256 is the seal."""
    recording = await queries.recording(session, recording_id)
    guard(outlet_id=recording.outlet_id)
    seal = await queries.seal(session, recording_id)
    if seal is None:
        raise RecordingNotSealed
    return Response(seal.manifest_bytes, media_type="application/json", headers={"ETag": f'"{seal.digest}"'})


@router.get("/{recording_id}/verification")
@action("recording.verify", seconds_max=VERIFICATION_SECONDS_MAX)
async def verify_recording(
    recording_id: UUID, request: Request, clock: Now, guard: Guard
) -> VerificationView:
    """Read everything of a sealed recording again; what is missing or altered is named."""
    edge = edge_of(request)
    async with edge.readers() as session, session.begin():
        recording = await queries.recording(session, recording_id)
        guard(outlet_id=recording.outlet_id)
        seal = await queries.seal(session, recording_id)
    if seal is None:
        raise RecordingNotSealed
    store = evidence_store(edge.settings)
    damages = await asyncio.to_thread(verification.verify, recording, seal, store)
    return VerificationView(
        recording_id=recording_id,
        state=recording.state,
        manifest=seal.digest,
        verified_at=clock.now(),
        intact=not damages,
        damages=[DamageView.model_validate(damage) for damage in damages],
    )


async def _view(session: AsyncSession, recording: Recording, at: datetime) -> RecordingView:
    upload = await queries.current_upload(session, recording.id)
    inspected = await queries.inspection(session, recording.id)
    seal = await queries.seal(session, recording.id)
    return RecordingView(
        **RecordingEntry.of(recording, at, None if seal is None else seal.sealed_at).model_dump(),
        segments=[
            SegmentView.model_validate(segment) for segment in await queries.segments(session, recording.id)
        ],
        upload=None if upload is None else UploadView.model_validate(upload),
        media=None if inspected is None else MediaView.model_validate(inspected.media),
        sealed_at=None if seal is None else seal.sealed_at,
        manifest=None if seal is None else seal.digest,
    )
