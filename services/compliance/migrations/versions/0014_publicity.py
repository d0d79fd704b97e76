"""What is said about products in public: benchmarks, campaigns, materials, their releases and refusals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

revision = "0014"
down_revision = "0013"

INSTANT = sa.DateTime(timezone=True)

CHANNELS = (
    "channel IN ('OUTLET_DISPLAY', 'LEAFLET', 'RADIO', 'SMS', 'LED', 'ATM_SCREEN', "
    "'WEBSITE', 'APP', 'SOCIAL')"
)


def upgrade() -> None:
    """The tables of this step."""
    _refusals()
    _benchmarks()
    _campaigns()
    _materials()


def _reviewed(table: str) -> tuple[SchemaItem, ...]:
    return (
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("submitted_by", sa.String, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("reviewed_by", sa.String, nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("review_note", sa.String(1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.CheckConstraint(
            "state IN ('PENDING', 'APPROVED', 'REJECTED', 'REFUSED', 'WITHDRAWN')", name=f"ck_{table}_state"
        ),
        sa.CheckConstraint("reviewed_by <> submitted_by", name=f"ck_{table}_four_eyes"),
        sa.CheckConstraint(
            "state NOT IN ('APPROVED', 'REJECTED') OR (reviewed_by IS NOT NULL AND reviewed_at IS NOT NULL)",
            name=f"ck_{table}_reviewed",
        ),
    )


def _refusals() -> None:
    op.create_table(
        "review_refusals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("object_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("violations", JSONB, nullable=False),
        sa.Column("refused_to", sa.String, nullable=False),
        sa.Column("refused_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_refusals"),
        sa.CheckConstraint("step IN ('SUBMISSION', 'APPROVAL', 'RELEASE')", name="ck_review_refusals_step"),
    )
    op.create_index("ix_review_refusals_object_id", "review_refusals", ["object_id", "id"])


def _benchmarks() -> None:
    op.create_table(
        "benchmarks",
        *_reviewed("benchmarks"),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("basis", sa.String(500), nullable=True),
        sa.Column("method", sa.String(500), nullable=True),
        sa.Column("change_reason", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_benchmarks_product_id_products"),
    )
    op.create_index("ix_benchmarks_product_id", "benchmarks", ["product_id", "id"])
    op.create_index(
        "uq_benchmarks_pending",
        "benchmarks",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("state = 'PENDING'"),
    )


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        *_reviewed("campaigns"),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("plan", JSONB, nullable=False),
    )
    op.create_index("ix_campaigns_outlet_id", "campaigns", ["outlet_id", "id"])


def _materials() -> None:
    op.create_table(
        "materials",
        *_reviewed("materials"),
        sa.Column("outlet_id", sa.Uuid, nullable=True),
        sa.Column("product_id", sa.Uuid, nullable=True),
        sa.Column("campaign_id", sa.Uuid, nullable=True),
        sa.Column("channels", JSONB, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("withdrawn_by", sa.String, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawal_reason", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_materials_product_id_products"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_materials_campaign_id_campaigns"),
        sa.CheckConstraint(
            "(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="ck_materials_withdrawn"
        ),
    )
    op.create_index("ix_materials_outlet_id", "materials", ["outlet_id", "id"])
    op.create_index("ix_materials_product_id", "materials", ["product_id", "id"])
    op.create_table(
        "material_releases",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("material_id", sa.Uuid, nullable=False),
        sa.Column("material_version", sa.Integer, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("consent_purpose", sa.String(64), nullable=True),
        sa.Column("released_by", sa.String, nullable=False),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_material_releases"),
        sa.ForeignKeyConstraint(
            ["material_id"], ["materials.id"], name="fk_material_releases_material_id_materials"
        ),
        sa.UniqueConstraint("material_id", "channel", name="uq_material_releases_material_id_channel"),
        sa.CheckConstraint(CHANNELS, name="ck_material_releases_channel"),
        sa.CheckConstraint(
            "(channel = 'SMS') = (consent_purpose IS NOT NULL)", name="ck_material_releases_consent_purpose"
        ),
    )
