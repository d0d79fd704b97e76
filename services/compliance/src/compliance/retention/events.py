"""Facts about the keeping of a recording; keyed by it, a refusal by its attempt, a report by itself."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.recordings.v1"


@dataclass(frozen=True, kw_only=True)
class HoldPlaced(Fact, type="compliance.recording.hold_placed.v1", topic=TOPIC, key="recording_id"):
    """A matter holds the recording; ``open_holds`` counts all that do."""

    recording_id: UUID
    source: str
    matter_id: str
    open_holds: int


@dataclass(frozen=True, kw_only=True)
class HoldReleased(Fact, type="compliance.recording.hold_released.v1", topic=TOPIC, key="recording_id"):
    """The matter is over; ``open_holds`` counts those that are left."""

    recording_id: UUID
    source: str
    matter_id: str
    resolved_on: date
    open_holds: int


@dataclass(frozen=True, kw_only=True)
class RetentionDated(Fact, type="compliance.recording.retention_dated.v1", topic=TOPIC, key="recording_id"):
    """The last day through which to keep has become known or changed; None: without end for now."""

    recording_id: UUID
    retain_until: date | None
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DisposalAuthorised(
    Fact, type="compliance.recording.disposal_authorised.v1", topic=TOPIC, key="recording_id"
):
    """Nothing stands against the removal; the bytes go next, under this certificate (its SHA-256)."""

    recording_id: UUID
    certificate_id: UUID
    certificate: str
    decision: str
    retain_until: date


@dataclass(frozen=True, kw_only=True)
class DisposalWithdrawn(
    Fact, type="compliance.recording.disposal_withdrawn.v1", topic=TOPIC, key="recording_id"
):
    """A hold came before the bytes were removed: the recording is kept."""

    recording_id: UUID
    certificate_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecordingDisposed(Fact, type="compliance.recording.disposed.v1", topic=TOPIC, key="recording_id"):
    """The bytes are gone and were seen to be gone; the certificate stays."""

    recording_id: UUID
    certificate_id: UUID
    certificate: str
    decision: str


@dataclass(frozen=True, kw_only=True)
class DisposalRefused(Fact, type="compliance.disposal.refused.v1", topic=TOPIC, key="attempt_id"):
    """An attempt to dispose of a recording was refused: the rules that stand against it, and its decision."""

    attempt_id: UUID
    recording_id: UUID
    decision: str
    rules: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReportTaken(Fact, type="compliance.report.taken.v1", topic=TOPIC, key="report_id"):
    """A pay-out, an end of a contract or a complaint was reported about a sale, and is on record.

    ``source`` and ``fact_id`` are those of the fact that told us, ``claimed_on`` the day that it names.
    """

    report_id: UUID
    sale_id: UUID
    kind: str
    claimed_on: date | None
    source: str
    fact_id: str
