"""Where old sales and recordings stand: beside those of the gate, never among them.

Everything can only be added (D1); of a recording's head version and state move on. A trigger keeps one id
from being both an imported sale and one of the gate.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
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

legacy_batches = Table(
    "legacy_batches",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("format", EnumText(FileFormat), nullable=False),
    Column("sales", Integer, nullable=False),
    Column("recordings", Integer, nullable=False),
    Column("gaps", Integer, nullable=False),
    Column("imported_by", String, nullable=False),
    Column("imported_at", Instant, nullable=False),
    enum_check("format", FileFormat),
    info=APPEND_ONLY,
)

imported_recordings = Table(
    "imported_recordings",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("batch_id", Uuid, ForeignKey("legacy_batches.id"), nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=True),
    Column("state", EnumText(ImportedState), nullable=False),
    Column("imported_at", Instant, nullable=False),
    enum_check("state", ImportedState),
    CheckConstraint("(size IS NULL) = (state = 'REGISTERED')", name="size"),
    Index("ix_imported_recordings_disposing", "id", postgresql_where=text("state = 'DISPOSING'")),
    info={"grants": "SELECT, INSERT, UPDATE (version, state)"},
)

imported_sales = Table(
    "imported_sales",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("origin", String, nullable=False, server_default=Origin.IMPORTED.value),
    Column("batch_id", Uuid, ForeignKey("legacy_batches.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=True),
    Column("customer_id", Uuid, nullable=False),
    Column("product_code", String(32), nullable=False),
    Column("product_id", Uuid, nullable=True),
    Column("kind", EnumText(ProductKind), nullable=False),
    Column("form", EnumText(ProductForm), nullable=False),
    Column("term_months", Integer, nullable=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("sold_at", Instant, nullable=False),
    Column("contract_end_on", Date, nullable=True),
    Column("final_payout_on", Date, nullable=True),
    Column("assessed_level", Integer, nullable=True),
    Column("assessed_on", Date, nullable=True),
    Column("recording_id", Uuid, ForeignKey("imported_recordings.id"), nullable=True),
    Column("imported_at", Instant, nullable=False),
    CheckConstraint("origin = 'IMPORTED'", name="origin"),
    CheckConstraint("amount_minor > 0", name="amount_minor"),
    CheckConstraint("sold_at < imported_at", name="sold_at"),
    enum_check("kind", ProductKind),
    enum_check("form", ProductForm),
    UniqueConstraint("batch_id", "row", name="uq_imported_sales_batch_id_row"),
    Index("ix_imported_sales_outlet_id", "outlet_id", "id"),
    Index("ix_imported_sales_sold_at", "sold_at", "id"),
    Index("ix_imported_sales_recording_id", "recording_id"),
    info=APPEND_ONLY,
)

legacy_gaps = Table(
    "legacy_gaps",
    mapper.metadata,
    Column("batch_id", Uuid, ForeignKey("legacy_batches.id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("kind", EnumText(GapKind), primary_key=True),
    Column("sale_id", Uuid, ForeignKey("imported_sales.id"), nullable=False),
    enum_check("kind", GapKind),
    Index("ix_legacy_gaps_sale_id", "sale_id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(LegacyBatch, legacy_batches)
mapper.map_imperatively(
    ImportedRecording,
    imported_recordings,
    version_id_col=imported_recordings.c.version,
    version_id_generator=False,
)
mapper.map_imperatively(ImportedSale, imported_sales, exclude_properties=["origin"])
mapper.map_imperatively(LegacyGap, legacy_gaps)
