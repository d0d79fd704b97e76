"""Training and sales experience of employees."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The tables of this step."""
    op.create_table(
        "trainings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("completed_on", sa.Date, nullable=False),
        sa.Column("evidence_id", sa.Uuid, nullable=False),
        sa.Column("recorded_by", sa.String(255), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trainings"),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name="fk_trainings_employee_id_employees"),
        sa.CheckConstraint("kind IN ('wealth', 'investment_insurance')", name="ck_trainings_kind"),
        sa.CheckConstraint("minutes > 0", name="ck_trainings_minutes"),
    )
    op.create_index("ix_trainings_employee_id_id", "trainings", ["employee_id", "id"])
    op.create_table(
        "training_annulments",
        sa.Column("training_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("annulled_by", sa.String(255), nullable=False),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("training_id", name="pk_training_annulments"),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name="fk_training_annulments_training_id_trainings"
        ),
    )
    op.create_table(
        "selling_experiences",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("selling_since", sa.Date, nullable=False),
        sa.Column("evidence_id", sa.Uuid, nullable=False),
        sa.Column("recorded_by", sa.String(255), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_selling_experiences"),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employees.id"], name="fk_selling_experiences_employee_id_employees"
        ),
    )
    op.create_index("ix_selling_experiences_employee_id_id", "selling_experiences", ["employee_id", "id"])
