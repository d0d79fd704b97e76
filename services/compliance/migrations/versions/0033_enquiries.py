"""The registry also answers that a product is not admitted yet."""

from alembic import op

revision = "0033"
down_revision = "0032"

NAME = "ck_product_enquiries_answer"
ANSWERS = "answer IN ('MAY_BE_SOLD', 'NOT_ADMITTED', 'NO_LONGER_SOLD', 'NOT_LISTED')"


def upgrade() -> None:
    """One more answer, for new rows; the next step reads the old ones beside the writers."""
    op.execute(f"ALTER TABLE product_enquiries DROP CONSTRAINT {NAME}")
    op.execute(f"ALTER TABLE product_enquiries ADD CONSTRAINT {NAME} CHECK ({ANSWERS}) NOT VALID")
