"""Regular plans, the sales that they rest on, and their debits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0046"
down_revision = "0045"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    _plans()
    op.create_table(
        "plan_cases",
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("plan_version", sa.Integer, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("taken_by", sa.String, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_plan_cases"),
        sa.ForeignKeyConstraint(["case_id"], ["sales.case_id"], name="fk_plan_cases_case_id_sales"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_cases_plan_id_plans"),
    )
    op.create_index("ix_plan_cases_plan_id", "plan_cases", ["plan_id"])
    _debits()


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("rhythm", sa.String, nullable=False),
        sa.Column("first_debit_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.UniqueConstraint("case_id", name="uq_plans_case_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_plans_case_id_cases"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_plans_customer_id_customers"),
        sa.CheckConstraint(
            "rhythm IN ('WEEKLY', 'FORTNIGHTLY', 'MONTHLY', 'QUARTERLY')", name="ck_plans_rhythm"
        ),
        sa.CheckConstraint("state IN ('ACTIVE', 'SUSPENDED', 'ENDED')", name="ck_plans_state"),
        sa.CheckConstraint("amount_minor > 0", name="ck_plans_amount_minor"),
        sa.CheckConstraint("ends_on >= first_debit_on", name="ck_plans_ends_on"),
    )
    op.create_index("ix_plans_outlet_id", "plans", ["outlet_id", "id"])
    op.create_index(
        "ix_plans_suspended", "plans", ["outlet_id", "id"], postgresql_where=sa.text("state = 'SUSPENDED'")
    )


def _debits() -> None:
    op.create_table(
        "plan_debits",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("plan_version", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("decision_id", sa.Uuid, nullable=False),
        sa.Column("decision_result", sa.String, nullable=False),
        sa.Column("period", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("announced_by", sa.String, nullable=False),
        sa.Column("announced_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_debits"),
        sa.UniqueConstraint("decision_id", name="uq_plan_debits_decision_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_debits_plan_id_plans"),
        sa.ForeignKeyConstraint(
            ["decision_id", "case_id", "decision_result"],
            ["decisions.id", "decisions.case_id", "decisions.result"],
            name="fk_plan_debits_decision_id_decisions",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["plan_cases.case_id"], name="fk_plan_debits_case_id_plan_cases"
        ),
        sa.CheckConstraint("allowed = (decision_result = 'passed')", name="ck_plan_debits_allowed"),
        sa.CheckConstraint("amount_minor > 0", name="ck_plan_debits_amount_minor"),
    )
    op.create_index("ix_plan_debits_plan_id", "plan_debits", ["plan_id", "id"])
    op.create_index(
        "uq_plan_debits_period",
        "plan_debits",
        ["plan_id", "period"],
        unique=True,
        postgresql_where=sa.text("allowed"),
    )
