"""A sale rests on a recording that was sealed in its 48 hours; what is sealed later proves nothing."""

from alembic import op

revision = "0054"
down_revision = "0053"

#: As in 0050, and sealed in time, whatever an older service beside this one takes for sealed.
EVIDENCE = """
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
        AND s.sealed_at < r.started_at + interval '48 hours'
        AND c.state <> 'ABANDONED' AND NEW.logged_at < coalesce(c.expires_at, 'infinity')
        AND (c.outlet_id, c.zone_id, c.amount_minor, c.currency)
          = (NEW.outlet_id, NEW.zone_id, NEW.amount_minor, NEW.currency)
        AND coalesce(d.decision #>> '{inputs,outlet,outlet_id}', NEW.outlet_id::text) = NEW.outlet_id::text
        AND NEW.business_date
          IS NOT DISTINCT FROM (d.decision #>> '{inputs,outlet,business_date}')::date
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


def upgrade() -> None:
    """What a sale rests on."""
    op.execute(EVIDENCE)
