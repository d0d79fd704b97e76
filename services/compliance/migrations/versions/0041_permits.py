"""Permits, reports about orders, reversals of sales, reconciliations."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

INSTANT = sa.DateTime(timezone=True)
REASONS = "'CUSTOMER_CANCELLED', 'ENTERED_WRONGLY', 'ORDER_FAILED', 'PERMIT_EXPIRED', 'MISCONDUCT'"
KINDS = (
    "'SALE_WITHOUT_PERMIT', 'PERMIT_UNUSED', 'ORDER_UNCONFIRMED', 'CONFIRMED_OTHERWISE',"
    " 'ORDER_WITHOUT_PERMIT'"
)
ABOUT = (
    "sale_id",
    "customer_id",
    "product_id",
    "product_version",
    "amount_minor",
    "currency",
    "expires_at",
)

#: A permit is about what was sold, of the version that was decided on, and of a sale that stands.
PERMIT = """
CREATE FUNCTION permit_is_of_its_sale() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.sales s JOIN public.decisions d ON d.id = s.decision_id
    WHERE s.id = NEW.sale_id
        AND (s.outlet_id, s.customer_id, s.product_id, s.amount_minor, s.currency, s.logged_at)
          = (NEW.outlet_id, NEW.customer_id, NEW.product_id, NEW.amount_minor, NEW.currency, NEW.issued_at)
        AND d.decision #>> '{inputs,product,version}' = NEW.product_version::text
        AND NOT EXISTS (SELECT FROM public.sale_reversals r WHERE r.sale_id = s.id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the permit is not what was sold, or its sale was reversed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_permits_sale';
    END IF;
    RETURN NEW;
END $$
"""
PERMIT_TRIGGER = """
CREATE TRIGGER permit_is_of_its_sale BEFORE INSERT ON permits
FOR EACH ROW EXECUTE FUNCTION permit_is_of_its_sale()
"""

#: A reversal takes back what was sold, after it was asked for and not rejected.
REVERSAL = """
CREATE FUNCTION reversal_is_of_its_sale() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.sales s JOIN public.reversal_requests q ON q.id = NEW.request_id
    WHERE s.id = NEW.sale_id AND q.requested_at <= NEW.reversed_at
        AND (s.outlet_id, -s.amount_minor, s.currency) = (NEW.outlet_id, NEW.amount_minor, NEW.currency)
        AND NOT EXISTS (SELECT FROM public.reversal_rejections r WHERE r.request_id = NEW.request_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the reversal is not of what was sold, or was rejected'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_sale_reversals_sale';
    END IF;
    RETURN NEW;
END $$
"""
REVERSAL_TRIGGER = """
CREATE TRIGGER reversal_is_of_its_sale BEFORE INSERT ON sale_reversals
FOR EACH ROW EXECUTE FUNCTION reversal_is_of_its_sale()
"""

#: At the end of its transaction: nothing can be ordered any more, and what was ordered is cancelled.
UNDONE = """
CREATE FUNCTION reversal_leaves_nothing_ordered() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.permits p WHERE p.sale_id = NEW.sale_id AND NOT EXISTS (
        SELECT FROM public.permit_endings e WHERE e.permit_id = p.id AND (
            e.kind = 'REVOKED' AND e.reversal_id = NEW.id AND NEW.order_id IS NULL
            OR e.kind = 'USED' AND e.order_id = NEW.order_id AND EXISTS (
                SELECT FROM public.order_reports r WHERE r.order_id = e.order_id AND r.step = 'CANCELLED')));
    IF FOUND THEN
        RAISE EXCEPTION 'the reversal leaves a permit or an order'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_sale_reversals_order';
    END IF;
    RETURN NULL;
END $$
"""
UNDONE_TRIGGER = """
CREATE CONSTRAINT TRIGGER reversal_leaves_nothing_ordered AFTER INSERT ON sale_reversals
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reversal_leaves_nothing_ordered()
"""


def upgrade() -> None:
    """The tables of this step."""
    _permits()
    _orders()
    _requests()
    _reversals()
    _endings()
    _reconciliations()
    for statement in (PERMIT, PERMIT_TRIGGER, REVERSAL, REVERSAL_TRIGGER, UNDONE, UNDONE_TRIGGER):
        op.execute(statement)


def _permits() -> None:
    op.create_table(
        "permits",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("token", sa.String(2048), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_permits"),
        sa.UniqueConstraint("sale_id", name="uq_permits_sale_id"),
        sa.UniqueConstraint("id", *ABOUT, name="uq_permits_about"),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name="fk_permits_sale_id_sales"),
        sa.CheckConstraint("issued_at < expires_at", name="ck_permits_expires_at"),
    )
    op.create_index("ix_permits_issued_at", "permits", ["issued_at"])
    op.create_index("ix_permits_expires_at", "permits", ["expires_at"])


def _orders() -> None:
    op.create_table(
        "order_reports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("fact_id", sa.String, nullable=False),
        sa.Column("order_id", sa.String(64), nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_reports"),
        sa.UniqueConstraint("source", "fact_id", name="uq_order_reports_source_fact_id"),
        sa.CheckConstraint("step IN ('PLACED', 'CONFIRMED', 'CANCELLED')", name="ck_order_reports_step"),
        sa.CheckConstraint(
            "(step = 'CANCELLED') = (amount_minor IS NULL) AND (amount_minor IS NULL) = (currency IS NULL)",
            name="ck_order_reports_amount_minor",
        ),
    )
    op.create_index("ix_order_reports_order_id", "order_reports", ["order_id", "step"])
    op.create_index("ix_order_reports_reported_at", "order_reports", ["reported_at"])


def _requests() -> None:
    op.create_table(
        "reversal_requests",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reversal_requests"),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name="fk_reversal_requests_sale_id_sales"),
        sa.CheckConstraint(f"reason IN ({REASONS})", name="ck_reversal_requests_reason"),
        sa.UniqueConstraint("id", "sale_id", "reason", "requested_by", name="uq_reversal_requests_about"),
        sa.UniqueConstraint("id", "requested_by", name="uq_reversal_requests_author"),
    )
    op.create_index("ix_reversal_requests_sale_id", "reversal_requests", ["sale_id"])
    op.create_index("ix_reversal_requests_outlet_id", "reversal_requests", ["outlet_id", "id"])
    op.create_table(
        "reversal_rejections",
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("rejected_by", sa.String, nullable=False),
        sa.Column("rejected_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_reversal_rejections"),
        sa.CheckConstraint(
            "rejected_by <> requested_by AND rejected_by <> ''", name="ck_reversal_rejections_four_eyes"
        ),
        sa.ForeignKeyConstraint(
            ["request_id", "requested_by"],
            ["reversal_requests.id", "reversal_requests.requested_by"],
            name="fk_reversal_rejections_request_id_reversal_requests",
        ),
    )


def _reversals() -> None:
    repeated = ["sale_id", "reason", "requested_by"]
    op.create_table(
        "sale_reversals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("order_id", sa.String(64), nullable=True),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("approved_by", sa.String, nullable=False),
        sa.Column("reversed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sale_reversals"),
        sa.UniqueConstraint("sale_id", name="uq_sale_reversals_sale_id"),
        sa.UniqueConstraint("request_id", name="uq_sale_reversals_request_id"),
        sa.UniqueConstraint("id", "sale_id", name="uq_sale_reversals_id_sale_id"),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name="fk_sale_reversals_sale_id_sales"),
        sa.ForeignKeyConstraint(
            ["request_id", *repeated],
            ["reversal_requests.id", *(f"reversal_requests.{name}" for name in repeated)],
            name="fk_sale_reversals_request_id_reversal_requests",
        ),
        sa.CheckConstraint(f"reason IN ({REASONS})", name="ck_sale_reversals_reason"),
        sa.CheckConstraint(
            "approved_by <> requested_by AND approved_by <> ''", name="ck_sale_reversals_four_eyes"
        ),
    )
    op.create_index("ix_sale_reversals_outlet_id", "sale_reversals", ["outlet_id", "id"])


def _endings() -> None:
    op.create_table(
        "permit_endings",
        sa.Column("permit_id", sa.Uuid, nullable=False),
        sa.Column("sale_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("order_id", sa.String(64), nullable=True),
        sa.Column("reversal_id", sa.Uuid, nullable=True),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.String, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("permit_id", name="pk_permit_endings"),
        sa.UniqueConstraint("order_id", name="uq_permit_endings_order_id"),
        sa.CheckConstraint("kind IN ('USED', 'REVOKED')", name="ck_permit_endings_kind"),
        sa.CheckConstraint(
            "CASE kind WHEN 'USED' THEN order_id IS NOT NULL AND reversal_id IS NULL"
            " AND ended_at < expires_at ELSE order_id IS NULL AND reversal_id IS NOT NULL END",
            name="ck_permit_endings_lawful",
        ),
        sa.ForeignKeyConstraint(
            ["permit_id", *ABOUT],
            ["permits.id", *(f"permits.{name}" for name in ABOUT)],
            name="fk_permit_endings_permit_id_permits",
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id", "sale_id"],
            ["sale_reversals.id", "sale_reversals.sale_id"],
            name="fk_permit_endings_reversal_id_sale_reversals",
        ),
    )
    op.create_index("ix_permit_endings_ended_at", "permit_endings", ["ended_at"])


def _reconciliations() -> None:
    op.create_table(
        "reconciliation_differences",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("sale_id", sa.Uuid, nullable=True),
        sa.Column("permit_id", sa.Uuid, nullable=True),
        sa.Column("order_id", sa.String(64), nullable=True),
        sa.Column("expected_minor", sa.BigInteger, nullable=True),
        sa.Column("found_minor", sa.BigInteger, nullable=True),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliation_differences"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_reconciliation_differences_kind_subject_id"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="ck_reconciliation_differences_kind"),
    )
    op.create_index("ix_reconciliation_differences_day", "reconciliation_differences", ["day", "id"])
    op.create_table(
        "reconciliation_settlements",
        sa.Column("difference_id", sa.Uuid, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("difference_id", name="pk_reconciliation_settlements"),
        sa.ForeignKeyConstraint(
            ["difference_id"],
            ["reconciliation_differences.id"],
            name="fk_reconciliation_settlements_difference_id",
        ),
    )
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("completed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
        sa.UniqueConstraint("day", name="uq_reconciliations_day"),
    )
