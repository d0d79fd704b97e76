"""Conduct alerts, as compliance tells of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The table of this step."""
    op.create_table(
        "alert_notices",
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("change", sa.String, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "change", name="pk_alert_notices"),
        sa.CheckConstraint("change IN ('raised', 'cleared')", name="ck_alert_notices_change"),
    )
    op.create_index("ix_alert_notices_employee_id", "alert_notices", ["employee_id"])
