"""REC-07: no sale without the keeping of its recording."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The constraint of this step."""
    op.create_foreign_key("fk_sales_id_retention_sales", "sales", "retention_sales", ["id"], ["sale_id"])
