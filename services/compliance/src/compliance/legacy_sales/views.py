"""What the routes of old sales answer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chassis.http.models import Output
from compliance.legacy_records.domain import (
    FileFormat,
    GapKind,
    ImportedRecording,
    ImportedSale,
    ImportedState,
    LegacyBatch,
    LegacyGap,
    Origin,
)
from compliance.rulebook.facts import ProductForm, ProductKind


class BatchView(Output):
    """An imported file, by its SHA-256: how many sales, new recordings and gaps it has brought."""

    id: UUID
    sha256: str
    format: FileFormat
    sales: int
    recordings: int
    gaps: int
    imported_by: str
    imported_at: datetime

    @classmethod
    def of(cls, batch: LegacyBatch) -> "BatchView":
        """The view of a batch."""
        return cls.model_validate(batch)


class GapView(Output):
    """What was missing of a row when it was imported; rows count from 1."""

    row: int
    sale_id: UUID
    kind: GapKind

    @classmethod
    def of(cls, gap: LegacyGap) -> "GapView":
        """The view of a gap."""
        return cls.model_validate(gap)


class ImportedSaleEntry(Output):
    """A sale as an old system tells it. No rule was asked and nothing was decided: ``origin`` says so.

    ``product_id`` null: the registry did not have ``product_code`` when the batch was imported.
    """

    id: UUID
    origin: Literal[Origin.IMPORTED]
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

    @classmethod
    def of(cls, sale: ImportedSale) -> "ImportedSaleEntry":
        """The view of an old sale."""
        return cls.model_validate(sale)


class ImportedRecordingView(Output):
    """An old recording: the digest that the old system gave; ``size`` null: its bytes are not here."""

    id: UUID
    version: int
    batch_id: UUID
    recorded_at: datetime
    sha256: str
    size: int | None
    state: ImportedState


class ImportedSaleView(ImportedSaleEntry):
    """An old sale with its recording, and with what was missing of it."""

    recording: ImportedRecordingView | None
    gaps: list[GapKind]

    @classmethod
    def whole(
        cls, sale: ImportedSale, recording: ImportedRecording | None, gaps: Sequence[GapKind]
    ) -> "ImportedSaleView":
        """The view of an old sale and what belongs to it."""
        return cls(
            **ImportedSaleEntry.of(sale).model_dump(),
            recording=None if recording is None else ImportedRecordingView.model_validate(recording),
            gaps=list(gaps),
        )
