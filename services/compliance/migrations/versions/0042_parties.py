"""Who takes part in a case, whose money it is, who signs for a company, and what a customer needs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"

INSTANT = sa.DateTime(timezone=True)

STATED = "num_nonnulls(birth_date, capacity, investor, means, bought_wealth_before, legal_form, needs) > 0"


def upgrade() -> None:
    """The tables of this step."""
    _circumstances()
    _joint_accounts()
    _resolutions()
    _parties()
    _statements()


def _circumstances() -> None:
    op.add_column("stated_circumstances", sa.Column("legal_form", sa.String, nullable=True))
    op.add_column("stated_circumstances", sa.Column("needs", JSONB, nullable=True))
    op.create_check_constraint(
        "ck_stated_circumstances_legal_form",
        "stated_circumstances",
        "legal_form IN ('PERSON', 'COMPANY')",
        postgresql_not_valid=True,
    )
    op.drop_constraint("ck_stated_circumstances_something", "stated_circumstances", type_="check")
    op.create_check_constraint(
        "ck_stated_circumstances_something", "stated_circumstances", STATED, postgresql_not_valid=True
    )


def _joint_accounts() -> None:
    op.create_table(
        "joint_accounts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_joint_accounts"),
    )
    op.create_table(
        "joint_holders",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "customer_id", name="pk_joint_holders"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["joint_accounts.id"], name="fk_joint_holders_account_id_joint_accounts"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_joint_holders_customer_id_customers"
        ),
    )
    op.create_index("ix_joint_holders_customer_id", "joint_holders", ["customer_id"])
    op.create_table(
        "joint_terms",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("account_version", sa.Integer, nullable=False),
        sa.Column("mandate", sa.String, nullable=False),
        sa.Column("required", sa.Integer, nullable=True),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("stated_by", sa.String, nullable=False),
        sa.Column("stated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "account_version", name="pk_joint_terms"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["joint_accounts.id"], name="fk_joint_terms_account_id_joint_accounts"
        ),
        sa.CheckConstraint("mandate IN ('ANY', 'ALL', 'SOME')", name="ck_joint_terms_mandate"),
        sa.CheckConstraint("(mandate = 'SOME') = (required IS NOT NULL)", name="ck_joint_terms_required"),
    )


def _resolutions() -> None:
    op.create_table(
        "resolutions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("document_id", sa.Uuid, nullable=False),
        sa.Column("signatory_id", sa.Uuid, nullable=False),
        sa.Column("resolved_on", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("limit_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("stated_by", sa.String, nullable=False),
        sa.Column("stated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resolutions"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_resolutions_customer_id_customers"
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_resolutions_customer_id_customer_version"
        ),
        sa.CheckConstraint("valid_until >= resolved_on", name="ck_resolutions_valid_until"),
        sa.CheckConstraint("limit_minor > 0", name="ck_resolutions_limit_minor"),
    )


def _parties() -> None:
    op.create_table(
        "case_parties",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("case_version", sa.Integer, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("authority_id", sa.Uuid, nullable=True),
        sa.Column("product_kinds", JSONB, nullable=True),
        sa.Column("valid_from", sa.Date, nullable=True),
        sa.Column("valid_until", sa.Date, nullable=True),
        sa.Column("identified_by", sa.String, nullable=False),
        sa.Column("declared_by", sa.String, nullable=False),
        sa.Column("identified_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_parties"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_parties_case_id_cases"),
        sa.UniqueConstraint("case_id", "case_version", name="uq_case_parties_case_id_case_version"),
        sa.CheckConstraint(
            "role IN ('PRINCIPAL', 'AGENT', 'GUARDIAN', 'INTERPRETER', 'JOINT_HOLDER', 'SIGNATORY',"
            " 'PRESENTER', 'OPERATOR', 'REFERRER', 'APPROVER')",
            name="ck_case_parties_role",
        ),
        sa.CheckConstraint(
            "identified_by IN ('ID_DOCUMENT', 'ONLINE_CHECK', 'STAFF_REGISTER')",
            name="ck_case_parties_identified_by",
        ),
        sa.CheckConstraint(
            "num_nonnulls(authority_id, valid_from, valid_until) IN (0, 3)"
            " AND (authority_id IS NOT NULL OR product_kinds IS NULL)",
            name="ck_case_parties_authority",
        ),
        sa.CheckConstraint("valid_until >= valid_from", name="ck_case_parties_valid_until"),
    )
    op.create_index("ix_case_parties_authority_id", "case_parties", ["authority_id"])


def _statements() -> None:
    op.create_table(
        "case_accounts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("case_version", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=True),
        sa.Column("stated_by", sa.String, nullable=False),
        sa.Column("stated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_accounts"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_accounts_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["joint_accounts.id"], name="fk_case_accounts_account_id_joint_accounts"
        ),
        sa.UniqueConstraint("case_id", "case_version", name="uq_case_accounts_case_id_case_version"),
    )
    op.create_table(
        "case_assistance",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("case_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("evidence_id", sa.Uuid, nullable=True),
        sa.Column("confirmed", sa.Boolean, nullable=True),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_assistance"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_assistance_case_id_cases"),
        sa.UniqueConstraint("case_id", "case_version", name="uq_case_assistance_case_id_case_version"),
        sa.CheckConstraint(
            "kind IN ('READING_ALOUD', 'THUMBPRINT', 'CALL_BACK')", name="ck_case_assistance_kind"
        ),
        sa.CheckConstraint(
            "(kind = 'THUMBPRINT') = (evidence_id IS NOT NULL)", name="ck_case_assistance_evidence_id"
        ),
        sa.CheckConstraint(
            "(kind = 'CALL_BACK') = (confirmed IS NOT NULL)", name="ck_case_assistance_confirmed"
        ),
    )
