"""Goes round the sealed recordings by itself, reading them again; what is damaged is logged and counted."""

import asyncio
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.service import Job
from chassis.settings import Settings
from compliance.recordings import queries, verification
from compliance.recordings.storage import evidence_store

log = structlog.get_logger()

VERIFIED = Counter("wangdian_recordings_verified_total", "Sealed recordings read again.", ["result"])

#: From the start at nought: the first damage is an increase.
for _result in ("intact", "damaged"):
    VERIFIED.labels(_result)

RECORDINGS_MAX = 50
#: Read within the one transaction of a run.
BYTES_MAX = 256 * 1024 * 1024


class Patrol:
    """Where the round stands; it begins anew at the end, and when the process starts."""

    def __init__(self) -> None:
        self._after: UUID | None = None

    async def run(self, session: AsyncSession, clock: Clock, settings: Settings) -> bool:
        """Verifies the next recordings, a bounded number of bytes; never asks for more at once."""
        store, read = evidence_store(settings), 0
        page = list(await session.scalars(queries.sealed_after(self._after, RECORDINGS_MAX)))
        if not page:
            self._after = None
        for recording_id in page:
            recording = await queries.recording(session, recording_id)
            seal = await queries.seal(session, recording_id)
            inspected = await queries.inspection(session, recording_id)
            if seal is None or inspected is None:
                log.error("recording without its seal", recording_id=str(recording_id))
                VERIFIED.labels("damaged").inc()
                continue
            damages = await asyncio.to_thread(verification.verify, recording, seal, store)
            for damage in damages:
                log.error(
                    "evidence damaged",
                    recording_id=str(recording_id),
                    name=damage.name,
                    flaw=damage.flaw.value,
                )
            VERIFIED.labels("damaged" if damages else "intact").inc()
            self._after = recording_id
            read += inspected.size
            if read >= BYTES_MAX:
                break
        return False


verify = Job(name="verify_recordings", seconds=60, run=Patrol().run)
