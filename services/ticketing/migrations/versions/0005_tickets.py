"""Tickets and their number series."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

IN_HAND = sa.text("state IN ('called', 'serving')")
STATES = "'waiting', 'called', 'serving', 'completed', 'no_show', 'cancelled', 'expired'"


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("queue_id", sa.Uuid, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("issued", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "business_date", name="pk_number_series"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        "ix_number_series_open", "number_series", ["business_date"], postgresql_where=sa.text("NOT closed")
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("queue_id", sa.Uuid, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("service_code", sa.String(32), nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("visitor", sa.String(512)),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counter_id", sa.Uuid),
        sa.Column("employee_id", sa.Uuid),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("called_at", sa.DateTime(timezone=True)),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint(
            "queue_id", "business_date", "serial", name="uq_tickets_queue_id_business_date_serial"
        ),
        sa.CheckConstraint("channel IN ('kiosk', 'lobby_manager', 'customer')", name="ck_tickets_channel"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_tickets_state"),
        sa.CheckConstraint(
            "state NOT IN ('called', 'serving') OR (counter_id IS NOT NULL AND employee_id IS NOT NULL)",
            name="ck_tickets_in_hand",
        ),
    )
    op.create_index(
        "ix_tickets_waiting",
        "tickets",
        ["queue_id", "business_date", "issued_at", "serial"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    for name in ("counter", "employee"):
        op.create_index(
            f"uq_tickets_in_hand_{name}",
            "tickets",
            [f"{name}_id"],
            unique=True,
            postgresql_where=IN_HAND,
        )
