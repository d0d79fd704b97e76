"""Where recordings are kept. Heads and uploads move on, in some columns; the rest is only added (D1)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.evidence.domain import MediaFacts, SegmentKind
from compliance.recordings.domain import Recording, RecordingState
from compliance.recordings.parts import (
    DeclaredSegment,
    InspectedUpload,
    ReceivedChunk,
    RecordingUpload,
    Seal,
)
from compliance.rulebook.footage_facts import RecordingChannel, TakeKind

recordings = Table(
    "recordings",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("zone_id", Uuid, nullable=True),
    Column("device_id", String, nullable=True),
    Column("opened_by", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("state", EnumText(RecordingState), nullable=False),
    Column("main_id", Uuid, ForeignKey("recordings.id"), nullable=True),
    Column("take", EnumText(TakeKind), nullable=False, server_default=TakeKind.MAIN.value),
    enum_check("state", RecordingState),
    Column(
        "channel",
        EnumText(RecordingChannel),
        nullable=False,
        server_default=RecordingChannel.ON_SITE.value,
    ),
    enum_check("take", TakeKind),
    enum_check("channel", RecordingChannel),
    CheckConstraint("(take = 'MAIN') = (main_id IS NULL)", name="main_id"),
    # A sale names its recording together with the customer.
    UniqueConstraint("id", "customer_id", name="uq_recordings_of_customer"),
    Index("ix_recordings_outlet_id", "outlet_id", "id"),
    Index("ix_recordings_inspected", "started_at", "id", postgresql_where=text("state = 'INSPECTED'")),
    Index("ix_recordings_disposing", "id", postgresql_where=text("state = 'DISPOSING'")),
    Index("ix_recordings_case_id", "case_id", "id"),
    Index("ix_recordings_session_id", "session_id", "id"),
    Index("ix_recordings_customer_id", "customer_id", "id"),
    Index("ix_recordings_seller_id", "seller_id", "id"),
    Index("ix_recordings_main_id", "main_id", "started_at"),
    info={"grants": "SELECT, INSERT, UPDATE (version, state)"},
)

recording_segments = Table(
    "recording_segments",
    mapper.metadata,
    Column("recording_id", Uuid, ForeignKey("recordings.id"), primary_key=True),
    Column("recording_version", Integer, primary_key=True, autoincrement=False),
    Column("kind", EnumText(SegmentKind), nullable=False),
    Column("starts_ms", Integer, nullable=False),
    Column("ends_ms", Integer, nullable=False),
    Column("declared_by", String, nullable=False),
    Column("declared_at", Instant, nullable=False),
    enum_check("kind", SegmentKind),
    CheckConstraint("0 <= starts_ms AND starts_ms < ends_ms", name="ends_ms"),
    info=APPEND_ONLY,
)

recording_uploads = Table(
    "recording_uploads",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("recording_id", Uuid, ForeignKey("recordings.id"), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("replaced_at", Instant, nullable=True),
    CheckConstraint("0 <= received AND received <= length AND length > 0", name="received"),
    info={"grants": "SELECT, INSERT, UPDATE (received, chunks, replaced_at)"},
)
#: One upload of a recording counts; those that it replaced stay on record.
Index(
    "uq_recording_uploads_recording_id",
    recording_uploads.c.recording_id,
    unique=True,
    postgresql_where=recording_uploads.c.replaced_at.is_(None),
)

recording_chunks = Table(
    "recording_chunks",
    mapper.metadata,
    Column("upload_id", Uuid, ForeignKey("recording_uploads.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("file", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    CheckConstraint("position >= 0 AND size > 0", name="size"),
    info=APPEND_ONLY,
)

recording_inspections = Table(
    "recording_inspections",
    mapper.metadata,
    Column("recording_id", Uuid, ForeignKey("recordings.id"), primary_key=True),
    Column("recording_version", Integer, nullable=False),
    Column("upload_id", Uuid, ForeignKey("recording_uploads.id"), nullable=False, unique=True),
    Column("media", JsonOf(MediaFacts), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("inspected_by", String, nullable=False),
    Column("inspected_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

recording_seals = Table(
    "recording_seals",
    mapper.metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("recording_version", Integer, nullable=False),
    Column("manifest_bytes", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("sealed_by", String, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    # Nothing is sealed that was not decoded.
    ForeignKeyConstraint(
        ["recording_id"],
        ["recording_inspections.recording_id"],
        name="fk_recording_seals_recording_id_recording_inspections",
    ),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    Recording, recordings, version_id_col=recordings.c.version, version_id_generator=False
)
mapper.map_imperatively(DeclaredSegment, recording_segments)
mapper.map_imperatively(RecordingUpload, recording_uploads)
mapper.map_imperatively(ReceivedChunk, recording_chunks)
mapper.map_imperatively(InspectedUpload, recording_inspections)
mapper.map_imperatively(Seal, recording_seals)
