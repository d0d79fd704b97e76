"""Duties to tell holders of a changed risk, questions about products, proposals of something new."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    _risk_notices()
    _enquiries()
    _innovations()


def _risk_notices() -> None:
    op.create_table(
        "risk_notices",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_code", sa.String(32), nullable=False),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("previous_level", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("overdue_at", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("holders", sa.Integer, nullable=True),
        sa.Column("reported_by", sa.String, nullable=True),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_risk_notices"),
        sa.UniqueConstraint(
            "product_id", "product_version", name="uq_risk_notices_product_id_product_version"
        ),
        sa.CheckConstraint("overdue_at > due_at", name="ck_risk_notices_overdue_at"),
        sa.CheckConstraint("told_at >= changed_at", name="ck_risk_notices_told_at"),
        sa.CheckConstraint(
            "(told_at IS NULL) = (holders IS NULL) AND (told_at IS NULL) = (reported_at IS NULL)",
            name="ck_risk_notices_reported",
        ),
    )
    op.create_index(
        "ix_risk_notices_open", "risk_notices", ["due_at"], postgresql_where=sa.text("told_at IS NULL")
    )


def _enquiries() -> None:
    op.create_table(
        "product_enquiries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("asked_on", sa.Date, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("product_code", sa.String(32), nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("answer", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product_enquiries"),
        sa.CheckConstraint(
            "channel IN ('HOTLINE', 'TERMINAL', 'WEBSITE', 'APP')", name="ck_product_enquiries_channel"
        ),
        sa.CheckConstraint(
            "answer IN ('MAY_BE_SOLD', 'NO_LONGER_SOLD', 'NOT_LISTED')", name="ck_product_enquiries_answer"
        ),
    )
    op.create_index(
        "ix_product_enquiries_asked_on",
        "product_enquiries",
        ["asked_on", "product_code", "channel", "answer"],
    )


def _innovations() -> None:
    op.create_table(
        "innovations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("submitted_by", sa.String, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("reviewed_by", sa.String, nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("review_note", sa.String(1000), nullable=True),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("plan", JSONB, nullable=False),
        sa.Column("residual", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_innovations"),
        sa.CheckConstraint(
            "state IN ('PENDING', 'APPROVED', 'REJECTED', 'REFUSED', 'WITHDRAWN')",
            name="ck_innovations_state",
        ),
        sa.CheckConstraint("reviewed_by <> submitted_by", name="ck_innovations_four_eyes"),
        sa.CheckConstraint(
            "state NOT IN ('APPROVED', 'REJECTED') OR (reviewed_by IS NOT NULL AND reviewed_at IS NOT NULL)",
            name="ck_innovations_reviewed",
        ),
        sa.CheckConstraint("residual IN ('LOW', 'MEDIUM', 'HIGH')", name="ck_innovations_residual"),
        sa.CheckConstraint(
            "(state = 'APPROVED') = (residual IS NOT NULL AND residual <> 'HIGH')",
            name="ck_innovations_controllable",
        ),
    )
    op.create_index("ix_innovations_outlet_id", "innovations", ["outlet_id", "id"])
