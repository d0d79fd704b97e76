"""Adds old sales, and locks the heads of their recordings (G1)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import lock
from compliance.legacy_records.domain import ImportedRecording, ImportedSale, LegacyBatch, LegacyGap


async def lock_imported_head(session: AsyncSession, recording_id: UUID) -> ImportedRecording:
    """G1: the head of an old recording, locked and read anew. Raises ``ObjectNotFound``."""
    return await lock(session, ImportedRecording, recording_id)


async def add_batch(
    session: AsyncSession,
    batch: LegacyBatch,
    recordings: Sequence[ImportedRecording],
    sales: Sequence[ImportedSale],
    gaps: Sequence[LegacyGap],
) -> None:
    """Adds all of a batch, each part after what it refers to."""
    for part in ([batch], recordings, sales, gaps):
        session.add_all(part)
        await session.flush()
