"""Kinds of transaction, the entitlements of some, and what is logged without being a sale."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

INSTANT = sa.DateTime(timezone=True)

#: As in 0004, and a sale rests on a decision about a kind of transaction that is recorded.
EVIDENCE = """
CREATE OR REPLACE FUNCTION sale_rests_on_evidence() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.recordings r WHERE r.id = NEW.recording_id FOR SHARE;
    PERFORM FROM public.recordings r
        JOIN public.recording_seals s ON s.recording_id = r.id
        JOIN public.cases c ON c.id = NEW.case_id
        JOIN public.decisions d ON d.id = NEW.decision_id
    WHERE r.id = NEW.recording_id AND r.state = 'SEALED'
        AND r.session_id = c.session_id AND r.outlet_id = c.outlet_id
        AND s.sealed_at < NEW.logged_at AND d.decided_at = NEW.logged_at
        AND (c.outlet_id, c.zone_id, c.amount_minor, c.currency)
          = (NEW.outlet_id, NEW.zone_id, NEW.amount_minor, NEW.currency)
        AND c.transaction IN ('SUBSCRIPTION', 'TOP_UP', 'CONVERSION', 'PLAN')
        AND coalesce(d.decision #>> '{inputs,transaction,kind}', 'SUBSCRIPTION') = c.transaction
        AND (d.decision #>> '{inputs,customer_id}', d.decision #>> '{inputs,product,product_id}',
             d.decision #>> '{inputs,seller,seller_id}', d.decision #>> '{inputs,zone,zone_id}',
             d.decision #>> '{inputs,recordings,0,recording_id}',
             d.decision #>> '{inputs,recordings,0,manifest}',
             d.decision #>> '{inputs,amount_minor}', d.decision #>> '{inputs,currency}')
          = (NEW.customer_id::text, NEW.product_id::text, NEW.seller_id::text, NEW.zone_id::text,
             NEW.recording_id::text, s.digest, NEW.amount_minor::text, NEW.currency);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the sale is not what was decided on, or its recording is not that of its case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_sales_evidence';
    END IF;
    RETURN NEW;
END $$
"""

#: A transaction is what its decision was about, and of the kind of its case.
DECIDED = """
CREATE FUNCTION transaction_was_decided() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.cases c JOIN public.decisions d ON d.id = NEW.decision_id
    WHERE c.id = NEW.case_id AND d.decided_at = NEW.logged_at
        AND (c.outlet_id, c.amount_minor, c.currency, c.transaction)
          = (NEW.outlet_id, NEW.amount_minor, NEW.currency, NEW.kind)
        AND c.source_product_id IS NOT DISTINCT FROM NEW.source_product_id
        AND (d.decision #>> '{inputs,customer_id}', d.decision #>> '{inputs,transaction,kind}',
             d.decision #>> '{inputs,amount_minor}', d.decision #>> '{inputs,currency}')
          = (NEW.customer_id::text, NEW.kind, NEW.amount_minor::text, NEW.currency)
        AND coalesce(d.decision #>> '{inputs,product,product_id}', NEW.product_id::text)
          = NEW.product_id::text;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the transaction is not what was decided on'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_transactions_decided';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER transaction_was_decided BEFORE INSERT ON transactions
FOR EACH ROW EXECUTE FUNCTION transaction_was_decided()
"""

KINDS = "'SUBSCRIPTION', 'TOP_UP', 'CONVERSION', 'PLAN', 'ROLLOVER', 'REDEMPTION', 'SUCCESSION'"


def upgrade() -> None:
    """The columns and tables of this step; what reads every case is validated behind it."""
    op.add_column("cases", sa.Column("transaction", sa.String, nullable=False, server_default="SUBSCRIPTION"))
    op.alter_column("cases", "transaction", server_default=None)
    op.add_column("cases", sa.Column("source_product_id", sa.Uuid, nullable=True))
    op.add_column("cases", sa.Column("holding_sale_id", sa.Uuid, nullable=True))
    op.create_check_constraint(
        "ck_cases_transaction", "cases", f"transaction IN ({KINDS})", postgresql_not_valid=True
    )
    _entitlements()
    _transactions()
    op.execute(EVIDENCE)


def _entitlements() -> None:
    op.create_table(
        "entitlements",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("case_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("given", sa.Boolean, nullable=True),
        sa.Column("notice_version", sa.String(64), nullable=True),
        sa.Column("evidence_id", sa.Uuid, nullable=True),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entitlements"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_entitlements_case_id_cases"),
        sa.UniqueConstraint("case_id", "case_version", name="uq_entitlements_case_id_case_version"),
        sa.CheckConstraint("kind IN ('ROLLOVER_CONSENT', 'HEIR')", name="ck_entitlements_kind"),
        sa.CheckConstraint(
            "num_nonnulls(given, notice_version) = CASE kind WHEN 'HEIR' THEN 0 ELSE 2 END"
            " AND (kind = 'HEIR') = (evidence_id IS NOT NULL)",
            name="ck_entitlements_content",
        ),
    )


def _transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("decision_id", sa.Uuid, nullable=False),
        sa.Column("decision_result", sa.String, nullable=False, server_default="passed"),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("source_product_id", sa.Uuid, nullable=True),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("logged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transactions"),
        sa.UniqueConstraint("case_id", name="uq_transactions_case_id"),
        sa.UniqueConstraint("decision_id", name="uq_transactions_decision_id"),
        sa.ForeignKeyConstraint(
            ["decision_id", "case_id", "decision_result"],
            ["decisions.id", "decisions.case_id", "decisions.result"],
            name="fk_transactions_decision_id_decisions",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "customer_id", "seller_id", "product_id"],
            ["cases.id", "cases.customer_id", "cases.seller_id", "cases.product_id"],
            name="fk_transactions_case_id_cases",
        ),
        sa.CheckConstraint("decision_result = 'passed'", name="ck_transactions_decision_result"),
        sa.CheckConstraint("kind IN ('ROLLOVER', 'REDEMPTION', 'SUCCESSION')", name="ck_transactions_kind"),
    )
    op.create_index("ix_transactions_outlet_id", "transactions", ["outlet_id", "id"])
    op.create_index("ix_transactions_customer_id", "transactions", ["customer_id", "product_id"])
    op.execute(DECIDED)
    op.execute(TRIGGER)
