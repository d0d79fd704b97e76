"""The screening of conduct finds the sale of a recording, and the assessments of the last weeks, by index."""

from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Indexes beside the writers; an older service does not use them."""
    with op.get_context().autocommit_block():
        op.create_index("ix_sales_recording_id", "sales", ["recording_id"], postgresql_concurrently=True)
        op.create_index(
            "ix_assessments_completed_at",
            "assessments",
            ["completed_at", "customer_id"],
            postgresql_concurrently=True,
        )
