"""When products are offered."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The table of this step."""
    op.create_table(
        "product_windows",
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("offered_from", INSTANT, nullable=True),
        sa.Column("offered_until", INSTANT, nullable=True),
        sa.Column("set_by", sa.String, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "product_version", name="pk_product_windows"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_windows_product_id_products"
        ),
        sa.CheckConstraint("offered_from < offered_until", name="ck_product_windows_offered_until"),
    )
