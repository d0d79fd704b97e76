"""Old sales and recordings, and what is missing of them."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

INSTANT = sa.DateTime(timezone=True)

KINDS = (
    "kind IN ('WEALTH', 'FUND', 'SECURITIES', 'TRUST', 'INSURANCE', 'INVESTMENT_INSURANCE', "
    "'GOV_BOND', 'PHYSICAL_METAL')"
)
GAPS = (
    "kind IN ('NO_RECORDING', 'RECORDING_NOT_GIVEN', 'DIGEST_MISMATCH', 'NO_ASSESSMENT', "
    "'UNKNOWN_PRODUCT', 'UNKNOWN_SELLER', 'UNKNOWN_CUSTOMER', 'UNKNOWN_OUTLET')"
)

#: One id is a sale of the gate or an imported one, a recording made here or an old one; never both.
ORIGIN = """
CREATE FUNCTION sale_has_one_origin() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'sales' THEN
        PERFORM FROM public.imported_sales i WHERE i.id = NEW.id;
    ELSIF TG_TABLE_NAME = 'imported_sales' THEN
        PERFORM FROM public.sales s WHERE s.id = NEW.id;
    ELSE
        PERFORM FROM public.recordings r WHERE r.id = NEW.id;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'what is imported is none of the gate'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_one_origin';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER sale_has_one_origin BEFORE INSERT ON {table}
FOR EACH ROW EXECUTE FUNCTION sale_has_one_origin()
"""


def upgrade() -> None:
    """The tables of this step."""
    _batches()
    _recordings()
    _sales()
    _gaps()
    op.execute(ORIGIN)
    for table in ("sales", "imported_sales", "imported_recordings"):
        op.execute(TRIGGER.format(table=table))


def _batches() -> None:
    op.create_table(
        "legacy_batches",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("sales", sa.Integer, nullable=False),
        sa.Column("recordings", sa.Integer, nullable=False),
        sa.Column("gaps", sa.Integer, nullable=False),
        sa.Column("imported_by", sa.String, nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legacy_batches"),
        sa.UniqueConstraint("sha256", name="uq_legacy_batches_sha256"),
        sa.CheckConstraint("format IN ('CSV', 'JSON')", name="ck_legacy_batches_format"),
    )


def _recordings() -> None:
    op.create_table(
        "imported_recordings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_recordings"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["legacy_batches.id"], name="fk_imported_recordings_batch_id_legacy_batches"
        ),
        sa.CheckConstraint(
            "state IN ('REGISTERED', 'STORED', 'DISPOSING', 'DISPOSED')", name="ck_imported_recordings_state"
        ),
        sa.CheckConstraint("(size IS NULL) = (state = 'REGISTERED')", name="ck_imported_recordings_size"),
    )


def _sales() -> None:
    op.create_table(
        "imported_sales",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("origin", sa.String, nullable=False, server_default="IMPORTED"),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=True),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_code", sa.String(32), nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("term_months", sa.Integer, nullable=True),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("sold_at", INSTANT, nullable=False),
        sa.Column("contract_end_on", sa.Date, nullable=True),
        sa.Column("final_payout_on", sa.Date, nullable=True),
        sa.Column("assessed_level", sa.Integer, nullable=True),
        sa.Column("assessed_on", sa.Date, nullable=True),
        sa.Column("recording_id", sa.Uuid, nullable=True),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_sales"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["legacy_batches.id"], name="fk_imported_sales_batch_id_legacy_batches"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["imported_recordings.id"],
            name="fk_imported_sales_recording_id_imported_recordings",
        ),
        sa.UniqueConstraint("batch_id", "row", name="uq_imported_sales_batch_id_row"),
        sa.CheckConstraint("origin = 'IMPORTED'", name="ck_imported_sales_origin"),
        sa.CheckConstraint("amount_minor > 0", name="ck_imported_sales_amount_minor"),
        sa.CheckConstraint("sold_at < imported_at", name="ck_imported_sales_sold_at"),
        sa.CheckConstraint(KINDS, name="ck_imported_sales_kind"),
        sa.CheckConstraint("form IN ('CLOSED_END', 'OPEN_ENDED')", name="ck_imported_sales_form"),
    )
    op.create_index("ix_imported_sales_outlet_id", "imported_sales", ["outlet_id", "id"])
    op.create_index("ix_imported_sales_sold_at", "imported_sales", ["sold_at", "id"])
    op.create_index("ix_imported_sales_recording_id", "imported_sales", ["recording_id"])


def _gaps() -> None:
    op.create_table(
        "legacy_gaps",
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "row", "kind", name="pk_legacy_gaps"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["legacy_batches.id"], name="fk_legacy_gaps_batch_id_legacy_batches"
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["imported_sales.id"], name="fk_legacy_gaps_sale_id_imported_sales"
        ),
        sa.CheckConstraint(GAPS, name="ck_legacy_gaps_kind"),
    )
    op.create_index("ix_legacy_gaps_sale_id", "legacy_gaps", ["sale_id"])
