"""The answers of before are read beside the writers."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Validates what the step before has asked of new rows."""
    op.execute("ALTER TABLE product_enquiries VALIDATE CONSTRAINT ck_product_enquiries_answer")
