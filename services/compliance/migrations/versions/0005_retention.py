"""The keeping of recordings: sales proven, reports, holds, dates, disposals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)

KINDS = (
    "kind IN ('WEALTH', 'FUND', 'SECURITIES', 'TRUST', 'INSURANCE', 'INVESTMENT_INSURANCE', "
    "'GOV_BOND', 'PHYSICAL_METAL')"
)
REPORTS = "kind IN ('PARTIAL_PAYOUT', 'FINAL_PAYOUT', 'CONTRACT_END', 'COMPLAINT_OPENED', 'COMPLAINT_ENDED')"


def upgrade() -> None:
    """The tables of this step."""
    _sales()
    _reports()
    _holds()
    _dates()
    _disposals()
    _endings()


def _sales() -> None:
    op.create_table(
        "retention_sales",
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("term_months", sa.Integer, nullable=True),
        sa.Column("sold_on", sa.Date, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sale_id", name="pk_retention_sales"),
        sa.CheckConstraint(KINDS, name="ck_retention_sales_kind"),
        sa.CheckConstraint("form IN ('CLOSED_END', 'OPEN_ENDED')", name="ck_retention_sales_form"),
    )
    op.create_index("ix_retention_sales_recording_id", "retention_sales", ["recording_id"])


def _reports() -> None:
    op.create_table(
        "retention_reports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("fact_id", sa.String, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("claimed_on", sa.Date, nullable=True),
        sa.Column("matter_id", sa.String, nullable=True),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_reports"),
        sa.UniqueConstraint("source", "fact_id", name="uq_retention_reports_source_fact_id"),
        sa.CheckConstraint(REPORTS, name="ck_retention_reports_kind"),
        sa.CheckConstraint(
            "(matter_id IS NOT NULL) = (kind IN ('COMPLAINT_OPENED', 'COMPLAINT_ENDED'))",
            name="ck_retention_reports_matter_id",
        ),
        sa.CheckConstraint(
            "(claimed_on IS NULL) = (kind = 'COMPLAINT_OPENED')", name="ck_retention_reports_claimed_on"
        ),
    )
    op.create_index("ix_retention_reports_sale_id", "retention_reports", ["sale_id", "id"])


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("matter_id", sa.String(128), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("placed_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sa.UniqueConstraint(
            "recording_id", "recording_version", name="uq_holds_recording_id_recording_version"
        ),
        sa.CheckConstraint(
            "source IN ('COMPLAINT', 'COURT', 'REGULATOR', 'AUDIT', 'CONDUCT')", name="ck_holds_source"
        ),
    )
    op.create_table(
        "hold_releases",
        sa.Column("hold_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("resolved_on", sa.Date, nullable=False),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.Column("released_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("hold_id", name="pk_hold_releases"),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name="fk_hold_releases_hold_id_holds"),
    )


def _dates() -> None:
    op.create_table(
        "retention_dates",
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("retain_until", sa.Date, nullable=True),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("dated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "recording_version", name="pk_retention_dates"),
    )


def _disposals() -> None:
    op.create_table(
        "disposal_attempts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("result", sa.String, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("decision", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disposal_attempts"),
        sa.UniqueConstraint(
            "id", "recording_id", "result", name="uq_disposal_attempts_id_recording_id_result"
        ),
        sa.CheckConstraint("result IN ('passed', 'held', 'refused')", name="ck_disposal_attempts_result"),
    )
    op.create_index("ix_disposal_attempts_recording_id", "disposal_attempts", ["recording_id", "id"])
    op.create_table(
        "disposal_certificates",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("result", sa.String, nullable=False),
        sa.Column("retain_until", sa.Date, nullable=False),
        sa.Column("authorised_at", INSTANT, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("certificate", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disposal_certificates"),
        sa.UniqueConstraint("id", "recording_id", name="uq_disposal_certificates_id_recording_id"),
        sa.ForeignKeyConstraint(
            ["id", "recording_id", "result"],
            ["disposal_attempts.id", "disposal_attempts.recording_id", "disposal_attempts.result"],
            name="fk_disposal_certificates_attempt",
        ),
        sa.CheckConstraint("result = 'passed'", name="ck_disposal_certificates_result"),
        sa.CheckConstraint(
            "CAST(authorised_at AT TIME ZONE 'Asia/Shanghai' AS date) > retain_until",
            name="ck_disposal_certificates_retain_until",
        ),
    )
    op.create_index("ix_disposal_certificates_recording_id", "disposal_certificates", ["recording_id", "id"])


def _endings() -> None:
    op.create_table(
        "disposal_endings",
        sa.Column("certificate_id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("recording_version", sa.Integer, nullable=False),
        sa.Column("ending", sa.String, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("certificate_id", name="pk_disposal_endings"),
        sa.ForeignKeyConstraint(
            ["certificate_id", "recording_id"],
            ["disposal_certificates.id", "disposal_certificates.recording_id"],
            name="fk_disposal_endings_certificate",
        ),
        sa.CheckConstraint("ending IN ('DISPOSED', 'WITHDRAWN')", name="ck_disposal_endings_ending"),
    )
    op.create_index(
        "uq_disposal_endings_disposed",
        "disposal_endings",
        ["recording_id"],
        unique=True,
        postgresql_where=sa.text("ending = 'DISPOSED'"),
    )
