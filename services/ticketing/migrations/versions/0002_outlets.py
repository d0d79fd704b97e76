"""The register of outlets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "outlets",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(32)),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("cutover_hour", sa.Integer, nullable=False),
        sa.Column("week", JSONB, nullable=False),
        sa.Column("exceptions", JSONB, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlets"),
        sa.CheckConstraint("status IN ('open', 'closed')", name="ck_outlets_status"),
        sa.CheckConstraint("cutover_hour BETWEEN 0 AND 23", name="ck_outlets_cutover_hour"),
    )
