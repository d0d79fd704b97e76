"""What is added about a recording, for good: segments, received chunks, the inspection, the seal."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from uuid import UUID

from chassis.errors import Conflict, Invalid, ServiceError, TooLarge
from compliance.evidence.domain import Chunk, Manifest, MediaFacts, Plain, Segment, SegmentKind, from_plain
from compliance.recordings.uploads import OffsetMismatch, Upload

CHUNKS_MAX = 2048
#: Manifests that a process has read already and still knows.
MANIFESTS_MAX = 64
UPLOAD_LIFETIME = timedelta(hours=48)


class SegmentOutside(Invalid):
    """A segment begins before it ends, inside the recording (REC-02)."""

    code = "SEGMENT_OUTSIDE"
    zh = "环节 {kind} 的起止时间不在录音录像范围内；请更正。"
    en = "The segment {kind} does not lie inside the recording; correct its start and end."


class TooManyChunks(TooLarge):
    """An upload in ever smaller pieces is stopped."""

    code = "TOO_MANY_CHUNKS"
    zh = "一次上传最多 {limit} 段；请用更大的分段重新上传。"
    en = "An upload has at most {limit} chunks; upload again in larger ones."


class UploadIncomplete(Conflict):
    """Bytes are missing."""

    code = "UPLOAD_INCOMPLETE"
    zh = "上传尚未完成：已收到 {received} / {length} 字节；请继续上传。"
    en = "The upload is not complete: {received} of {length} bytes arrived; continue it."


class SealBroken(ServiceError):
    """The seal in the database is not what its digest says, or speaks of another recording."""

    code = "SEAL_BROKEN"
    zh = "封存清单与其摘要不符；请立即报告合规部门。"
    en = "The manifest is not what its seal says; report it to compliance at once."


@dataclass(kw_only=True)
class DeclaredSegment:
    """A legal part as the seller declared it, on record for good; ``recording_version`` is what it made."""

    recording_id: UUID
    recording_version: int
    kind: SegmentKind
    starts_ms: int
    ends_ms: int
    declared_by: str
    declared_at: datetime

    @property
    def segment(self) -> Segment:
        """The part as evidence states it."""
        return Segment(kind=self.kind, starts_ms=self.starts_ms, ends_ms=self.ends_ms)


@dataclass(kw_only=True)
class ReceivedChunk:
    """A run of uploaded bytes, on disk under ``file`` before this row was committed."""

    upload_id: UUID
    position: int
    size: int
    sha256: str
    file: str
    received_at: datetime

    @property
    def chunk(self) -> Chunk:
        """The run as evidence states it."""
        return Chunk(offset=self.position, size=self.size, sha256=self.sha256)


@dataclass(kw_only=True)
class RecordingUpload:
    """One attempt to bring the file of a recording; the next one replaces it, and it stays on record."""

    id: UUID
    recording_id: UUID
    length: int
    received: int
    chunks: int
    created_by: str
    created_at: datetime
    expires_at: datetime
    replaced_at: datetime | None

    @classmethod
    def begin(
        cls, upload_id: UUID, recording_id: UUID, length: int, *, by: str, at: datetime
    ) -> "RecordingUpload":
        """A new upload of ``length`` bytes."""
        return cls(
            id=upload_id,
            recording_id=recording_id,
            length=length,
            received=0,
            chunks=0,
            created_by=by,
            created_at=at,
            expires_at=at + UPLOAD_LIFETIME,
            replaced_at=None,
        )

    @property
    def upload(self) -> Upload:
        """The upload as the protocol sees it; one that was replaced has expired."""
        expires_at = self.expires_at if self.replaced_at is None else min(self.replaced_at, self.expires_at)
        return Upload(id=self.id, length=self.length, offset=self.received, expires_at=expires_at)

    def take(self, chunk: ReceivedChunk) -> None:
        """Counts bytes that are on disk.

        Raises ``OffsetMismatch``, ``UploadTooLarge``, :class:`TooManyChunks`.
        """
        if chunk.position != self.received:
            raise OffsetMismatch(offset=self.received)
        if self.chunks >= CHUNKS_MAX:
            raise TooManyChunks(limit=CHUNKS_MAX)
        self.received = self.upload.advance(chunk.size).offset
        self.chunks += 1

    def must_be_complete(self) -> None:
        """Raises :class:`UploadIncomplete`."""
        if not self.upload.complete:
            raise UploadIncomplete(received=self.received, length=self.length)


@dataclass(kw_only=True)
class InspectedUpload:
    """The upload that was decoded to its end and is the recording from now on, on record for good.

    ``size`` and ``sha256`` are those of the whole file.
    """

    recording_id: UUID
    recording_version: int
    upload_id: UUID
    media: MediaFacts
    size: int
    sha256: str
    inspected_by: str
    inspected_at: datetime


@dataclass(kw_only=True)
class Seal:
    """The manifest (canonical JSON) and its SHA-256, on record for good."""

    recording_id: UUID
    recording_version: int
    manifest_bytes: bytes
    digest: str
    sealed_by: str
    sealed_at: datetime

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest, read back; raises :class:`SealBroken` unless its bytes have the digest."""
        found = _manifest(self.manifest_bytes)
        if found.digest != self.digest or found.recording_id != self.recording_id:
            raise SealBroken
        return found

    @property
    def plain(self) -> Plain:
        """What the bytes say, whether or not they have the digest; None for what is no JSON."""
        try:
            plain: Plain = json.loads(self.manifest_bytes)
        except ValueError:
            return None
        return plain


@lru_cache(maxsize=MANIFESTS_MAX)
def _manifest(content: bytes) -> Manifest:
    """What the bytes say, where they are its canonical JSON: the sales of a visit rest on the same.

    Raises :class:`SealBroken`.
    """
    try:
        found = from_plain(Manifest, json.loads(content))
    except (ValueError, Invalid) as wrong:
        raise SealBroken from wrong
    if hashlib.sha256(content).hexdigest() != found.digest:
        raise SealBroken
    return found


def check_inside(segment: Segment, duration_ms: int) -> None:
    """Raises :class:`SegmentOutside` unless it begins before it ends, within the duration."""
    if not 0 <= segment.starts_ms < segment.ends_ms <= duration_ms:
        raise SegmentOutside(kind=segment.kind.value, pointer="/ends_ms")
