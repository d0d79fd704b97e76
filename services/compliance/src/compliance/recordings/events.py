"""Facts about the making of a recording; what becomes of it later is told by its retention."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.recordings.v1"


@dataclass(frozen=True, kw_only=True)
class RecordingSealed(Fact, type="compliance.recording.sealed.v1", topic=TOPIC, key="recording_id"):
    """A recording was decoded to its end and sealed; ``manifest`` is the SHA-256 of its manifest (the seal).

    ``segments`` are the legal parts in the order of their declaration, ``size`` is in bytes; ``zone_id``
    null: outside any zone. What is sealed (``occurred_at``) 48 hours after ``started_at`` or later was
    abandoned, and proves no sale.
    """

    recording_id: UUID
    case_id: UUID
    session_id: UUID
    customer_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    started_at: datetime
    duration_ms: int
    segments: tuple[str, ...]
    size: int
    manifest: str
