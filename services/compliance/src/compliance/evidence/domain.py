"""What evidence is: the manifest that seals a recording, the certificate that alone allows its removal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from chassis.errors import Invalid
from compliance.evidence.canonical import NotCanonical, Plain, canonical, sha256_of
from compliance.evidence.plain import (
    NotReadable,
    digest_of,
    digest_of_text,
    from_plain,
    gained,
    not_known_then,
    plain_text,
    to_plain,
)

__all__ = [
    "Chunk",
    "ConsentRef",
    "DisposalCertificate",
    "Manifest",
    "ManifestInvalid",
    "MediaFacts",
    "NotCanonical",
    "NotReadable",
    "ObjectRef",
    "Plain",
    "Segment",
    "SegmentKind",
    "canonical",
    "digest_of",
    "digest_of_text",
    "from_plain",
    "gained",
    "not_known_then",
    "plain_text",
    "sha256_of",
    "to_plain",
]

MANIFEST_FORMAT = "wangdian.recording-manifest.v1"
CERTIFICATE_FORMAT = "wangdian.disposal-certificate.v1"

SHA256_DIGITS = 64


class ManifestInvalid(Invalid):
    """The parts of a recording do not make one whole."""

    code = "MANIFEST_INVALID"
    zh = "录音录像的组成部分不一致：{reason}；请核对各环节和文件后重新提交。"
    en = "The parts of the recording do not fit together: {reason}; check its segments and files."


class SegmentKind(StrEnum):
    """The legal parts of a recording (REC-02)."""

    PITCH = "PITCH"
    RISK_DISCLOSURE = "RISK_DISCLOSURE"
    KEY_INFO = "KEY_INFO"
    CONFIRMATION = "CONFIRMATION"
    FEEDBACK = "FEEDBACK"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A legal part of the recording: its start and end in milliseconds of the recording, end exclusive."""

    kind: SegmentKind
    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, kw_only=True)
class ObjectRef:
    """One stored object: the SHA-256 of its bytes (hexadecimal) and their number."""

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A run of uploaded bytes: its place in the recording's file, and the object that holds it."""

    offset: int
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class MediaFacts:
    """What the decoder found in the whole file. Durations in milliseconds, sizes in pixels, rate in hertz."""

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


@dataclass(frozen=True, kw_only=True)
class ConsentRef:
    """The consent to be recorded (REC-04)."""

    consent_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a sealed recording is, in one value; its canonical SHA-256 is the seal.

    Opaque ids only: the manifest may be shown to an auditor without naming the customer. ``sha256`` and
    ``size`` are those of the whole file, the chunks in their order. ``zone_id`` and ``consent`` None:
    outside any zone, without a consent; whether a sale may rest on that is the gate's to say.
    """

    format: str = MANIFEST_FORMAT
    recording_id: UUID
    session_id: UUID
    customer_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    started_at: datetime
    ended_at: datetime
    sealed_at: datetime
    consent: ConsentRef | None
    media: MediaFacts
    segments: tuple[Segment, ...]
    chunks: tuple[Chunk, ...]
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if self.format != MANIFEST_FORMAT:
            raise ManifestInvalid(reason=f"unknown format {self.format}")
        _check_chunks(self.chunks, self.size)
        if not (self.started_at < self.ended_at <= self.sealed_at):
            raise ManifestInvalid(reason="started, ended, sealed: not in this order")
        for segment in self.segments:
            if not 0 <= segment.starts_ms < segment.ends_ms <= self.media.duration_ms:
                raise ManifestInvalid(reason=f"segment {segment.kind} lies outside the recording")
        for digest in (self.sha256, *(chunk.sha256 for chunk in self.chunks)):
            if len(digest) != SHA256_DIGITS or not set(digest) <= set("0123456789abcdef"):
                raise ManifestInvalid(reason="a SHA-256 is not 64 lower-case hexadecimal digits")

    @property
    def bytes(self) -> bytes:
        """The canonical JSON that is stored beside the chunks."""
        return canonical(to_plain(self))

    @cached_property
    def digest(self) -> str:
        """The seal: SHA-256 over the canonical JSON."""
        return digest_of(self)

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """Every object that the store must hold for this recording, the manifest itself last, each once."""
        held = {chunk.sha256: ObjectRef(sha256=chunk.sha256, size=chunk.size) for chunk in self.chunks}
        manifest = ObjectRef(sha256=self.digest, size=len(self.bytes))
        return (*held.values(), manifest)


def _check_chunks(chunks: Sequence[Chunk], size: int) -> None:
    offset = 0
    for chunk in chunks:
        if chunk.offset != offset or chunk.size <= 0:
            raise ManifestInvalid(reason=f"chunk at {chunk.offset}, expected at {offset}")
        offset += chunk.size
    if offset != size or not chunks:
        raise ManifestInvalid(reason=f"chunks hold {offset} bytes of {size}")


@dataclass(frozen=True, kw_only=True)
class DisposalCertificate:
    """Why a recording was removed, kept for good; names no customer.

    ``decision`` and ``release`` are the digests of the disposal's decision and of the rule release behind
    it, ``rules`` the ids of the rows that were applied, ``retain_until`` the last day on which it had to be
    kept.
    """

    format: str = CERTIFICATE_FORMAT
    certificate_id: UUID
    recording_id: UUID
    authorised_at: datetime
    authorised_by: str
    decision: str
    release: str
    rules: tuple[str, ...]
    retain_until: date
    manifest: str
    objects: tuple[ObjectRef, ...]

    @property
    def bytes(self) -> bytes:
        """The canonical JSON that stays in the store in place of the recording."""
        return canonical(to_plain(self))

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of(self)
