"""Routes of recorders: compliance registers them, the bank's gateway passes on what they say (ZON-06)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
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
from compliance.access import outlets_of
from compliance.devices import commands, queries
from compliance.devices.domain import Heartbeat, Recorder, RecorderRun
from compliance.periods.domain import legal_date
from compliance.rulebook.recorder_rules import RecorderState
from compliance.rulebook.recorders import recorder_limits
from compliance.zones.queries import ORDER as ZONES_ORDER
from compliance.zones.queries import zone as zone_of

zone_router = routes("/v1/zones", "recorders")
router = routes("/v1/recorders", "recorders")
unrecorded_router = routes("/v1/unrecorded_zones", "recorders")

#: Whole numbers that every JSON reader can hold.
NUMBER_MAX = 2**53 - 1

Serial = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class NewRecorder(Input):
    """A recorder of a zone. ``public_key``: Ed25519, as PEM or as the base64 of its 32 bytes."""

    serial: Serial
    public_key: Annotated[str, Field(min_length=1, max_length=1024)]
    certificate: Annotated[str, Field(min_length=1, max_length=8192)] | None = None


class NewHeartbeat(Input):
    """A sign of life. ``clock_ms``: the device's clock, in milliseconds since 1970 (UTC).

    ``signature``: base64 of the Ed25519 signature of the text ``wangdian.recorder-heartbeat.v1
    {recorder_id} {sequence} {clock_ms}``; ``sequence`` grows with each heartbeat.
    """

    sequence: Annotated[int, Field(ge=1, le=NUMBER_MAX)]
    clock_ms: Annotated[int, Field(ge=0, le=NUMBER_MAX)]
    signature: Annotated[str, Field(min_length=1, max_length=128)]


class RecorderRetirement(Input):
    """Why a recorder is taken out of use."""

    reason: Reason


class RecorderView(Output):
    """A recorder at ``checked_at``. ``offset_ms``: by how much its clock was ahead of ours, at most."""

    id: UUID
    version: int
    outlet_id: UUID
    zone_id: UUID
    serial: str
    public_key: str
    certificate: str | None
    state: RecorderState
    sequence: int
    heard_at: datetime | None
    offset_ms: int | None
    registered_at: datetime
    retired_at: datetime | None
    retirement_reason: str | None
    checked_at: datetime

    @classmethod
    def of(cls, recorder: Recorder, run: RecorderRun | None, at: datetime) -> "RecorderView":
        """The view of a recorder with its last run."""
        return cls(
            id=recorder.id,
            version=recorder.version,
            outlet_id=recorder.outlet_id,
            zone_id=recorder.zone_id,
            serial=recorder.serial,
            public_key=recorder.public_key,
            certificate=recorder.certificate,
            state=recorder.state(run, at, recorder_limits(legal_date(at))),
            sequence=recorder.sequence,
            heard_at=None if run is None else run.heard_at,
            offset_ms=None if run is None else run.offset_ms,
            registered_at=recorder.registered_at,
            retired_at=recorder.retired_at,
            retirement_reason=recorder.retirement_reason,
            checked_at=at,
        )


class RecorderRunView(Output):
    """An unbroken row of heartbeats; ``offset_ms``: the largest offset in it."""

    began_at: datetime
    heard_at: datetime
    offset_ms: int
    heartbeats: int


class UnrecordedZoneView(Output):
    """An active zone in which no recorder works: nothing that is recorded there now can be sold."""

    id: UUID
    outlet_id: UUID
    code: str


@zone_router.post("/{zone_id}/recorders", status_code=201)
@action("recorder.register")
async def register_recorder(
    zone_id: UUID,
    body: NewRecorder,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> RecorderView:
    """Register a recorder to a zone; it is silent until its first heartbeat."""
    guard(outlet_id=(await zone_of(session, zone_id)).outlet_id)
    recorder = await commands.register_recorder(
        session,
        clock,
        zone_id,
        serial=body.serial,
        public_key=body.public_key,
        certificate=body.certificate,
        by=caller.subject,
    )
    respond(response, version=recorder.version, location=f"/v1/recorders/{recorder.id}")
    return RecorderView.of(recorder, None, recorder.registered_at)


@zone_router.get("/{zone_id}/recorders")
@action("recorder.read")
async def list_recorders(
    zone_id: UUID, session: ReadSession, clock: Now, guard: Guard, page: PageQuery
) -> Page[RecorderView]:
    """List the recorders of a zone, retired ones included."""
    guard(outlet_id=(await zone_of(session, zone_id)).outlet_id)
    rows, cursor = await paginate(session, queries.of_zone(zone_id), page, order=queries.ORDER)
    return Page(items=[await _view(session, row, clock.now()) for row in rows], next_cursor=cursor)


@router.get("/{recorder_id}")
@action("recorder.read")
async def read_recorder(
    recorder_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> RecorderView:
    """Read a recorder and how it stands now."""
    recorder = await queries.recorder(session, recorder_id)
    guard(outlet_id=recorder.outlet_id)
    respond(response, version=recorder.version)
    return await _view(session, recorder, clock.now())


@router.post("/{recorder_id}/heartbeats", status_code=201)
@action("recorder.report")
async def report_heartbeat(
    recorder_id: UUID, body: NewHeartbeat, session: Session, clock: Now, guard: Guard, response: Response
) -> RecorderView:
    """Take a sign of life that the device has signed; the instant that counts is ours."""
    guard(outlet_id=(await queries.recorder(session, recorder_id)).outlet_id)
    heartbeat = Heartbeat(sequence=body.sequence, clock_ms=body.clock_ms)
    recorder, run = await commands.take_heartbeat(session, clock, recorder_id, heartbeat, body.signature)
    respond(response, version=recorder.version)
    return RecorderView.of(recorder, run, run.heard_at)


@router.get("/{recorder_id}/runs")
@action("recorder.read")
async def list_recorder_runs(
    recorder_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[RecorderRunView]:
    """List when the recorder was heard of without a break, oldest first."""
    guard(outlet_id=(await queries.recorder(session, recorder_id)).outlet_id)
    rows, cursor = await paginate(session, queries.runs(recorder_id), page, order=queries.RUN_ORDER)
    return Page(items=[RecorderRunView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{recorder_id}/retirement")
@action("recorder.retire")
async def retire_recorder(
    recorder_id: UUID,
    body: RecorderRetirement,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> RecorderView:
    """Take a recorder out of use for good."""
    guard(outlet_id=(await queries.recorder(session, recorder_id)).outlet_id)
    recorder = await commands.retire_recorder(
        session, clock, recorder_id, if_match, reason=body.reason, by=caller.subject
    )
    respond(response, version=recorder.version)
    return await _view(session, recorder, clock.now())


@unrecorded_router.get("")
@action("recorder.gaps")
async def list_unrecorded_zones(
    session: ReadSession, clock: Now, caller: Caller, page: PageQuery
) -> Page[UnrecordedZoneView]:
    """List the active zones of the caller's outlets in which no recorder works now."""
    now = clock.now()
    statement = queries.unrecorded(outlets_of(caller), now, recorder_limits(legal_date(now)))
    rows, cursor = await paginate(session, statement, page, order=ZONES_ORDER)
    return Page(items=[UnrecordedZoneView.model_validate(row) for row in rows], next_cursor=cursor)


async def _view(session: AsyncSession, recorder: Recorder, at: datetime) -> RecorderView:
    return RecorderView.of(recorder, await queries.last_run(session, recorder.id), at)
