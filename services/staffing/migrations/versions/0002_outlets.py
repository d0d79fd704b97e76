"""Outlets."""

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
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("outlet_class", sa.String, nullable=False),
        sa.Column("grade", sa.Integer, nullable=False),
        sa.Column("capabilities", JSONB, nullable=False),
        sa.Column("calendar", JSONB, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlets"),
        sa.UniqueConstraint("code", name="uq_outlets_code"),
        sa.CheckConstraint("outlet_class IN ('A', 'B', 'C')", name=op.f("ck_outlets_outlet_class")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_outlets_status")),
        sa.CheckConstraint("grade BETWEEN 8 AND 14", name=op.f("ck_outlets_grade")),
    )
