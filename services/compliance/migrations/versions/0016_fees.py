"""The tariff: services, prices, reductions, publicity, links, notices; quotes, confirmations, records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"

INSTANT = sa.DateTime(timezone=True)
GROUPS = (
    "'ELDERLY', 'DISABLED', 'LOW_INCOME', 'STUDENT', 'MIGRANT_WORKER', 'SMALL_BUSINESS', 'PAYROLL', 'VIP'"
)


def upgrade() -> None:
    """The tables of this step."""
    _services()
    _appended("fee_prices", "announced", _prices())
    op.create_index("ix_fee_prices_announced_at", "fee_prices", ["announced_at"])
    _appended("fee_waivers", "granted", [sa.Column("terms", JSONB, nullable=False)])
    _appended(
        "fee_publicity",
        "checked",
        [sa.Column("medium", sa.String(120), nullable=False), sa.Column("terms", JSONB, nullable=False)],
    )
    _appended(
        "fee_product_links",
        "linked",
        [sa.Column("product_id", sa.Uuid, nullable=False), sa.Column("charged", sa.Boolean, nullable=False)],
    )
    op.create_foreign_key(
        "fk_fee_product_links_product_id_products", "fee_product_links", "products", ["product_id"], ["id"]
    )
    op.create_index(
        "ix_fee_product_links_product_id",
        "fee_product_links",
        ["product_id", "service_id", "service_version"],
    )
    _notices()
    _quotes()
    _records()


def _services() -> None:
    op.create_table(
        "fee_services",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name_zh", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("pricing", sa.String, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("introduced_by", sa.String, nullable=False),
        sa.Column("introduced_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fee_services"),
        sa.UniqueConstraint("code", name="uq_fee_services_code"),
        sa.CheckConstraint("pricing IN ('GUIDED', 'MARKET')", name="ck_fee_services_pricing"),
    )


def _prices() -> list[sa.Column[object]]:
    return [
        sa.Column("applies_from", sa.Date, nullable=False),
        sa.Column("rises_on", sa.Date, nullable=True),
        sa.Column("standards", JSONB, nullable=False),
    ]


def _appended(name: str, verb: str, columns: list[sa.Column[object]]) -> None:
    """A table of records about a service, each of which made one of its versions."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("service_version", sa.Integer, nullable=False),
        *columns,
        sa.Column(f"{verb}_by", sa.String, nullable=False),
        sa.Column(f"{verb}_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("service_id", "service_version", name=f"uq_{name}_service_id_service_version"),
        sa.ForeignKeyConstraint(
            ["service_id"], ["fee_services.id"], name=f"fk_{name}_service_id_fee_services"
        ),
    )


def _notices() -> None:
    op.create_table(
        "fee_notices",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("price_list", sa.Boolean, nullable=False),
        sa.Column("complaint_phone", sa.String(32), nullable=True),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("shown_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fee_notices"),
    )
    op.create_index("ix_fee_notices_outlet_id", "fee_notices", ["outlet_id", "id"])


def _quotes() -> None:
    op.create_table(
        "fee_quotes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("price_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("customer_group", sa.String, nullable=True),
        sa.Column("charges", JSONB, nullable=False),
        sa.Column("fee_minor", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("quoted_by", sa.String, nullable=False),
        sa.Column("quoted_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fee_quotes"),
        sa.ForeignKeyConstraint(
            ["service_id"], ["fee_services.id"], name="fk_fee_quotes_service_id_fee_services"
        ),
        sa.ForeignKeyConstraint(["price_id"], ["fee_prices.id"], name="fk_fee_quotes_price_id_fee_prices"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_fee_quotes_customer_id_customers"
        ),
        sa.CheckConstraint("state IN ('QUOTED', 'CONFIRMED', 'USED')", name="ck_fee_quotes_state"),
        sa.CheckConstraint(f"customer_group IN ({GROUPS})", name="ck_fee_quotes_customer_group"),
        sa.CheckConstraint("fee_minor >= 0 AND amount_minor >= 0", name="ck_fee_quotes_minor"),
    )
    op.create_index("ix_fee_quotes_outlet_id", "fee_quotes", ["outlet_id", "id"])
    op.create_index("ix_fee_quotes_customer_id", "fee_quotes", ["customer_id", "id"])
    op.create_table(
        "fee_confirmations",
        sa.Column("quote_id", sa.Uuid, nullable=False),
        sa.Column("customer_version", sa.Integer, nullable=False),
        sa.Column("confirmed_by", sa.String, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("quote_id", name="pk_fee_confirmations"),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["fee_quotes.id"], name="fk_fee_confirmations_quote_id_fee_quotes"
        ),
    )


def _records() -> None:
    op.create_table(
        "service_records",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("quote_id", sa.Uuid, nullable=False),
        sa.Column("service_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("fee_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("rendered_by", sa.String, nullable=False),
        sa.Column("rendered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_records"),
        sa.UniqueConstraint("quote_id", name="uq_service_records_quote_id"),
        sa.ForeignKeyConstraint(
            ["quote_id"],
            ["fee_confirmations.quote_id"],
            name="fk_service_records_quote_id_fee_confirmations",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["fee_services.id"], name="fk_service_records_service_id_fee_services"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_service_records_customer_id_customers"
        ),
    )
    op.create_index("ix_service_records_outlet_id", "service_records", ["outlet_id", "id"])
