"""Removes uploaded bytes that no recording waits for any more: sealed, replaced or expired."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.service import Job
from chassis.settings import Settings
from compliance.recordings import queries
from compliance.recordings.storage import Staging

#: A folder that changed less than this ago may be at work.
QUIET = timedelta(hours=1)
BATCH = 200


async def sweep_uploads(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """One bounded pass; says whether there is more at once."""
    staging, now = Staging(settings), clock.now()
    quiet_since = (now - QUIET).timestamp()
    lying = await asyncio.to_thread(staging.uploads)
    quiet: list[UUID] = [upload_id for upload_id, changed in lying if changed <= quiet_since]
    needed = set(await session.scalars(queries.awaited(quiet, now)))
    unneeded = [upload_id for upload_id in quiet if upload_id not in needed]
    for upload_id in unneeded[:BATCH]:
        await asyncio.to_thread(staging.clear, upload_id)
    return len(unneeded) > BATCH


sweep = Job(name="sweep_uploads", seconds=600, run=sweep_uploads)
