"""Use cases of recordings. With a row locked, none of them waits for more than one small file.

The clock is read behind the lock: who waited for a decision is not dated before it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock, write_all
from chassis.errors import ObjectNotFound, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.cases.domain import SaleCase
from compliance.cases.queries import open_in_session
from compliance.consents.queries import consent_facts
from compliance.evidence.domain import ConsentRef, MediaFacts, Segment
from compliance.evidence.store import EvidenceStore
from compliance.periods.domain import legal_date
from compliance.presentations.commands import keep_presentation
from compliance.recordings import queries
from compliance.recordings.domain import (
    Recording,
    RecordingNotInspected,
    RecordingNotStored,
    UploadMissing,
)
from compliance.recordings.parts import DeclaredSegment, InspectedUpload, ReceivedChunk, RecordingUpload
from compliance.recordings.takes import (
    RecordingFollowsTwo,
    RecordingOfOtherSession,
    Resumption,
    resume,
    supplement,
)
from compliance.recordings.uploads import UploadGone
from compliance.remote_recordings.domain import RemoteRecordingNotEnabled
from compliance.remote_recordings.queries import remote_enabled
from compliance.rulebook.footage import resume_limits
from compliance.rulebook.footage_facts import RecordingChannel


async def lock_recording_head(session: AsyncSession, recording_id: UUID, *, share: bool = False) -> Recording:
    """G1: the head, locked (``share``: for reading) and read anew. Raises ``ObjectNotFound``.

    Whoever will bump the version in this transaction locks without ``share`` from the start.
    """
    return await lock(session, Recording, recording_id, share=share)


VERSIONS = text("""
UPDATE recordings SET version = kept.version
FROM unnest(CAST(:ids AS uuid[]), CAST(:before AS int[]), CAST(:versions AS int[]))
    AS kept (id, before, version)
