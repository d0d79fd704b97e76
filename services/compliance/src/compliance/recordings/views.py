"""What the routes of recordings answer."""

from datetime import datetime
from uuid import UUID

from chassis.http.routing import Output
from compliance.evidence.domain import SegmentKind
from compliance.evidence.store import Flaw
from compliance.recordings.domain import Recording, RecordingStanding, RecordingState
from compliance.rulebook.footage_facts import RecordingChannel, TakeKind


class SegmentView(Output):
    """A declared part."""

    kind: SegmentKind
    starts_ms: int
    ends_ms: int
    declared_at: datetime


class UploadView(Output):
    """The upload that counts; it goes on at ``received`` bytes."""

    id: UUID
    length: int
    received: int
    expires_at: datetime


class MediaView(Output):
    """What the decoder found in the whole file."""

    duration_ms: int
    video_codec: str
    width: int
    height: int
    frames: int
    video_ms: int
    audio_codec: str
    sample_rate: int
    channels: int
    audio_ms: int


class RecordingEntry(Output):
    """A recording, as lists show it; ``main_id`` is the one that it belongs to, null where it is that one.

    ``standing`` is its ``state``, or ``ABANDONED`` where it was not sealed in time: it proves no sale, and is
    sealed by a job to be kept.
    """

    id: UUID
    version: int
    case_id: UUID
    session_id: UUID
    customer_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    device_id: str | None
    state: RecordingState
    started_at: datetime
    main_id: UUID | None
    take: TakeKind
    channel: RecordingChannel
    standing: RecordingStanding

    @classmethod
    def of(cls, recording: Recording, at: datetime, sealed_at: datetime | None) -> "RecordingEntry":
        """The entry of a recording as it stands at ``at``; ``sealed_at`` None: it is not sealed."""
        known = {name: getattr(recording, name) for name in RecordingEntry.model_fields.keys() - {"standing"}}
        return cls(**known, standing=recording.standing(at, sealed_at))


class RecordingView(RecordingEntry):
    """A recording with all that is known about it; ``manifest`` is the SHA-256 of its manifest: the seal."""

    segments: list[SegmentView]
    upload: UploadView | None
    media: MediaView | None
    sealed_at: datetime | None
    manifest: str | None


class DamageView(Output):
    """What is wrong: an object by the SHA-256 that it should have, or ``seal``, ``head``, ``certificate``."""

    name: str
    flaw: Flaw


class VerificationView(Output):
    """What reading everything again has shown."""

    recording_id: UUID
    state: RecordingState
    manifest: str
    verified_at: datetime
    intact: bool
    damages: list[DamageView]
