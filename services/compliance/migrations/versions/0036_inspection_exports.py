"""Who exported the sales of which period for an inspection."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """The table of this step."""
    op.create_table(
        "inspection_exports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("product", sa.String(32), nullable=True),
        sa.Column("sales", sa.BigInteger, nullable=False),
        sa.Column("manifest", sa.String(64), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("exported_by", sa.String, nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inspection_exports"),
        sa.CheckConstraint("first_day <= last_day", name="ck_inspection_exports_last_day"),
    )
