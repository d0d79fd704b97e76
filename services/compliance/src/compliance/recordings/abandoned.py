"""Seals what was inspected and not sealed in time, that it is kept, and ends, like other evidence (ABN-01).

It proves no sale: :meth:`Recording.facts` calls it unsealed, however it was sealed later.
"""

import asyncio
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import ServiceError
from chassis.service import Job
from chassis.settings import Settings
from chassis.telemetry import JOB_FAILURES
from compliance.evidence.store import EvidenceStore
from compliance.recordings import queries
from compliance.recordings.commands import lock_recording_head, seal_as_is
from compliance.recordings.domain import RECORDING_LIFETIME, RecordingState
from compliance.recordings.storage import Staging, evidence_store

log = structlog.get_logger()

LOOK_AT_MAX = 100
#: Who sealed it: nobody did.
BY = "abandonment"


async def seal_abandoned(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """The job: seals one recording that its time has run out for; says whether one was sealed."""
    staging, store = Staging(settings), evidence_store(settings)
    since = clock.now() - RECORDING_LIFETIME
    for recording_id in list(await session.scalars(queries.abandoned(since, LOOK_AT_MAX))):
        try:
            done = await _seal(session, clock, recording_id, staging, store)
        except ServiceError as failed:
            JOB_FAILURES.labels("seal_abandoned").inc()
            log.error("abandoned recording not sealed", recording_id=str(recording_id), code=failed.code)
            continue
        if done:
            log.info("abandoned recording sealed", recording_id=str(recording_id))
            return True
    return False


async def _seal(
    session: AsyncSession, clock: Clock, recording_id: UUID, staging: Staging, store: EvidenceStore
) -> bool:
    recording = await lock_recording_head(session, recording_id)
    inspected = await queries.inspection(session, recording_id)
    if recording.state is not RecordingState.INSPECTED or inspected is None:
        return False
    # An inspection that was interrupted has not stored every part yet.
    chunks = await queries.chunks(session, inspected.upload_id)
    await asyncio.to_thread(staging.keep, recording_id, inspected.upload_id, chunks, store)
    await seal_as_is(session, clock.now(), recording, store, by=BY)
    return True


sealing = Job(name="seal_abandoned", seconds=600, run=seal_abandoned)
