"""Old sales and recordings: what another system says, in tables of their own, without any decision.

An imported sale is never one of the gate: it has no case, no decision, no seal, and reads name its origin.
Its recording is known by the SHA-256 that the old system gave; bytes that came along are in the store.

::

    REGISTERED     the bytes were not given, or had another digest: nothing to keep, nothing to dispose of
    STORED ── begin_disposal ──▶ DISPOSING ── complete_disposal ──▶ DISPOSED
      ▲                              │
      └───── withdraw_disposal ──────┘
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict
from compliance.evidence.domain import ObjectRef, digest_of
from compliance.rulebook.facts import ProductForm, ProductKind

RECORD_FORMAT = "wangdian.imported-recording.v1"


class Origin(StrEnum):
    """Where a sale comes from: through the gate, or from an old system."""

    GATED = "GATED"
    IMPORTED = "IMPORTED"


class ImportedState(StrEnum):
    """Where the bytes of an old recording are."""

    REGISTERED = "REGISTERED"
    STORED = "STORED"
    DISPOSING = "DISPOSING"
    DISPOSED = "DISPOSED"


class FileFormat(StrEnum):
    """How a list of old sales was written."""

    CSV = "CSV"
    JSON = "JSON"


class GapKind(StrEnum):
    """What is missing of an old sale. Nobody makes it up afterwards."""

    NO_RECORDING = "NO_RECORDING"
    RECORDING_NOT_GIVEN = "RECORDING_NOT_GIVEN"
    DIGEST_MISMATCH = "DIGEST_MISMATCH"
    NO_ASSESSMENT = "NO_ASSESSMENT"
    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    UNKNOWN_SELLER = "UNKNOWN_SELLER"
    UNKNOWN_CUSTOMER = "UNKNOWN_CUSTOMER"
    UNKNOWN_OUTLET = "UNKNOWN_OUTLET"


class LegacyRecordingNotStored(Conflict):
    """What was never here cannot be disposed of here."""

    code = "LEGACY_RECORDING_NOT_STORED"
    zh = "该历史录音录像只登记了摘要,文件不在证据库或正在销毁;请在原系统核对。"
    en = "The bytes of this old recording are not in the store, or are going; look in the system it is from."


@dataclass(kw_only=True)
class LegacyBatch:
    """One imported file, named by its SHA-256: the same file is the same batch. It never changes."""

    id: UUID
    sha256: str
    format: FileFormat
    sales: int
    recordings: int
    gaps: int
    imported_by: str
    imported_at: datetime


@dataclass(kw_only=True)
class ImportedSale:
    """A sale as the old system tells it, in row ``row`` (from 1) of its batch. It never changes.

    ``seller_id`` None: the old system does not say; ``product_id`` None: the registry did not have its code.
    ``contract_end_on`` and ``final_payout_on`` are claims, told to us when the batch was imported.
    """

    id: UUID
    batch_id: UUID
    row: int
    outlet_id: UUID
    seller_id: UUID | None
    customer_id: UUID
    product_code: str
    product_id: UUID | None
    kind: ProductKind
    form: ProductForm
    term_months: int | None
    amount_minor: int
    currency: str
    sold_at: datetime
    contract_end_on: date | None
    final_payout_on: date | None
    assessed_level: int | None
    assessed_on: date | None
    recording_id: UUID | None
    imported_at: datetime

    @property
    def origin(self) -> Origin:
        """Never that of a sale of the gate."""
        return Origin.IMPORTED


@dataclass(frozen=True, kw_only=True)
class ImportRecord:
    """What is known of an old recording, in one value; its canonical SHA-256 stands where a seal's would."""

    format: str = RECORD_FORMAT
    recording_id: UUID
    batch_id: UUID
    outlet_id: UUID
    customer_id: UUID
    recorded_at: datetime
    sha256: str
    size: int
    imported_at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of(self)

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """What the store holds of it."""
        return (ObjectRef(sha256=self.sha256, size=self.size),)


@dataclass(kw_only=True)
class ImportedRecording:
    """The head of an old recording (G1). ``sha256`` is the old system's; ``size`` None: not stored."""

    id: UUID
    version: int
    batch_id: UUID
    outlet_id: UUID
    customer_id: UUID
    recorded_at: datetime
    sha256: str
    size: int | None
    state: ImportedState
    imported_at: datetime

    @property
    def record(self) -> ImportRecord:
        """What a certificate of disposal names. Raises :class:`LegacyRecordingNotStored`."""
        if self.size is None:
            raise LegacyRecordingNotStored
        return ImportRecord(
            recording_id=self.id,
            batch_id=self.batch_id,
            outlet_id=self.outlet_id,
            customer_id=self.customer_id,
            recorded_at=self.recorded_at,
            sha256=self.sha256,
            size=self.size,
            imported_at=self.imported_at,
        )

    def begin_disposal(self) -> None:
        """A disposal is authorised; its fact counts the version. Raises :class:`LegacyRecordingNotStored`."""
        self._follow(ImportedState.STORED, ImportedState.DISPOSING)

    def withdraw_disposal(self) -> None:
        """It was taken back before a byte was gone. Raises :class:`LegacyRecordingNotStored`."""
        self._follow(ImportedState.DISPOSING, ImportedState.STORED)

    def complete_disposal(self) -> None:
        """The bytes are gone. Raises :class:`LegacyRecordingNotStored`."""
        self._follow(ImportedState.DISPOSING, ImportedState.DISPOSED)

    def _follow(self, before: ImportedState, after: ImportedState) -> None:
        if self.state is not before:
            raise LegacyRecordingNotStored
        self.state = after


@dataclass(kw_only=True)
class LegacyGap:
    """One thing that is missing of a row, as it stood when the batch was imported."""

    batch_id: UUID
    row: int
    kind: GapKind
    sale_id: UUID
