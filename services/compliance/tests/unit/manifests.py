"""A sound manifest; tests change one thing at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from compliance.evidence.domain import Chunk, ConsentRef, Manifest, MediaFacts, Segment, SegmentKind
from services.compliance.tests.unit.builders import an_id

STARTED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

PARTS = (b"a" * 600, b"b" * 400)

MEDIA = MediaFacts(
    duration_ms=5000,
    video_codec="h264",
    width=320,
    height=240,
    frames=25,
    video_ms=5000,
    audio_codec="aac",
    sample_rate=16000,
    channels=1,
    audio_ms=5000,
)

MANIFEST = Manifest(
    recording_id=an_id(9),
    session_id=an_id(5),
    customer_id=an_id(1),
    seller_id=an_id(2),
    outlet_id=an_id(3),
    zone_id=an_id(4),
    started_at=STARTED,
    ended_at=STARTED + timedelta(seconds=5),
    sealed_at=STARTED + timedelta(minutes=1),
    consent=ConsentRef(consent_id=an_id(30), at=STARTED),
    media=MEDIA,
    segments=tuple(
        Segment(kind=kind, starts_ms=1000 * n, ends_ms=1000 * (n + 1)) for n, kind in enumerate(SegmentKind)
    ),
    chunks=(
        Chunk(offset=0, size=600, sha256=sha256(PARTS[0]).hexdigest()),
        Chunk(offset=600, size=400, sha256=sha256(PARTS[1]).hexdigest()),
    ),
    size=1000,
    sha256=sha256(b"".join(PARTS)).hexdigest(),
)


def a_manifest(**changes: Any) -> Manifest:
    """The sound manifest, changed."""
    return replace(MANIFEST, **changes)
