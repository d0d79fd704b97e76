"""A recording: opened when it begins, filled by an upload, inspected, sealed; then only retention moves it.

::

    OPEN ── inspect ──▶ INSPECTED ── seal ──▶ SEALED ── begin_disposal ──▶ DISPOSING ── complete ──▶ DISPOSED
                                                ▲                            │
                                                └─────── keep_after_all ─────┘

The row of a recording is its head (G1): segments, inspection and seal bump its version, and like received
chunks they can only be added (D1). The seal is the manifest, whose bytes stand in the database and in the
evidence store alike: whoever decides on a sealed recording reads the manifest, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid
from compliance.cases.domain import SaleCase
from compliance.evidence.domain import ConsentRef, Manifest, MediaFacts, Segment
from compliance.recordings.events import RecordingSealed
from compliance.recordings.limits import MediaLimits
from compliance.recordings.parts import (
    DeclaredSegment,
    InspectedUpload,
    ReceivedChunk,
    RecordingUpload,
    Seal,
    check_inside,
)
from compliance.rulebook.footage_facts import RecordingChannel, RecordingFacts, TakeKind

SEGMENTS_MAX = 100
#: So long after its beginning a recording that is not sealed is abandoned: it proves no sale any more.
RECORDING_LIFETIME = timedelta(hours=48)


class RecordingState(StrEnum):
    """Where the recording stands; SEALED and later mean that there is a manifest."""

    OPEN = "OPEN"
    INSPECTED = "INSPECTED"
    SEALED = "SEALED"
    DISPOSING = "DISPOSING"
    DISPOSED = "DISPOSED"


#: States of what is still being made.
UNSEALED = frozenset({RecordingState.OPEN, RecordingState.INSPECTED})


class RecordingStanding(StrEnum):
    """How a recording stands at an instant: its state, or ABANDONED where nobody has sealed it in time."""

    OPEN = "OPEN"
    INSPECTED = "INSPECTED"
    ABANDONED = "ABANDONED"
    SEALED = "SEALED"
    DISPOSING = "DISPOSING"
    DISPOSED = "DISPOSED"


class RecordingInForeignName(Forbidden):
    """Who opened a recording makes and seals it; nobody reaches into another's (REC-10)."""

    code = "RECORDING_IN_FOREIGN_NAME"
    zh = "只能处理本人销售过程的录音录像；请由建立销售单的销售人员办理。"
    en = (
        "The recording belongs to another seller's case; let the seller who opened the case make and seal it."
    )


class RecordingIsFixed(Conflict):
    """What was inspected or sealed is not replaced (REC-10)."""

    code = "RECORDING_FIXED"
    zh = "录音录像已通过检测或已封存，不能再更改；如需重录，请另建录音录像。"
    en = "The recording has been inspected or sealed and cannot be changed; open another one to record again."


class RecordingNotInspected(Conflict):
    """Only what was decoded to its end is sealed."""

    code = "RECORDING_NOT_INSPECTED"
    zh = "录音录像尚未通过检测；请先完成上传并检测。"
    en = "The recording has not been inspected; finish its upload and have it inspected first."


class RecordingNotStored(Conflict):
    """The store does not hold every part yet: the inspection was interrupted."""

    code = "RECORDING_NOT_STORED"
    zh = "录音录像尚未全部存入证据库；请重新检测后再封存。"
    en = "The evidence store does not hold every part yet; repeat the inspection, then seal."


class RecordingNotSealed(Conflict):
    """There is no seal that could be looked at."""

    code = "RECORDING_NOT_SEALED"
    zh = "录音录像尚未封存；请先封存。"
    en = "The recording is not sealed; seal it first."


class RecordingNotElapsed(Invalid):
    """A recording cannot be longer than the time since it began: the file shows something else."""

    code = "RECORDING_NOT_ELAPSED"
    zh = "录音录像时长 {duration_ms} 毫秒，超过自开始录制以来的时间；请核对所上传的文件。"
    en = "The file lasts {duration_ms} ms, longer than the time since the recording began; check the file."


class RecordingExpired(Conflict):
    """What nobody has sealed in time proves no sale any more."""

    code = "RECORDING_EXPIRED"
    zh = "该录音录像开始已满 {hours} 小时而未封存,已失效;请重新录制。"
    en = "The recording began {hours} hours ago and was not sealed; it is void, record again."


class TooManySegments(Conflict):
    """No recording has that many parts."""

    code = "TOO_MANY_SEGMENTS"
    zh = "一份录音录像最多 {limit} 个环节；请合并环节。"
    en = "A recording has at most {limit} segments; join some of them."


