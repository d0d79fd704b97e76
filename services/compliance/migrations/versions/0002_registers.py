"""Registers of what a sale rests on: outlets, sellers, products, zones, customers, cases, consents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _outlets()
    _sellers()
    _products()
    _zones()
    _customers()
    _cases()
    _consents()


def _outlets() -> None:
    op.create_table(
        "outlets",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("state", JSONB, nullable=True),
        sa.Column("status", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlets"),
        sa.CheckConstraint("status IN ('open', 'closed')", name="ck_outlets_status"),
    )


def _sellers() -> None:
    op.create_table(
        "sellers",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("staff_number", sa.String, nullable=True),
        sa.Column("subject", sa.String, nullable=True),
        sa.Column("employer", sa.String, nullable=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.Column("qualifications", JSONB, nullable=False),
        sa.Column("waiting", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sellers"),
    )
    op.create_index("ix_sellers_outlet_id", "sellers", ["outlet_id", "id"])
    op.create_index("ix_sellers_subject", "sellers", ["subject"])


def _products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("issuer", sa.String(120), nullable=False),
        sa.Column("offering", sa.String, nullable=False),
        sa.Column("term_months", sa.Integer, nullable=True),
        sa.Column("issuer_risk_level", sa.Integer, nullable=True),
        sa.Column("bank_risk_level", sa.Integer, nullable=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("listed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("code", name="uq_products_code"),
        sa.CheckConstraint("origin IN ('OWN', 'AGENCY')", name="ck_products_origin"),
        sa.CheckConstraint(
            "kind IN ('WEALTH', 'FUND', 'SECURITIES', 'TRUST', 'INSURANCE', 'INVESTMENT_INSURANCE', "
            "'GOV_BOND', 'PHYSICAL_METAL')",
            name="ck_products_kind",
        ),
        sa.CheckConstraint("form IN ('CLOSED_END', 'OPEN_ENDED')", name="ck_products_form"),
        sa.CheckConstraint("offering IN ('PUBLIC', 'PRIVATE')", name="ck_products_offering"),
        sa.CheckConstraint("status IN ('ON_SALE', 'EXISTING', 'ENDED')", name="ck_products_status"),
        sa.CheckConstraint("issuer_risk_level BETWEEN 1 AND 5", name="ck_products_issuer_risk_level"),
        sa.CheckConstraint("bank_risk_level BETWEEN 1 AND 5", name="ck_products_bank_risk_level"),
        sa.CheckConstraint("term_months BETWEEN 1 AND 1200", name="ck_products_term_months"),
    )
    op.create_index("ix_products_status", "products", ["status", "code"])


def _zones() -> None:
    op.create_table(
        "zones",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("zone_type", sa.String, nullable=False),
        sa.Column("type_reason", sa.String(500), nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_zones"),
        sa.UniqueConstraint("outlet_id", "code", name="uq_zones_outlet_id_code"),
        sa.CheckConstraint("zone_type IN ('ZONE', 'FIXED_COUNTER')", name="ck_zones_zone_type"),
        sa.CheckConstraint("state IN ('PREPARING', 'ACTIVE', 'SUSPENDED', 'CLOSED')", name="ck_zones_state"),
        sa.CheckConstraint(
            "zone_type <> 'FIXED_COUNTER' OR type_reason IS NOT NULL", name="ck_zones_type_reason"
        ),
    )
    op.create_table(
        "zone_inspections",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("zone_id", sa.Uuid, nullable=False),
        sa.Column("zone_version", sa.Integer, nullable=False),
        sa.Column("checklist", JSONB, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("inspected_by", sa.String, nullable=False),
        sa.Column("inspected_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_zone_inspections"),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name="fk_zone_inspections_zone_id_zones"),
        sa.UniqueConstraint("zone_id", "zone_version", name="uq_zone_inspections_zone_id_zone_version"),
    )
    op.create_table(
        "zone_orders",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("zone_id", sa.Uuid, nullable=False),
        sa.Column("zone_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("ordered_by", sa.String, nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_zone_orders"),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name="fk_zone_orders_zone_id_zones"),
        sa.UniqueConstraint("zone_id", "zone_version", name="uq_zone_orders_zone_id_zone_version"),
        sa.CheckConstraint("kind IN ('SUSPEND', 'CLOSE')", name="ck_zone_orders_kind"),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(255), nullable=True),
        sa.Column("registered_by", sa.String, nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("subject", name="uq_customers_subject"),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("completed_at", INSTANT, nullable=False),
        sa.Column("imported", sa.Boolean, nullable=False),
        sa.Column("source", sa.String(120), nullable=True),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_assessments_customer_id_customers"
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_assessments_customer_id_customer_version"
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="ck_assessments_level"),
        sa.CheckConstraint("completed_at <= recorded_at", name="ck_assessments_completed_at"),
        sa.CheckConstraint("imported = (source IS NOT NULL)", name="ck_assessments_imported"),
    )
    op.create_index(
        "ix_assessments_customer_id_completed_at",
        "assessments",
        ["customer_id", "completed_at", "customer_version"],
    )
    op.create_table(
        "reported_changes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("reported_by", sa.String, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reported_changes"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_reported_changes_customer_id_customers"
        ),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_reported_changes_customer_id_customer_version"
        ),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("zone_id", sa.Uuid, nullable=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_cases_customer_id_customers"),
        sa.UniqueConstraint("sale_id", name="uq_cases_sale_id"),
        sa.CheckConstraint("channel IN ('OUTLET', 'SELF_SERVICE')", name="ck_cases_channel"),
        sa.CheckConstraint("state IN ('OPEN', 'LOGGED')", name="ck_cases_state"),
        sa.CheckConstraint("amount_minor > 0", name="ck_cases_amount_minor"),
        sa.CheckConstraint("(state = 'LOGGED') = (sale_id IS NOT NULL)", name="ck_cases_sale_id"),
    )
    op.create_index("ix_cases_outlet_id", "cases", ["outlet_id", "id"])
    op.create_index("ix_cases_customer_id", "cases", ["customer_id", "id"])
    op.create_index("ix_cases_session_id", "cases", ["session_id"])


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("notice_version", sa.String(64), nullable=False),
        sa.Column("answered_by", sa.String, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consents_customer_id_customers"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_consents_case_id_cases"),
        sa.UniqueConstraint(
            "customer_id", "customer_version", name="uq_consents_customer_id_customer_version"
        ),
        sa.CheckConstraint("purpose IN ('RECORDING')", name="ck_consents_purpose"),
    )
    op.create_index("ix_consents_customer_id_session_id", "consents", ["customer_id", "session_id"])
    op.create_index("ix_consents_case_id", "consents", ["case_id", "id"])
    op.create_table(
        "consent_withdrawals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("consent_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("withdrawn_by", sa.String, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent_withdrawals"),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name="fk_consent_withdrawals_consent_id_consents"
        ),
        sa.UniqueConstraint("consent_id", name="uq_consent_withdrawals_consent_id"),
    )
