"""Conduct: incidents with their steps and reporters, and the alerts about sellers that the gate obeys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0010"

INSTANT = sa.DateTime(timezone=True)
ALERTS = "'OFF_BOOK_SALE_SUSPECTED', 'ILLEGAL_FUNDRAISING'"
KINDS = f"{ALERTS}, 'STAFF_ABNORMAL_BEHAVIOUR', 'ACTING_FOR_CUSTOMER', 'OTHER'"
STATES = "'OPENED', 'INVESTIGATING', 'CONFIRMED', 'DISMISSED', 'CLOSED'"
STEPS = "'TAKEN_UP', 'CONFIRMED', 'DISMISSED', 'AUTHORITY_TOLD', 'ALERT_CLEARED', 'CLOSED'"


def upgrade() -> None:
    """The tables of this step."""
    _incidents()
    _alerts()


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=True),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("product_named", sa.String(120), nullable=True),
        sa.Column("about", JSONB, nullable=False),
        sa.Column("account", sa.String(4000), nullable=True),
        sa.Column("finding", sa.String(200), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("finding", name="uq_incidents_finding"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="ck_incidents_kind"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_incidents_state"),
    )
    op.create_index("ix_incidents_outlet_id", "incidents", ["outlet_id", "id"])
    op.create_index("ix_incidents_seller_id", "incidents", ["seller_id", "id"])
    op.create_table(
        "incident_steps",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("incident_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("taken_by", sa.String, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident_steps"),
        sa.UniqueConstraint(
            "incident_id", "incident_version", name="uq_incident_steps_incident_id_incident_version"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_steps_incident_id_incidents"
        ),
        sa.CheckConstraint(f"kind IN ({STEPS})", name="ck_incident_steps_kind"),
    )
    op.create_table(
        "incident_reporters",
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_reporters"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_reporters_incident_id_incidents"
        ),
    )


def _alerts() -> None:
    op.create_table(
        "seller_alerts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("seller_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seller_alerts"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_seller_alerts_seller_id_sellers"),
        sa.CheckConstraint(f"kind IN ({ALERTS})", name="ck_seller_alerts_kind"),
    )
    op.create_index("ix_seller_alerts_seller_id", "seller_alerts", ["seller_id"])
    op.create_table(
        "seller_alert_clearances",
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("seller_version", sa.Integer, nullable=False),
        sa.Column("cleared_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name="pk_seller_alert_clearances"),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["seller_alerts.id"], name="fk_seller_alert_clearances_alert_id_seller_alerts"
        ),
    )
