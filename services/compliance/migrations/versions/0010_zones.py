"""Areas of zones (M040), published lists of sellers (ZON-04)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0006"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    op.add_column("zones", sa.Column("area", sa.String, nullable=False, server_default="SALES_ZONE"))
    op.create_check_constraint(
        "ck_zones_area",
        "zones",
        "area IN ('SALES_ZONE', 'WEALTH_AREA', 'VIP_ROOM', 'EBANKING_DEMO')",
        postgresql_not_valid=True,
    )
    op.create_table(
        "staff_lists",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=False),
        sa.Column("entries", JSONB, nullable=False),
        sa.Column("published_by", sa.String, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_lists"),
    )
    op.create_index("ix_staff_lists_outlet_id", "staff_lists", ["outlet_id", "id"])
