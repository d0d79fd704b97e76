"""What was presented when cases opened and recordings began, scripts, recordings that belong together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step; what reads whole tables comes last, and no writer waits for it."""
    op.create_table(
        "presentations",
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "subject_id", name="pk_presentations"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_presentations_case_id_cases"),
    )
    op.create_table(
        "product_scripts",
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("document", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("set_by", sa.String, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "product_version", name="pk_product_scripts"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_scripts_product_id_products"
        ),
        sa.CheckConstraint(
            "segment IN ('PITCH', 'RISK_DISCLOSURE', 'KEY_INFO', 'CONFIRMATION', 'FEEDBACK')",
            name="ck_product_scripts_segment",
        ),
    )
    _takes()


def _takes() -> None:
    op.add_column("recordings", sa.Column("main_id", sa.Uuid, nullable=True))
    op.add_column("recordings", sa.Column("take", sa.String, nullable=False, server_default="MAIN"))
    checks = {
        "ck_recordings_take": "take IN ('MAIN', 'RESUMED', 'SUPPLEMENT')",
        "ck_recordings_main_id": "(take = 'MAIN') = (main_id IS NULL)",
    }
    for name, condition in checks.items():
        op.create_check_constraint(name, "recordings", condition, postgresql_not_valid=True)
    op.create_foreign_key(
        "fk_recordings_main_id_recordings",
        "recordings",
        "recordings",
        ["main_id"],
        ["id"],
        postgresql_not_valid=True,
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_recordings_main_id", "recordings", ["main_id", "started_at"], postgresql_concurrently=True
        )
