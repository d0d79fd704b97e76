"""The kinds of transaction of cases that stand there already: read beside the writers."""

from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Validates what an earlier step has asked of new rows."""
    op.execute("ALTER TABLE cases VALIDATE CONSTRAINT ck_cases_transaction")
