"""Seals what was inspected and not sealed in time, that it is kept, and ends, like other evidence (ABN-01).

It proves no sale: :meth:`Recording.facts` calls it unsealed, however it was sealed later.
"""

import asyncio
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import ServiceError
from chassis.service import Job
from chassis.settings import Settings
from chassis.telemetry import JOB_FAILURES
from compliance.recordings import queries
from compliance.recordings.commands import lock_recording_head, seal_as_is
from compliance.recordings.domain import RECORDING_LIFETIME, RecordingNotInspected, RecordingState
from compliance.recordings.storage import Staging, evidence_store

log = structlog.get_logger()

#: Who sealed it: nobody did.
BY = "abandonment"


class Sealing:
    """Where the round stands: one that cannot be sealed is passed over until the next round."""

    def __init__(self) -> None:
        self._after: tuple[datetime, UUID] | None = None

    async def run(self, session: AsyncSession, clock: Clock, settings: Settings) -> bool:
        """Seals the next recording that its time has run out for; says whether there was one."""
        wanted = queries.left_inspected(clock.now() - RECORDING_LIFETIME, self._after)
        found = (await session.execute(wanted)).one_or_none()
        if found is None:
            self._after = None
            return False
        self._after = found.started_at, found.id
        try:
            await _seal(session, clock, settings, found.id)
        except ServiceError as failed:
            JOB_FAILURES.labels("seal_abandoned").inc()
            log.error("abandoned recording not sealed", recording_id=str(found.id), code=failed.code)
        return True


async def _seal(session: AsyncSession, clock: Clock, settings: Settings, recording_id: UUID) -> None:
    store, inspected = evidence_store(settings), await queries.inspection(session, recording_id)
    if inspected is None:
        raise RecordingNotInspected
    # What an interrupted inspection left behind: many bytes, so nobody waits for them at a lock.
    chunks = await queries.chunks(session, inspected.upload_id)
    await asyncio.to_thread(Staging(settings).keep, recording_id, inspected.upload_id, chunks, store)
    recording = await lock_recording_head(session, recording_id)
    if recording.state is RecordingState.INSPECTED:
        await seal_as_is(session, clock.now(), recording, store, by=BY)
        log.info("abandoned recording sealed", recording_id=str(recording_id))


sealing = Job(name="seal_abandoned", seconds=600, run=Sealing().run)
