"""What a customer was told before he bought, and that he knows of it (SUI-02, SUI-05)."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    _told()
    _acknowledged()


def _told() -> None:
    op.create_table(
        "matching_opinions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("assessment_id", sa.Uuid, nullable=False),
        sa.Column("product_level", sa.Integer, nullable=False),
        sa.Column("customer_level", sa.Integer, nullable=False),
        sa.Column("fit", sa.String, nullable=False),
        sa.Column("given_by", sa.String, nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_matching_opinions"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_matching_opinions_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name="fk_matching_opinions_assessment_id_assessments"
        ),
        sa.CheckConstraint("fit IN ('SUITABLE', 'UNSUITABLE')", name="ck_matching_opinions_fit"),
        sa.CheckConstraint(
            "(fit = 'SUITABLE') = (product_level <= customer_level)", name="ck_matching_opinions_levels"
        ),
    )
    op.create_index("ix_matching_opinions_case_id", "matching_opinions", ["case_id", "id"])
    op.create_table(
        "risk_disclosures",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("document", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("shown_by", sa.String, nullable=False),
        sa.Column("shown_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_risk_disclosures"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_risk_disclosures_case_id_cases"),
    )
    op.create_index("ix_risk_disclosures_case_id", "risk_disclosures", ["case_id", "id"])


def _acknowledged() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("opinion_id", sa.Uuid, nullable=True),
        sa.Column("disclosure_id", sa.Uuid, nullable=True),
        sa.Column("acknowledged_by", sa.String, nullable=False),
        sa.Column("acknowledged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_acknowledgements"),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["matching_opinions.id"], name="fk_acknowledgements_opinion_id_matching_opinions"
        ),
        sa.ForeignKeyConstraint(
            ["disclosure_id"],
            ["risk_disclosures.id"],
            name="fk_acknowledgements_disclosure_id_risk_disclosures",
        ),
        sa.UniqueConstraint("opinion_id", name="uq_acknowledgements_opinion_id"),
        sa.UniqueConstraint("disclosure_id", name="uq_acknowledgements_disclosure_id"),
        sa.CheckConstraint(
            "num_nonnulls(opinion_id, disclosure_id) = 1", name="ck_acknowledgements_one_of_both"
        ),
    )
