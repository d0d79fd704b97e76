"""Counters and the sessions at them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("queue_ids", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counters"),
        sa.UniqueConstraint("outlet_id", "label", name="uq_counters_outlet_id_label"),
    )
    op.create_table(
        "counter_sessions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("counter_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_counter_sessions"),
    )
    op.create_index("ix_counter_sessions_outlet_id", "counter_sessions", ["outlet_id"], postgresql_where=OPEN)
    for name, column in (("counter", "counter_id"), ("employee", "employee_id")):
        op.create_index(
            f"uq_counter_sessions_open_{name}",
            "counter_sessions",
            [column],
            unique=True,
            postgresql_where=OPEN,
        )
