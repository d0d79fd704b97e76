"""Notices, what customers answered to them, and what others asked before they acted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"

INSTANT = sa.DateTime(timezone=True)

PURPOSES = "purpose IN ('MARKETING', 'PROFILE', 'SHARING', 'SENSITIVE', 'CUSTOMER_FILE')"
VERSION = ["privacy_notice_versions.notice_id", "privacy_notice_versions.notice_version"]


def upgrade() -> None:
    """The tables of this step."""
    _privacy_notices()
    _privacy_notice_versions()
    _impact_assessments()
    _notice_showings()
    _customer_guardians()
    _privacy_consents()
    _privacy_withdrawals()
    _permission_checks()


def _privacy_notices() -> None:
    op.create_table(
        "privacy_notices",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("recipient", sa.String(120), nullable=True),
        sa.Column("aim", sa.String(64), nullable=False),
        sa.Column("published_by", sa.String, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_notices"),
        sa.CheckConstraint(
            PURPOSES,
            name="ck_privacy_notices_purpose",
        ),
        sa.CheckConstraint(
            "(recipient IS NOT NULL) = (purpose = 'SHARING')", name="ck_privacy_notices_recipient"
        ),
        sa.UniqueConstraint("code", name="uq_privacy_notices_code"),
    )


def _privacy_notice_versions() -> None:
    op.create_table(
        "privacy_notice_versions",
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("notice_version", sa.Integer, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("published_by", sa.String, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "notice_version", name="pk_privacy_notice_versions"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["privacy_notices.id"], name="fk_privacy_notice_versions_notice_id_privacy_notices"
        ),
    )


def _impact_assessments() -> None:
    op.create_table(
        "impact_assessments",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kinds", JSONB, nullable=False),
        sa.Column("aim", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("assessed_by", sa.String, nullable=False),
        sa.Column("assessed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_impact_assessments"),
    )


def _notice_showings() -> None:
    op.create_table(
        "notice_showings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("notice_version", sa.Integer, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("shown_by", sa.String, nullable=False),
        sa.Column("shown_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_showings"),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name="ck_notice_showings_language"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_notice_showings_customer_id_customers"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id", "notice_version"],
            VERSION,
            name="fk_notice_showings_version",
        ),
    )
    op.create_index(
        "ix_notice_showings_customer_id", "notice_showings", ["customer_id", "notice_id", "notice_version"]
    )


def _customer_guardians() -> None:
    op.create_table(
        "customer_guardians",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("guardian_id", sa.Uuid, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer_guardians"),
        sa.CheckConstraint("guardian_id <> customer_id", name="ck_customer_guardians_guardian_id"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_guardians_customer_id_customers"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["customers.id"], name="fk_customer_guardians_guardian_id_customers"
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_customer_guardians_customer_id_customer_version"
        ),
    )


def _privacy_consents() -> None:
    op.create_table(
        "privacy_consents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("notice_id", sa.Uuid, nullable=False),
        sa.Column("notice_version", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("recipient", sa.String(120), nullable=True),
        sa.Column("aim", sa.String(64), nullable=False),
        sa.Column("kinds", JSONB, nullable=False),
        sa.Column("retention_months", sa.Integer, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("guardian_id", sa.Uuid, nullable=True),
        sa.Column("answered_by", sa.String, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_consents"),
        sa.CheckConstraint(
            PURPOSES,
            name="ck_privacy_consents_purpose",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_privacy_consents_customer_id_customers"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["customers.id"], name="fk_privacy_consents_guardian_id_customers"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id", "notice_version"],
            VERSION,
            name="fk_privacy_consents_version",
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_privacy_consents_customer_id_customer_version"
        ),
    )


def _privacy_withdrawals() -> None:
    op.create_table(
        "privacy_withdrawals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("consent_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("withdrawn_by", sa.String, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_withdrawals"),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["privacy_consents.id"], name="fk_privacy_withdrawals_consent_id_privacy_consents"
        ),
        sa.UniqueConstraint("consent_id", name="uq_privacy_withdrawals_consent_id"),
    )


def _permission_checks() -> None:
    op.create_table(
        "permission_checks",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("question", JSONB, nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("violations", JSONB, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_permission_checks"),
        sa.CheckConstraint("allowed = (violations = '[]'::jsonb)", name="ck_permission_checks_allowed"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_permission_checks_customer_id_customers"
        ),
    )
    op.create_index("ix_permission_checks_customer_id", "permission_checks", ["customer_id", "id"])
