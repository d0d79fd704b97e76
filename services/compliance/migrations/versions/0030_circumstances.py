"""What the rules need to know about customers, products and assessments, and what protects a customer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    _circumstances()
    _safeguards()
    _offerings()


def _circumstances() -> None:
    op.create_table(
        "stated_circumstances",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("birth_date", sa.Date, nullable=True),
        sa.Column("capacity", sa.String, nullable=True),
        sa.Column("investor", JSONB, nullable=True),
        sa.Column("means", JSONB, nullable=True),
        sa.Column("bought_wealth_before", sa.Boolean, nullable=True),
        sa.Column("stated_by", sa.String, nullable=False),
        sa.Column("stated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stated_circumstances"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_stated_circumstances_customer_id_customers"
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_stated_circumstances_customer_id_customer_version"
        ),
        sa.CheckConstraint(
            "capacity IN ('FULL', 'LIMITED', 'NONE')", name="ck_stated_circumstances_capacity"
        ),
        sa.CheckConstraint(
            "num_nonnulls(birth_date, capacity, investor, means, bought_wealth_before) > 0",
            name="ck_stated_circumstances_something",
        ),
    )
    op.create_table(
        "guardian_consents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=True),
        sa.Column("case_id", sa.Uuid, nullable=True),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("evidence_id", sa.Uuid, nullable=False),
        sa.Column("stated_by", sa.String, nullable=False),
        sa.Column("stated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guardian_consents"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_guardian_consents_customer_id_customers"
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_guardian_consents_customer_id_customer_version"
        ),
        sa.CheckConstraint("num_nonnulls(product_id, case_id) = 1", name="ck_guardian_consents_scope"),
    )


def _safeguards() -> None:
    op.create_table(
        "safeguards",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("case_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("care", JSONB, nullable=True),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_safeguards"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_safeguards_case_id_cases"),
        sa.UniqueConstraint("case_id", "case_version", name="uq_safeguards_case_id_case_version"),
        sa.CheckConstraint(
            "kind IN ('ELDERLY_CARE', 'LARGE_AMOUNT_APPROVAL', 'OFF_OUTLET_AGREEMENT', 'CONTRACT',"
            " 'CANCELLATION', 'PREMIUM_DECLARATION', 'INSURER_ACCEPTANCE')",
            name="ck_safeguards_kind",
        ),
        sa.CheckConstraint("(kind = 'ELDERLY_CARE') = (care IS NOT NULL)", name="ck_safeguards_care"),
    )


def _offerings() -> None:
    op.add_column("products", sa.Column("asset_class", sa.String, nullable=True))
    op.add_column("products", sa.Column("instalment", sa.Boolean, nullable=True))
    op.add_column("products", sa.Column("payment_years", sa.Integer, nullable=True))
    op.add_column("products", sa.Column("benefit_certain", sa.Boolean, nullable=True))
    op.create_check_constraint(
        "ck_products_asset_class",
        "products",
        "asset_class IN ('FIXED_INCOME', 'MIXED', 'EQUITY', 'COMMODITY_DERIVATIVE')",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        "ck_products_payment_years",
        "products",
        "payment_years IS NULL OR (instalment IS TRUE AND payment_years BETWEEN 1 AND 100)",
        postgresql_not_valid=True,
    )
    op.add_column("assessments", sa.Column("place", sa.String, nullable=True))
    op.add_column("assessments", sa.Column("age_considered", sa.Boolean, nullable=True))
    op.create_check_constraint(
        "ck_assessments_place", "assessments", "place IN ('OUTLET', 'REMOTE')", postgresql_not_valid=True
    )
