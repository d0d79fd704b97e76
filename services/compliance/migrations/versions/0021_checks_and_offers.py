"""Checks of customers that other systems tell of, offers of several things together, relaxed rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0017"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    op.create_table(
        "customer_checks",
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("cleared", sa.Boolean, nullable=False),
        sa.Column("cleared_until", sa.Date, nullable=True),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "sequence", name="pk_customer_checks"),
        sa.CheckConstraint("cleared OR cleared_until IS NULL", name="ck_customer_checks_cleared_until"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("parts", JSONB, nullable=False),
        sa.Column("entered_by", sa.String, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        sa.UniqueConstraint("code", name="uq_offers_code"),
    )
    op.create_table(
        "relaxations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("approved_by", sa.String, nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_relaxations"),
        sa.CheckConstraint("profile IN ('FARMER_OUTLET', 'KEY_CUSTOMER')", name="ck_relaxations_profile"),
        sa.CheckConstraint("expires_on >= effective_from", name="ck_relaxations_expires_on"),
    )
    op.create_index("ix_relaxations_profile_rule", "relaxations", ["profile", "rule"])
