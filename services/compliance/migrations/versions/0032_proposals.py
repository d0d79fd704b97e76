"""What is recommended to customers; it can only be added to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The table of this step."""
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("assessment_id", sa.Uuid, nullable=True),
        sa.Column("customer_level", sa.Integer, nullable=True),
        sa.Column("parts", JSONB, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("valid_through", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_proposals_customer_id_customers"),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name="fk_proposals_assessment_id_assessments"
        ),
        sa.CheckConstraint("customer_level BETWEEN 1 AND 5", name="ck_proposals_customer_level"),
        sa.CheckConstraint(
            "(assessment_id IS NULL) = (customer_level IS NULL)", name="ck_proposals_assessed"
        ),
    )
    op.create_index("ix_proposals_customer_id", "proposals", ["customer_id", "id"])
