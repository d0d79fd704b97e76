"""The head behind the keeping of a recording: of one that was sealed here, or of an old one (G1)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from compliance.legacy_records.commands import lock_imported_head
from compliance.legacy_records.domain import ImportedRecording
from compliance.legacy_records.queries import find_recording
from compliance.recordings.commands import lock_with_main
from compliance.recordings.domain import Recording
from compliance.recordings.queries import recording, sealed_manifest
from compliance.retention.domain import Sealed

KeptHead = Recording | ImportedRecording


async def lock_head(session: AsyncSession, recording_id: UUID) -> KeptHead:
    """The head, locked behind that which it is kept with, never first shared. Raises ``ObjectNotFound``."""
    try:
        return await lock_with_main(session, recording_id)
    except ObjectNotFound:
        return await lock_imported_head(session, recording_id)


async def head_of(session: AsyncSession, recording_id: UUID) -> KeptHead:
    """The head, to be looked at. Raises ``ObjectNotFound``."""
    return await find_recording(session, recording_id) or await recording(session, recording_id)


async def sealed_of(session: AsyncSession, head: KeptHead) -> Sealed:
    """What would be disposed of.

    Raises ``RecordingNotSealed``, ``SealBroken``, ``LegacyRecordingNotStored``.
    """
    if isinstance(head, ImportedRecording):
        return head.record
    return await sealed_manifest(session, head.id)
