"""Code and name in small letters beside each other: what the search reads, instead of lowering both anew."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"

# A trigger instead of a generated column: that one would write the table anew while people work, and an
# older service that runs beside this one writes names too.
FILL = """
CREATE FUNCTION product_search_text() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.search_text := lower(NEW.code || chr(10) || NEW.name);
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER product_search_text BEFORE INSERT OR UPDATE ON products
FOR EACH ROW EXECUTE FUNCTION product_search_text()
"""


def upgrade() -> None:
    """The column, filled from now on; 0053 fills it for what stands there already."""
    op.add_column("products", sa.Column("search_text", sa.String, nullable=True))
    op.execute(FILL)
    op.execute(TRIGGER)
