"""Disposals that are under way are found by the state of their recordings, for the job that ends them."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    """Indexes beside the writers; an older service does not use them."""
    with op.get_context().autocommit_block():
        for table in ("recordings", "imported_recordings"):
            op.create_index(
                f"ix_{table}_disposing",
                table,
                ["id"],
                postgresql_where=sa.text("state = 'DISPOSING'"),
                postgresql_concurrently=True,
            )
