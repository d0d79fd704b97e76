"""Intake owners, complaints, what happens to them, and the series of their references."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_intake()
    create_complaints()
    create_steps()
    op.create_table(
        "complaint_series",
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("outlet_id", "year", name="pk_complaint_series"),
    )


def create_intake() -> None:
    op.create_table(
        "intake_assignments",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("assigned_by", sa.Text, nullable=False),
        sa.Column("assigned_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_assignments"),
    )
    op.create_index(
        "ix_intake_assignments_outlet_id_assigned_at_id",
        "intake_assignments",
        ["outlet_id", "assigned_at", "id"],
    )


def create_complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("sale_id", sa.Uuid),
        sa.Column("complainant", sa.Text),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("category", sa.String(80), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("first_contact_owner", sa.Text, nullable=False),
        sa.Column("regime", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("watch_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
        sa.UniqueConstraint("reference", name="uq_complaints_reference"),
        sa.CheckConstraint(
            "channel IN ('outlet', 'phone', 'online', 'letter')", name="ck_complaints_channel"
        ),
        sa.CheckConstraint(
            "status IN ('opened', 'decided', 'settled', 'withdrawn')", name="ck_complaints_status"
        ),
    )
    for column in ("outlet_id", "complainant", "first_contact_owner"):
        op.create_index(f"ix_complaints_{column}_due_at_id", "complaints", [column, "due_at", "id"])
    op.create_index(
        "ix_complaints_watched", "complaints", ["watch_at"], postgresql_where=sa.text("watch_at IS NOT NULL")
    )


def create_steps() -> None:
    op.create_table(
        "complaint_steps",
        sa.Column("complaint_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("outcome", sa.String),
        sa.Column("told_via", sa.String),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("complaint_id", "kind", name="pk_complaint_steps"),
        sa.UniqueConstraint("complaint_id", "version", name="uq_complaint_steps_complaint_id_version"),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name="fk_complaint_steps_complaint_id_complaints"
        ),
        sa.CheckConstraint(
            "kind IN ('escalated', 'overdue', 'decided', 'settled', 'withdrawn')",
            name="ck_complaint_steps_kind",
        ),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'partly_upheld', 'not_upheld', 'settled_goodwill')",
            name="ck_complaint_steps_outcome",
        ),
        sa.CheckConstraint(
            "told_via IN ('in_person', 'phone', 'letter', 'message')", name="ck_complaint_steps_told_via"
        ),
    )
