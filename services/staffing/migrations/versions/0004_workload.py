"""Tickets served: what the workload is counted from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "served_tickets",
        sa.Column("ticket_id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("business_date", sa.Date, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("service_seconds", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_served_tickets"),
        sa.CheckConstraint("service_seconds >= 0", name=op.f("ck_served_tickets_service_seconds")),
    )
    op.create_index(
        "ix_served_tickets_business_date_outlet_id_employee_id",
        "served_tickets",
        ["business_date", "outlet_id", "employee_id"],
    )
    op.create_index(
        "ix_served_tickets_employee_id_business_date", "served_tickets", ["employee_id", "business_date"]
    )
