"""Recordings, their segments, uploads, chunks, inspections and seals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _recordings()
    _segments()
    _uploads()
    _chunks()
    _inspections()
    _seals()


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("zone_id", sa.Uuid, nullable=True),
        sa.Column("device_id", sa.String, nullable=True),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_recordings_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_recordings_customer_id_customers"
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'INSPECTED', 'SEALED', 'DISPOSING', 'DISPOSED')", name="ck_recordings_state"
        ),
    )
    for column in ("outlet_id", "case_id", "session_id", "customer_id", "seller_id"):
        op.create_index(f"ix_recordings_{column}", "recordings", [column, "id"])


def _segments() -> None:
    op.create_table(
        "recording_segments",
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("starts_ms", sa.Integer, nullable=False),
        sa.Column("ends_ms", sa.Integer, nullable=False),
        sa.Column("declared_by", sa.String, nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "recording_version", name="pk_recording_segments"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_recording_segments_recording_id_recordings"
        ),
        sa.CheckConstraint(
            "kind IN ('PITCH', 'RISK_DISCLOSURE', 'KEY_INFO', 'CONFIRMATION', 'FEEDBACK')",
            name="ck_recording_segments_kind",
        ),
        sa.CheckConstraint("0 <= starts_ms AND starts_ms < ends_ms", name="ck_recording_segments_ends_ms"),
    )


def _uploads() -> None:
    op.create_table(
        "recording_uploads",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recording_uploads"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_recording_uploads_recording_id_recordings"
        ),
        sa.CheckConstraint(
            "0 <= received AND received <= length AND length > 0", name="ck_recording_uploads_received"
        ),
    )
    op.create_index(
        "uq_recording_uploads_recording_id",
        "recording_uploads",
        ["recording_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _chunks() -> None:
    op.create_table(
        "recording_chunks",
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "position", name="pk_recording_chunks"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["recording_uploads.id"], name="fk_recording_chunks_upload_id_recording_uploads"
        ),
        sa.CheckConstraint("position >= 0 AND size > 0", name="ck_recording_chunks_size"),
    )


def _inspections() -> None:
    op.create_table(
        "recording_inspections",
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("media", JSONB, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("inspected_by", sa.String, nullable=False),
        sa.Column("inspected_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_inspections"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name="fk_recording_inspections_recording_id_recordings"
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["recording_uploads.id"],
            name="fk_recording_inspections_upload_id_recording_uploads",
        ),
        sa.UniqueConstraint("upload_id", name="uq_recording_inspections_upload_id"),
    )


def _seals() -> None:
    op.create_table(
        "recording_seals",
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("manifest_bytes", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sealed_by", sa.String, nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_seals"),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recording_inspections.recording_id"],
            name="fk_recording_seals_recording_id_recording_inspections",
        ),
    )
