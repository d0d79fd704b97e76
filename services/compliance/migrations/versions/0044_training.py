"""How sellers are prepared: what staffing tells of their training, and incidents that were confirmed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0044"
down_revision = "0043"

#: Incidents of before count as well; whoever has no head row yet gets the one of somebody unheard of.
HEADS = """
    INSERT INTO sellers (id, version, sequence, active, qualifications, waiting)
    SELECT DISTINCT seller_id, 0, 0, false, '[]'::jsonb, '[]'::jsonb FROM incidents i
    JOIN incident_steps s ON s.incident_id = i.id AND s.kind = 'CONFIRMED'
    WHERE seller_id IS NOT NULL
    ON CONFLICT DO NOTHING
"""
BAD_RECORDS = """
    INSERT INTO seller_bad_records (incident_id, seller_id, seller_version, confirmed_at)
    SELECT i.id, i.seller_id, h.version, s.taken_at FROM incidents i
    JOIN incident_steps s ON s.incident_id = i.id AND s.kind = 'CONFIRMED'
    JOIN sellers h ON h.id = i.seller_id
"""


def upgrade() -> None:
    """The tables of this step."""
    op.create_table(
        "seller_lessons",
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", "sequence", name="pk_seller_lessons"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_seller_lessons_seller_id_sellers"),
    )
    op.create_table(
        "seller_bad_records",
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("seller_id", sa.Uuid, nullable=False),
        sa.Column("seller_version", sa.Integer, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_seller_bad_records"),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name="fk_seller_bad_records_seller_id_sellers"
        ),
    )
    op.create_index("ix_seller_bad_records_seller_id", "seller_bad_records", ["seller_id"])
    op.execute(HEADS)
    op.execute(BAD_RECORDS)
