"""Rulebook releases, decisions, sales and attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)

#: A sale is what its decision was about, and rests on a recording of its case that is sealed and still there;
#: the recording is locked, so that it stays.
EVIDENCE = """
CREATE FUNCTION sale_rests_on_evidence() RETURNS trigger LANGUAGE plpgsql
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
TRIGGER = """
CREATE TRIGGER sale_rests_on_evidence BEFORE INSERT ON sales
FOR EACH ROW EXECUTE FUNCTION sale_rests_on_evidence()
"""


def upgrade() -> None:
    """The tables of this step."""
    op.create_unique_constraint("uq_cases_about", "cases", ["id", "customer_id", "seller_id", "product_id"])
    op.create_unique_constraint("uq_recordings_of_customer", "recordings", ["id", "customer_id"])
    _releases()
    _decisions()
    _sales()
    _attempts()


def _releases() -> None:
    op.create_table(
        "rule_releases",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_rule_releases"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("result", sa.String, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("decision", JSONB, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("id", "case_id", "result", name="uq_decisions_id_case_id_result"),
        sa.UniqueConstraint("digest", name="uq_decisions_digest"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_decisions_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["release"], ["rule_releases.digest"], name="fk_decisions_release_rule_releases"
        ),
        sa.CheckConstraint("result IN ('passed', 'held', 'refused')", name="ck_decisions_result"),
        sa.CheckConstraint(
            "result IS NOT DISTINCT FROM decision ->> 'result'"
            " AND release IS NOT DISTINCT FROM decision ->> 'release'",
            name="ck_decisions_decision",
        ),
    )
    op.create_index("ix_decisions_case_id", "decisions", ["case_id", "id"])


def _sales() -> None:
    op.create_table(
        "sales",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("decision_id", sa.Uuid, nullable=False),
        sa.Column("decision_result", sa.String, nullable=False, server_default="passed"),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("zone_id", sa.Uuid, nullable=False),
        sa.Column("recording_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("logged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sales"),
        sa.UniqueConstraint("case_id", name="uq_sales_case_id"),
        sa.UniqueConstraint("decision_id", name="uq_sales_decision_id"),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name="fk_sales_zone_id_zones"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording_seals.recording_id"], name="fk_sales_recording_id_recording_seals"
        ),
        sa.ForeignKeyConstraint(
            ["decision_id", "case_id", "decision_result"],
            ["decisions.id", "decisions.case_id", "decisions.result"],
            name="fk_sales_decision_id_decisions",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "customer_id", "seller_id", "product_id"],
            ["cases.id", "cases.customer_id", "cases.seller_id", "cases.product_id"],
            name="fk_sales_case_id_cases",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id", "customer_id"],
            ["recordings.id", "recordings.customer_id"],
            name="fk_sales_recording_id_recordings",
        ),
        sa.CheckConstraint("decision_result = 'passed'", name="ck_sales_decision_result"),
        sa.CheckConstraint("amount_minor > 0", name="ck_sales_amount_minor"),
    )
    op.create_index("ix_sales_outlet_id", "sales", ["outlet_id", "id"])
    op.execute(EVIDENCE)
    op.execute(TRIGGER)


def _attempts() -> None:
    op.create_table(
        "refused_attempts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("decision_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("refused_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refused_attempts"),
        sa.UniqueConstraint("decision_id", name="uq_refused_attempts_decision_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_refused_attempts_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_refused_attempts_decision_id_decisions"
        ),
    )
    op.create_index("ix_refused_attempts_outlet_id", "refused_attempts", ["outlet_id", "id"])
    op.create_index("ix_refused_attempts_case_id", "refused_attempts", ["case_id", "id"])