class UploadMissing(Conflict):
    """Nothing was uploaded, or what was has been replaced."""

    code = "UPLOAD_MISSING"
    zh = "没有有效的上传；请先上传录音录像。"
    en = "There is no upload that counts; upload the recording first."


@dataclass
class Recording:
    """The head of a recording. ``started_at`` is when it was opened here: nobody can date it back."""

    id: UUID
    version: int
    case_id: UUID
    session_id: UUID
    customer_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    device_id: str | None
    opened_by: str
    started_at: datetime
    state: RecordingState
    #: Of what was added to a recording, that one; see :mod:`compliance.recordings.takes`.
    main_id: UUID | None = None
    take: TakeKind = TakeKind.MAIN
    channel: RecordingChannel = RecordingChannel.ON_SITE

    @classmethod
    def open(
        cls, recording_id: UUID, case: SaleCase, *, device_id: str | None, by: str, at: datetime
    ) -> "Recording":
        """A recording that begins now, at version 1.

        Raises ``CaseIsLogged``, ``CaseIsAbandoned``, :class:`RecordingInForeignName`.
        """
        case.must_be_open(at)
        if case.opened_by != by:
            raise RecordingInForeignName
        return cls(
            id=recording_id,
            version=1,
            case_id=case.id,
            session_id=case.session_id,
            customer_id=case.customer_id,
            seller_id=case.seller_id,
            outlet_id=case.outlet_id,
            zone_id=case.zone_id,
            device_id=device_id,
            opened_by=by,
            started_at=at,
            state=RecordingState.OPEN,
        )

    def must_be_made_by(self, subject: str) -> None:
        """Raises :class:`RecordingInForeignName`."""
        if self.opened_by != subject:
            raise RecordingInForeignName

    def standing(self, at: datetime, sealed_at: datetime | None = None) -> RecordingStanding:
        """How it stands at ``at``: nothing has to be written for a recording to be abandoned.

        One that was sealed (at ``sealed_at``) when it was abandoned already is kept, and stays abandoned.
        """
        sealed = sealed_at is not None and self.state is RecordingState.SEALED
        if (self.state in UNSEALED or sealed) and not self.in_time(sealed_at or at):
            return RecordingStanding.ABANDONED
        return RecordingStanding(self.state.value)

    def in_time(self, at: datetime) -> bool:
        """Whether a seal of that instant lets it prove something."""
        return at < self.started_at + RECORDING_LIFETIME

    def must_be_alive(self, at: datetime, sealed_at: datetime | None = None) -> None:
        """Raises :class:`RecordingExpired` for one that was not sealed in its time, or later."""
        if self.standing(at, sealed_at) is RecordingStanding.ABANDONED:
            raise RecordingExpired(hours=RECORDING_LIFETIME // timedelta(hours=1))

    def must_take_uploads(self) -> None:
        """Raises :class:`RecordingIsFixed`."""
        if self.state is not RecordingState.OPEN:
            raise RecordingIsFixed

    def declare(
        self,
        segment: Segment,
        known: Sequence[DeclaredSegment],
        media: MediaFacts | None,
        *,
        by: str,
        at: datetime,
    ) -> DeclaredSegment:
        """Adds a legal part (REC-02); ``media`` None: not inspected yet, the end is checked then.

        Raises :class:`RecordingIsFixed` once sealed, :class:`SegmentOutside`, :class:`TooManySegments`.
        """
        if self.state not in UNSEALED:
            raise RecordingIsFixed
        check_inside(segment, MediaLimits().duration_ms if media is None else media.duration_ms)
        if len(known) >= SEGMENTS_MAX:
            raise TooManySegments(limit=SEGMENTS_MAX)
        self.version += 1
        return DeclaredSegment(
            recording_id=self.id,
            recording_version=self.version,
            kind=segment.kind,
            starts_ms=segment.starts_ms,
            ends_ms=segment.ends_ms,
            declared_by=by,
            declared_at=at,
        )

    def inspect(
        self,
        upload: RecordingUpload,
        media: MediaFacts,
        sha256: str,
        segments: Sequence[DeclaredSegment],
        *,
        by: str,
        at: datetime,
    ) -> InspectedUpload:
        """Fixes the upload, whose file was decoded, as the recording.

        Raises :class:`RecordingIsFixed`, :class:`UploadIncomplete`, :class:`SegmentOutside` for a segment
        declared before that does not lie inside.
        """
        self.must_take_uploads()
        upload.must_be_complete()
        for declared in segments:
            check_inside(declared.segment, media.duration_ms)
        self.state = RecordingState.INSPECTED
        self.version += 1
        return InspectedUpload(
            recording_id=self.id,
            recording_version=self.version,
            upload_id=upload.id,
            media=media,
            size=upload.length,
            sha256=sha256,
            inspected_by=by,
            inspected_at=at,
        )

    def prepare_manifest(
        self,
        inspected: InspectedUpload,
        chunks: Sequence[ReceivedChunk],
        segments: Sequence[DeclaredSegment],
        consent: ConsentRef | None,
        *,
        at: datetime,
    ) -> Manifest:
        """What would be sealed at ``at``, everything about the recording in one value.

        Raises :class:`RecordingIsFixed`, :class:`RecordingNotInspected`, :class:`RecordingNotElapsed`,
        ``ManifestInvalid``.
        """
        if self.state is RecordingState.OPEN:
            raise RecordingNotInspected
        if self.state is not RecordingState.INSPECTED:
            raise RecordingIsFixed
        ended_at = self.started_at + timedelta(milliseconds=inspected.media.duration_ms)
        if ended_at > at:
            raise RecordingNotElapsed(duration_ms=inspected.media.duration_ms)
        return Manifest(
            recording_id=self.id,
            session_id=self.session_id,
            customer_id=self.customer_id,
            seller_id=self.seller_id,
            outlet_id=self.outlet_id,
            zone_id=self.zone_id,
            started_at=self.started_at,
            ended_at=ended_at,
            sealed_at=at,
            consent=consent,
            media=inspected.media,
            segments=tuple(declared.segment for declared in segments),
            chunks=tuple(received.chunk for received in chunks),
            size=inspected.size,
            sha256=inspected.sha256,
        )

    def seal(self, manifest: Manifest, *, by: str) -> tuple[Seal, RecordingSealed]:
        """Seals the recording with its manifest, which the evidence store holds already."""
        self.state = RecordingState.SEALED
        self.version += 1
        seal = Seal(
            recording_id=self.id,
            recording_version=self.version,
            manifest_bytes=manifest.bytes,
            digest=manifest.digest,
            sealed_by=by,
            sealed_at=manifest.sealed_at,
        )
        fact = RecordingSealed(
            version=self.version,
            occurred_at=manifest.sealed_at,
            recording_id=self.id,
            case_id=self.case_id,
            session_id=self.session_id,
            customer_id=self.customer_id,
            seller_id=self.seller_id,
            outlet_id=self.outlet_id,
            zone_id=self.zone_id,
            started_at=self.started_at,
            duration_ms=manifest.media.duration_ms,
            segments=tuple(segment.kind.value for segment in manifest.segments),
            size=manifest.size,
            manifest=manifest.digest,
        )
        return seal, fact

    def begin_disposal(self) -> None:
        """A disposal is authorised. The version is counted with its fact, by the retention of the recording.

        Raises :class:`RecordingNotSealed`.
        """
        self._follow(RecordingState.SEALED, RecordingState.DISPOSING)

    def withdraw_disposal(self) -> None:
        """The disposal was taken back before a byte was gone. Raises :class:`RecordingNotSealed`."""
        self._follow(RecordingState.DISPOSING, RecordingState.SEALED)

    def complete_disposal(self) -> None:
        """The bytes are gone. Raises :class:`RecordingNotSealed`."""
        self._follow(RecordingState.DISPOSING, RecordingState.DISPOSED)

    def _follow(self, before: RecordingState, after: RecordingState) -> None:
        if self.state is not before:
            raise RecordingNotSealed
        self.state = after

    def facts(
        self,
        media: MediaFacts | None,
        segments: Sequence[DeclaredSegment],
        seal: Seal | None,
    ) -> RecordingFacts:
        """What the gate may rest on: of a recording sealed in time what its manifest says, no more."""
        manifest = None if seal is None else seal.manifest
        media = media if manifest is None else manifest.media
        sealed = None if self.state is not RecordingState.SEALED else manifest
        proof = sealed if sealed is not None and self.in_time(sealed.sealed_at) else None
        return RecordingFacts(
            recording_id=self.id,
            customer_id=self.customer_id if manifest is None else manifest.customer_id,
            session_id=self.session_id if manifest is None else manifest.session_id,
            started_at=self.started_at if manifest is None else manifest.started_at,
            sealed_at=None if proof is None else proof.sealed_at,
            manifest=None if proof is None else proof.digest,
            duration_ms=0 if media is None else media.duration_ms,
            has_picture=media is not None and media.frames > 0,
            has_sound=media is not None and media.audio_ms > 0,
            segments=tuple(item.segment for item in segments) if manifest is None else manifest.segments,
        )
