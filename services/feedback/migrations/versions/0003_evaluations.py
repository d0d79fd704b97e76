"""Evaluations and their answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("ticket_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("counter_id", sa.Uuid, nullable=False),
        sa.Column("visitor", sa.Text),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.UniqueConstraint("ticket_id", name="uq_evaluations_ticket_id"),
        sa.CheckConstraint("status IN ('offered', 'submitted', 'expired')", name="ck_evaluations_status"),
    )
    op.create_index(
        "ix_evaluations_outlet_id_business_date_id", "evaluations", ["outlet_id", "business_date", "id"]
    )
    op.create_index(
        "ix_evaluations_standing",
        "evaluations",
        ["expires_at"],
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_table(
        "evaluation_answers",
        sa.Column("evaluation_id", sa.Uuid, nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("dimensions", JSONB, nullable=False),
        sa.Column("comment", sa.String(1000)),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text, nullable=False),
        sa.Column("device_id", sa.Text),
        sa.PrimaryKeyConstraint("evaluation_id", name="pk_evaluation_answers"),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name="fk_evaluation_answers_evaluation_id_evaluations"
        ),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="ck_evaluation_answers_score"),
    )
