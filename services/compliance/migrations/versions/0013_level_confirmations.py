"""A level that differs from the one before it waits for the customer's word (SUI-11)."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """The table of this step."""
    op.create_table(
        "level_confirmations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("assessment_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("confirmed_by", sa.String, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_level_confirmations"),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name="fk_level_confirmations_assessment_id_assessments"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_level_confirmations_customer_id_customers"
        ),
        sa.UniqueConstraint("assessment_id", name="uq_level_confirmations_assessment_id"),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_level_confirmations_customer_id_customer_version"
        ),
    )
