"""Cases end without a sale: given up, or when their time is over; what has ended does not change."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

INSTANT = sa.DateTime(timezone=True)

#: CAS-01 as it stood when this step was written: through the thirtieth legal day behind that of the opening.
OPEN_CASES = """
UPDATE cases SET expires_at =
    (date_trunc('day', opened_at AT TIME ZONE 'Asia/Shanghai') + interval '31 days')
        AT TIME ZONE 'Asia/Shanghai'
WHERE state = 'OPEN'
"""

#: As in 0045, and nothing is logged of a case that was abandoned or is out of time; the case is locked, so
#: that it stays.
SALES = """
CREATE OR REPLACE FUNCTION sale_rests_on_evidence() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.recordings r WHERE r.id = NEW.recording_id FOR SHARE;
    PERFORM FROM public.cases c WHERE c.id = NEW.case_id FOR SHARE;
    PERFORM FROM public.recordings r
        JOIN public.recording_seals s ON s.recording_id = r.id
        JOIN public.cases c ON c.id = NEW.case_id
        JOIN public.decisions d ON d.id = NEW.decision_id
    WHERE r.id = NEW.recording_id AND r.state = 'SEALED'
        AND r.session_id = c.session_id AND r.outlet_id = c.outlet_id
        AND s.sealed_at < NEW.logged_at AND d.decided_at = NEW.logged_at
        AND c.state <> 'ABANDONED' AND NEW.logged_at < coalesce(c.expires_at, 'infinity')
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

TRANSACTIONS = """
CREATE OR REPLACE FUNCTION transaction_was_decided() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.cases c WHERE c.id = NEW.case_id FOR SHARE;
    PERFORM FROM public.cases c JOIN public.decisions d ON d.id = NEW.decision_id
    WHERE c.id = NEW.case_id AND d.decided_at = NEW.logged_at
        AND c.state <> 'ABANDONED' AND NEW.logged_at < coalesce(c.expires_at, 'infinity')
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

ENDED = """
CREATE FUNCTION case_ends_once() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.state <> 'OPEN' THEN
        RAISE EXCEPTION 'a case that has ended does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_cases_ended';
    END IF;
    IF EXISTS (SELECT FROM public.sales s WHERE s.case_id = NEW.id)
        OR EXISTS (SELECT FROM public.transactions t WHERE t.case_id = NEW.id)
    THEN
        RAISE EXCEPTION 'a case of which something was logged is not abandoned'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_cases_ended';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER case_ends_once BEFORE UPDATE ON cases
FOR EACH ROW WHEN (OLD.state <> 'OPEN' OR NEW.state = 'ABANDONED') EXECUTE FUNCTION case_ends_once()
"""

#: For new rows; those that stand there are read in a step of its own.
CHECKS = {
    "ck_cases_state": "state IN ('OPEN', 'LOGGED', 'ABANDONED')",
    "ck_cases_abandoned_for": (
        "abandoned_for IN"
        " ('CUSTOMER_DECLINED', 'NOT_SUITABLE', 'REFUSED_AT_GATE', 'ENTERED_WRONGLY', 'EXPIRED')"
    ),
    "ck_cases_abandoned": "(state = 'ABANDONED') = (abandoned_for IS NOT NULL)",
    "ck_cases_ended_at": (
        "CASE state WHEN 'OPEN' THEN expires_at IS NOT NULL AND ended_at IS NULL"
        " WHEN 'ABANDONED' THEN ended_at IS NOT NULL ELSE true END"
        " AND ended_at >= opened_at AND (abandoned_for <> 'EXPIRED' OR ended_at >= expires_at)"
    ),
}


def upgrade() -> None:
    """The columns of this step, and what holds of them from now on."""
    op.add_column("cases", sa.Column("expires_at", INSTANT, nullable=True))
    op.add_column("cases", sa.Column("ended_at", INSTANT, nullable=True))
    op.add_column("cases", sa.Column("abandoned_for", sa.String, nullable=True))
    op.execute(OPEN_CASES)
    op.drop_constraint("ck_cases_state", "cases")
    for name, condition in CHECKS.items():
        op.create_check_constraint(name, "cases", condition, postgresql_not_valid=True)
    op.execute(SALES)
    op.execute(TRANSACTIONS)
    op.execute(ENDED)
    op.execute(TRIGGER)
