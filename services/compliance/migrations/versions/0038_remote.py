"""Where remote recording is enabled, and by which channel a recording was made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038"
down_revision = "0037"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    op.create_table(
        "remote_recordings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("submitted_by", sa.String, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("reviewed_by", sa.String, nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("review_note", sa.String(1000), nullable=True),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("outlet_ids", JSONB, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("withdrawn_by", sa.String, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_remote_recordings"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_remote_recordings_product_id_products"
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'APPROVED', 'REJECTED', 'REFUSED', 'WITHDRAWN')",
            name="ck_remote_recordings_state",
        ),
        sa.CheckConstraint("reviewed_by <> submitted_by", name="ck_remote_recordings_four_eyes"),
        sa.CheckConstraint(
            "state NOT IN ('APPROVED', 'REJECTED') OR (reviewed_by IS NOT NULL AND reviewed_at IS NOT NULL)",
            name="ck_remote_recordings_reviewed",
        ),
        sa.CheckConstraint(
            "(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="ck_remote_recordings_withdrawn_at"
        ),
    )
    op.create_index("ix_remote_recordings_product_id", "remote_recordings", ["product_id", "id"])
    op.add_column("recordings", sa.Column("channel", sa.String, nullable=False, server_default="ON_SITE"))
    op.create_check_constraint(
        "ck_recordings_channel", "recordings", "channel IN ('ON_SITE', 'REMOTE')", postgresql_not_valid=True
    )
