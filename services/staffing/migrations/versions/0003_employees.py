"""Employees and their qualifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

KINDS = (
    "'wealth', 'agency_fund', 'agency_securities', 'agency_trust', 'agency_insurance', "
    "'government_bond', 'physical_metal'"
)


def upgrade() -> None:
    op.create_table(
        "employees",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("staff_number", sa.String(32), nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(255)),
        sa.Column("employer", sa.String, nullable=False),
        sa.Column("posts", JSONB, nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_employees"),
        sa.UniqueConstraint("staff_number", name="uq_employees_staff_number"),
        sa.UniqueConstraint("subject", name="uq_employees_subject"),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_employees_outlet_id_outlets"),
        sa.CheckConstraint("employer IN ('bank', 'partner')", name=op.f("ck_employees_employer")),
    )
    op.create_index("ix_employees_outlet_id_staff_number", "employees", ["outlet_id", "staff_number"])
    op.create_table(
        "qualifications",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("suspensions", JSONB, nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revocation_reason", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name="pk_qualifications"),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employees.id"], name="fk_qualifications_employee_id_employees"
        ),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_qualifications_kind")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_qualifications_validity")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revocation_reason IS NULL)", name=op.f("ck_qualifications_revocation")
        ),
    )
    op.create_index("ix_qualifications_employee_id", "qualifications", ["employee_id"])