WHERE recordings.id = kept.id AND recordings.version = kept.before
""")


async def write_versions(
    session: AsyncSession, before: Mapping[UUID, int], recordings: Sequence[Recording]
) -> None:
    """Writes the versions of locked recordings that no session watches, where they are not as ``before``."""
    changed = [one for one in recordings if one.version != before[one.id]]
    if not changed:
        return
    given = {
        "ids": [one.id for one in changed],
        "before": [before[one.id] for one in changed],
        "versions": [one.version for one in changed],
    }
    await write_all(session, VERSIONS, given, rows=len(changed))


async def lock_with_main(session: AsyncSession, recording_id: UUID) -> Recording:
    """G1: the head, locked behind that of the recording with which it is kept. Raises ``ObjectNotFound``."""
    main_id = (await queries.recording(session, recording_id)).main_id
    if main_id is not None:
        await lock_recording_head(session, main_id, share=True)
    return await lock_recording_head(session, recording_id)


async def open_recording(
    session: AsyncSession,
    now: datetime,
    case: SaleCase,
    *,
    device_id: str | None,
    by: str,
    supplements: UUID | None = None,
    resumes: Resumption | None = None,
    channel: RecordingChannel = RecordingChannel.ON_SITE,
) -> Recording:
    """Begins a recording of a case's session, and keeps what is presented of all that it wants to buy.

    It records key points of one before again (``supplements``), or goes on where one broke off. Raises
    ``CaseIsLogged``, ``CaseIsAbandoned``, ``RecordingInForeignName``, ``RemoteRecordingNotEnabled``,
    ``RecordingFollowsTwo``, ``RecordingOfOtherSession``, ``ResumedByOthers``, ``RecordingNotElapsed``,
    ``ResumedTooLate``, ``ResumedInsideKeyPoint``.
    """
    recording = Recording.open(new_id(), case, device_id=device_id, by=by, at=now)
    recording.channel = channel
    if channel is RecordingChannel.REMOTE and not await remote_enabled(
        session, case.product_id, case.outlet_id, now
    ):
        raise RemoteRecordingNotEnabled(pointer="/channel")
    if supplements is not None and resumes is not None:
        raise RecordingFollowsTwo(pointer="/supplements")
    if supplements is not None:
        supplement(recording, await _known(session, supplements, pointer="/supplements"))
    if resumes is not None:
        broken = await _known(session, resumes.recording_id, pointer="/resumes/recording_id")
        declared = await queries.segments(session, broken.id)
        limits = resume_limits(legal_date(now))
        resume(recording, broken, resumes.recorded_ms, [one.segment for one in declared], limits)
    session.add(recording)
    await session.flush()
    for bought in await open_in_session(session, case.session_id):
        await keep_presentation(session, now, recording.id, case_id=bought.id, product_id=bought.product_id)
    return recording


async def _known(session: AsyncSession, recording_id: UUID, *, pointer: str) -> Recording:
    try:
        return await queries.recording(session, recording_id)
    except ObjectNotFound:
        # Neither does a foreign one exist.
        raise RecordingOfOtherSession(pointer=pointer) from None


async def declare_segment(
    session: AsyncSession,
    clock: Clock,
    recording_id: UUID,
    expected_version: int,
    segment: Segment,
    *,
    by: str,
) -> tuple[Recording, DeclaredSegment]:
    """Declares a legal part (REC-02).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``RecordingInForeignName``, ``RecordingExpired``,
    ``RecordingIsFixed``, ``SegmentOutside``, ``TooManySegments``.
    """
    recording, now = await _to_change(session, clock, recording_id, expected_version, by=by)
    inspected = await queries.inspection(session, recording_id)
    declared = recording.declare(
        segment,
        await queries.segments(session, recording_id),
        None if inspected is None else inspected.media,
        by=by,
        at=now,
    )
    session.add(declared)
    return recording, declared


async def create_upload(
    session: AsyncSession, clock: Clock, recording_id: UUID, length: int, *, by: str
) -> RecordingUpload:
    """Begins an upload of ``length`` bytes; one that was begun before is replaced, and stays on record.

    Raises ``ObjectNotFound``, ``RecordingInForeignName``, ``RecordingExpired``, ``RecordingIsFixed``.
    """
    recording = await lock_recording_head(session, recording_id)
    now = clock.now()
    recording.must_be_made_by(by)
    recording.must_be_alive(now)
    recording.must_take_uploads()
    before = await queries.current_upload(session, recording_id)
    if before is not None:
        before.replaced_at = now
        await session.flush()
    upload = RecordingUpload.begin(new_id(), recording_id, length, by=by, at=now)
    session.add(upload)
    return upload


async def receive_chunk(
    session: AsyncSession, clock: Clock, upload_id: UUID, *, position: int, size: int, sha256: str, file: str
) -> RecordingUpload:
    """Counts bytes that are on disk under ``file``; of two writers at one place the first wins.

    Raises ``ObjectNotFound``, ``UploadGone``, ``OffsetMismatch``, ``UploadTooLarge``, ``TooManyChunks``.
    """
    upload = await lock(session, RecordingUpload, upload_id)
    now = clock.now()
    if now >= upload.upload.expires_at:
        raise UploadGone
    chunk = ReceivedChunk(
        upload_id=upload_id, position=position, size=size, sha256=sha256, file=file, received_at=now
    )
    upload.take(chunk)
    session.add(chunk)
    return upload


async def keep_inspection(
    session: AsyncSession,
    clock: Clock,
    recording_id: UUID,
    expected_version: int,
    upload_id: UUID,
    media: MediaFacts,
    sha256: str,
    *,
    by: str,
) -> tuple[Recording, InspectedUpload]:
    """Fixes the upload, whose whole file has this SHA-256 and was decoded, as the recording.

    Decoding takes longer than some clients wait: who asks again while the first is at it finds its work done.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``RecordingInForeignName``, ``RecordingIsFixed``,
    ``RecordingExpired``, ``UploadMissing`` when it was replaced meanwhile, ``SegmentOutside``.
    """
    recording = await lock_recording_head(session, recording_id)
    recording.must_be_made_by(by)
    kept = await queries.inspection(session, recording_id)
    if kept is not None and kept.upload_id == upload_id:
        return recording, kept
    check_version(recording.version, expected_version)
    now = clock.now()
    recording.must_be_alive(now)
    upload = await queries.current_upload(session, recording_id)
    if upload is None or upload.id != upload_id:
        raise UploadMissing
    inspected = recording.inspect(
        upload, media, sha256, await queries.segments(session, recording_id), by=by, at=now
    )
    session.add(inspected)
    return recording, inspected


async def seal_recording(
    session: AsyncSession,
    clock: Clock,
    recording_id: UUID,
    expected_version: int,
    store: EvidenceStore,
    *,
    by: str,
) -> Recording:
    """Seals the recording: the manifest is in the store, read back, before the seal commits.

    A crash between leaves a manifest that no seal names; sealing again removes it. Raises
    ``ObjectNotFound``, ``StaleVersion``, ``RecordingInForeignName``, ``RecordingIsFixed``,
    ``RecordingExpired``, ``RecordingNotInspected``, ``RecordingNotElapsed``, ``RecordingNotStored``,
    ``EvidenceStoreFailed``.
    """
    recording, now = await _to_change(session, clock, recording_id, expected_version, by=by)
    return await seal_as_is(session, now, recording, store, by=by)


async def seal_as_is(
    session: AsyncSession, now: datetime, recording: Recording, store: EvidenceStore, *, by: str
) -> Recording:
    """Seals what was inspected, its head locked, in time or not; raises as :func:`seal_recording`."""
    recording_id = recording.id
    inspected = await queries.inspection(session, recording_id)
    if inspected is None:
        raise RecordingNotInspected
    consent = await consent_facts(session, recording.customer_id, recording.session_id, recording.started_at)
    manifest = recording.prepare_manifest(
        inspected,
        await queries.chunks(session, inspected.upload_id),
        await queries.segments(session, recording_id),
        ConsentRef(consent_id=consent.consent_id, at=consent.at) if consent and consent.given else None,
        at=now,
    )
    held = {chunk.sha256 for chunk in manifest.chunks}
    if held - set(await asyncio.to_thread(store.holds, recording_id)):
        raise RecordingNotStored
    # The row is locked and has no seal: what else lies there is of a seal that was never committed.
    await asyncio.to_thread(store.discard_unsealed, recording_id, held)
    await asyncio.to_thread(store.put, recording_id, manifest.bytes, manifest.digest)
    seal, fact = recording.seal(manifest, by=by)
    session.add(seal)
    await record(session, fact)
    return recording


async def _to_change(
    session: AsyncSession, clock: Clock, recording_id: UUID, expected_version: int, *, by: str
) -> tuple[Recording, datetime]:
    recording = await lock_recording_head(session, recording_id)
    now = clock.now()
    recording.must_be_made_by(by)
    check_version(recording.version, expected_version)
    sealed_at = await queries.sealed_at(session, [recording_id])
    recording.must_be_alive(now, sealed_at.get(recording_id))
    return recording, now
