"""What 0048 asks of cases, of those that stand there already: read beside the writers."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

CONSTRAINTS = ("ck_cases_state", "ck_cases_abandoned_for", "ck_cases_abandoned", "ck_cases_ended_at")


def upgrade() -> None:
    """Validates the checks and finds the open cases by their last instant."""
    for name in CONSTRAINTS:
        op.execute(f"ALTER TABLE cases VALIDATE CONSTRAINT {name}")
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_cases_expires_at",
            "cases",
            ["expires_at"],
            postgresql_where=sa.text("state = 'OPEN'"),
            postgresql_concurrently=True,
        )
