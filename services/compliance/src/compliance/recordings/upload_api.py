"""Uploads of recordings after tus 1.0.0, under /v1/uploads.

A chunk is on disk before its row is committed, and its bytes count only with the row: what was interrupted,
damaged on the way or too late at its place leaves the offset where it was. No transaction is open while a
body is read. What was uploaded is not taken back; a new upload of the recording replaces it.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from chassis.auth import action
from chassis.errors import ServiceError
from chassis.http import problems
from chassis.http.edge import Edge, edge_of
from chassis.http.routing import Caller, Guard, Now, Route, Session, respond, routes
from compliance.recordings import commands, queries
from compliance.recordings.domain import Recording
from compliance.recordings.parts import RecordingUpload
from compliance.recordings.storage import Staging
from compliance.recordings.uploads import (
    CHUNK_TYPE,
    VERSION,
    ChunkDigest,
    ChunkHeaders,
    CreationHeaders,
    ProtocolVersionUnsupported,
    UploadGone,
    UploadHeaderInvalid,
    UploadLimits,
    options_headers,
    require_version,
)

LIMITS = UploadLimits()
#: 32 MiB in that time are 110 kB/s.
CHUNK_SECONDS_MAX = 300.0


def header(name: str, description: str, *, is_required: bool = True) -> dict[str, Any]:
    """A request header, for the description of the API: the protocol reads them itself."""
    return {
        "name": name,
        "in": "header",
        "required": is_required,
        "description": description,
        "schema": {"type": "string"},
    }


SPOKEN = header("Tus-Resumable", f"Version of the protocol: {VERSION}.")
CREATION = {
    "parameters": [
        SPOKEN,
        header("Upload-Length", f"Bytes of the whole file, at most {LIMITS.upload_bytes_max}."),
        header("Upload-Metadata", "`recording_id` and its id in Base64; other keys are passed over."),
    ]
}
SENDING = {
    "parameters": [
        SPOKEN,
        header("Upload-Offset", "Where the bytes belong: the present offset of the upload."),
        header("Upload-Checksum", "`sha256` or `sha1`, and the digest in Base64.", is_required=False),
    ],
    "requestBody": {
        "required": True,
        "content": {CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}
GONE: dict[int | str, dict[str, Any]] = {410: {"description": "The upload was replaced or has expired."}}
SPOKEN_ONLY: dict[int | str, dict[str, Any]] = {412: {"description": "Another version of tus is asked for."}}
DAMAGED: dict[int | str, dict[str, Any]] = {460: {"description": "The bytes do not have the checksum."}}


class TusRoute(Route):
    """A route whose every answer names the version of the protocol, refusals included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The chassis' handler; what it refuses is answered here."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                response = await inner(request)
            except ServiceError as refused:
                response = problems.of_error(refused)
                if isinstance(refused, ProtocolVersionUnsupported):
                    response.headers["Tus-Version"] = VERSION
            response.headers["Tus-Resumable"] = VERSION
            return response

        return handler


router = routes("/v1/uploads", "uploads")
router.route_class = TusRoute


@router.options("", status_code=204)
@action("upload.describe", public=True)
async def describe_uploads() -> Response:
    """Say what this server can do."""
    return Response(status_code=204, headers=options_headers(LIMITS))


@router.post("", status_code=201, openapi_extra=CREATION, responses=SPOKEN_ONLY)
@action("upload.create", idempotent=False)
async def create_upload(
    request: Request, session: Session, clock: Now, guard: Guard, caller: Caller
) -> Response:
    """Begin the upload of a recording; ``Upload-Metadata`` names it (``recording_id``)."""
    wanted = CreationHeaders.read(request.headers, LIMITS)
    recording = await queries.recording(session, _recording_id(wanted))
    guard(outlet_id=recording.outlet_id)
    upload = await commands.create_upload(session, clock, recording.id, wanted.length, by=caller.subject)
    response = Response(status_code=201, headers=upload.upload.headers)
    respond(response, location=f"/v1/uploads/{upload.id}")
    return response


@router.head(
    "/{upload_id}", status_code=200, openapi_extra={"parameters": [SPOKEN]}, responses=GONE | SPOKEN_ONLY
)
@action("upload.read")
async def read_upload(upload_id: UUID, request: Request, clock: Now, guard: Guard) -> Response:
    """Ask how far an upload has come."""
    require_version(request.headers)
    upload, _ = await _found(edge_of(request), upload_id, guard)
    if clock.now() >= upload.upload.expires_at:
        raise UploadGone
    return Response(status_code=200, headers=upload.upload.headers)


@router.patch("/{upload_id}", status_code=204, openapi_extra=SENDING, responses=GONE | DAMAGED | SPOKEN_ONLY)
@action(
    "upload.send",
    media_types=frozenset({CHUNK_TYPE}),
    body_bytes_max=LIMITS.chunk_bytes_max,
    seconds_max=CHUNK_SECONDS_MAX,
)
async def send_chunk(upload_id: UUID, request: Request, clock: Now, guard: Guard, caller: Caller) -> Response:
    """Send the bytes at the upload's offset; all of them count, or none."""
    chunk = ChunkHeaders.read(request.headers)
    edge = edge_of(request)
    upload, recording = await _found(edge, upload_id, guard)
    recording.must_be_made_by(caller.subject)
    room = upload.upload.accept(chunk, clock.now(), LIMITS)
    staging, digest = Staging(edge.settings), ChunkDigest(chunk.checksum)
    file = await staging.write(upload_id, chunk.offset, request.stream(), room, digest)
    try:
        if chunk.checksum is not None:
            chunk.checksum.verify(digest)
        if digest.size:
            async with edge.transaction() as session:
                upload = await commands.receive_chunk(
                    session,
                    clock,
                    upload_id,
                    position=chunk.offset,
                    size=digest.size,
                    sha256=digest.sha256,
                    file=file,
                )
        else:
            staging.discard(upload_id, file)
    except ServiceError:
        # Refused for certain. After any other failure the row may have been committed: the file stays.
        staging.discard(upload_id, file)
        raise
    headers = {name: value for name, value in upload.upload.headers.items() if name != "Upload-Length"}
    return Response(status_code=204, headers=headers)


async def _found(edge: Edge, upload_id: UUID, guard: Guard) -> tuple[RecordingUpload, Recording]:
    async with edge.readers() as session, session.begin():
        upload = await queries.upload(session, upload_id)
        recording = await queries.recording(session, upload.recording_id)
    guard(outlet_id=recording.outlet_id)
    return upload, recording


def _recording_id(wanted: CreationHeaders) -> UUID:
    try:
        return UUID(wanted.metadata["recording_id"])
    except (KeyError, ValueError) as wrong:
        raise UploadHeaderInvalid(header="Upload-Metadata") from wrong
