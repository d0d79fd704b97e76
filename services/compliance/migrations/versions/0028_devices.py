"""Recorders (ZON-06), checks of outlets (ZON-10), what terminals tell (ZON-08), scope decisions (ZON-07)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    _recorders()
    _runs()
    _admissions()
    _terminals()
    _scopes()


def _recorders() -> None:
    op.create_table(
        "recorders",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("zone_id", sa.Uuid, nullable=False),
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("certificate", sa.String(8192), nullable=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("registered_by", sa.String, nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("retired_by", sa.String, nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("retirement_reason", sa.String(500), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recorders"),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name="fk_recorders_zone_id_zones"),
        sa.UniqueConstraint("serial", name="uq_recorders_serial"),
        sa.CheckConstraint("(retired_at IS NULL) = (retired_by IS NULL)", name="ck_recorders_retired_at"),
    )
    op.create_index("ix_recorders_zone_id", "recorders", ["zone_id", "id"])


def _runs() -> None:
    op.create_table(
        "recorder_runs",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("recorder_id", sa.Uuid, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("offset_ms", sa.BigInteger, nullable=False),
        sa.Column("heartbeats", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recorder_runs"),
        sa.ForeignKeyConstraint(
            ["recorder_id"], ["recorders.id"], name="fk_recorder_runs_recorder_id_recorders"
        ),
        sa.CheckConstraint("began_at <= heard_at", name="ck_recorder_runs_heard_at"),
    )
    op.create_index("ix_recorder_runs_recorder_id", "recorder_runs", ["recorder_id", "began_at"])
    op.create_index("ix_recorder_runs_heard_at", "recorder_runs", ["heard_at"])


def _admissions() -> None:
    op.create_table(
        "outlet_admissions",
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("capabilities", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("outlet_id", name="pk_outlet_admissions"),
    )
    op.create_table(
        "capability_checks",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("capability", sa.String, nullable=False),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("profile_until", sa.Date, nullable=True),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=True),
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("decision", JSONB, nullable=False),
        sa.Column("checked_by", sa.String, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_capability_checks"),
        sa.UniqueConstraint("digest", name="uq_capability_checks_digest"),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["outlet_admissions.outlet_id"],
            name="fk_capability_checks_outlet_id_outlet_admissions",
        ),
        sa.ForeignKeyConstraint(
            ["release"], ["rule_releases.digest"], name="fk_capability_checks_release_rule_releases"
        ),
        sa.CheckConstraint(
            "capability IN ('WEALTH_SALE', 'AGENCY_SALE')", name="ck_capability_checks_capability"
        ),
        sa.CheckConstraint("profile IN ('STANDARD', 'RURAL_PHASED')", name="ck_capability_checks_profile"),
    )
    op.create_index("ix_capability_checks_outlet_id", "capability_checks", ["outlet_id", "id"])


def _terminals() -> None:
    op.add_column("cases", sa.Column("staff_assisted", sa.Boolean, nullable=True))
    op.add_column("cases", sa.Column("risk_page_shown", sa.Boolean, nullable=True))


def _scopes() -> None:
    op.create_table(
        "sales_scopes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("excluded_kinds", JSONB, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("decided_by", sa.String, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sales_scopes"),
    )
    op.create_index("ix_sales_scopes_effective_from", "sales_scopes", ["effective_from", "id"])
