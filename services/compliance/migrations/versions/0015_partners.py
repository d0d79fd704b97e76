"""Partners with their reviews, admissions and exits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of this step."""
    op.create_table(
        "partners",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kinds", JSONB, nullable=False),
        sa.Column("licence_number", sa.String(64), nullable=False),
        sa.Column("authority", sa.String, nullable=False),
        sa.Column("licence_from", sa.Date, nullable=False),
        sa.Column("licence_to", sa.Date, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reviewed_on", sa.Date, nullable=False),
        sa.Column("admitted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partners"),
        sa.UniqueConstraint("code", name="uq_partners_code"),
        sa.CheckConstraint("authority IN ('PBC', 'NFRA', 'CSRC', 'OTHER')", name="ck_partners_authority"),
        sa.CheckConstraint("state IN ('LISTED', 'SUSPENDED', 'EXITED')", name="ck_partners_state"),
        sa.CheckConstraint("licence_to >= licence_from", name="ck_partners_licence_to"),
    )
    op.create_index("ix_partners_state", "partners", ["state", "code"])
    _reviews()
    _steps()


def _reviews() -> None:
    op.create_table(
        "partner_reviews",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("partner_id", sa.Uuid, nullable=False),
        sa.Column("partner_version", sa.Integer, nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("findings", sa.String(500), nullable=False),
        sa.Column("reviewed_by", sa.String, nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner_reviews"),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name="fk_partner_reviews_partner_id_partners"
        ),
        sa.UniqueConstraint(
            "partner_id", "partner_version", name="uq_partner_reviews_partner_id_partner_version"
        ),
    )


def _steps() -> None:
    op.create_table(
        "partner_steps",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("partner_id", sa.Uuid, nullable=False),
        sa.Column("partner_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("taken_by", sa.String, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partner_steps"),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name="fk_partner_steps_partner_id_partners"),
        sa.UniqueConstraint(
            "partner_id", "partner_version", name="uq_partner_steps_partner_id_partner_version"
        ),
        sa.CheckConstraint("kind IN ('ADMISSION', 'EXIT')", name="ck_partner_steps_kind"),
    )
