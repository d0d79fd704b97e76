"""Recordings that wait for their seal are found by their beginning, for the job that seals abandoned ones."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """An index beside the writers; an older service does not use it."""
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_recordings_inspected",
            "recordings",
            ["started_at", "id"],
            postgresql_where=sa.text("state = 'INSPECTED'"),
            postgresql_concurrently=True,
        )
