"""Partners of products, admissions of agency products, how a sale was entered."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The columns and the table of this step; cases of before were entered here."""
    op.add_column("products", sa.Column("partner_id", sa.Uuid, nullable=True))
    op.create_foreign_key(
        "fk_products_partner_id_partners",
        "products",
        "partners",
        ["partner_id"],
        ["id"],
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        "ck_products_partner_id",
        "products",
        "partner_id IS NULL OR origin = 'AGENCY'",
        postgresql_not_valid=True,
    )
    op.add_column("cases", sa.Column("entry_mode", sa.String, nullable=False, server_default="SYSTEM"))
    op.alter_column("cases", "entry_mode", server_default=None)
    op.create_check_constraint(
        "ck_cases_entry_mode",
        "cases",
        "entry_mode IN ('SYSTEM', 'ELSEWHERE')",
        postgresql_not_valid=True,
    )
    _steps()


def _steps() -> None:
    op.create_table(
        "product_admission_steps",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("product_version", sa.Integer, nullable=False),
        sa.Column("examination_id", sa.Uuid, nullable=False),
        sa.Column("partner_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("level", sa.String, nullable=True),
        sa.Column("resolution", sa.String(120), nullable=True),
        sa.Column("opinion", sa.String(500), nullable=False),
        sa.Column("taken_by", sa.String, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product_admission_steps"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_admission_steps_product_id_products"
        ),
        sa.ForeignKeyConstraint(
            ["examination_id"],
            ["product_admission_steps.id"],
            name="fk_product_admission_steps_examination",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name="fk_product_admission_steps_partner_id_partners"
        ),
        sa.UniqueConstraint(
            "product_id", "product_version", name="uq_product_admission_steps_product_version"
        ),
        sa.UniqueConstraint("examination_id", "taken_by", name="uq_product_admission_steps_person"),
        sa.UniqueConstraint("examination_id", "level", name="uq_product_admission_steps_level"),
        sa.CheckConstraint(
            "kind IN ('DILIGENCE', 'APPROVAL', 'REJECTION')", name="ck_product_admission_steps_kind"
        ),
        sa.CheckConstraint(
            "level IN ('COMPLIANCE', 'SENIOR_MANAGEMENT')", name="ck_product_admission_steps_level"
        ),
        sa.CheckConstraint(
            "(kind = 'DILIGENCE') = (level IS NULL)", name="ck_product_admission_steps_diligence"
        ),
        sa.CheckConstraint(
            "(kind = 'DILIGENCE') = (id = examination_id)", name="ck_product_admission_steps_examination_id"
        ),
        sa.CheckConstraint(
            "level <> 'SENIOR_MANAGEMENT' OR resolution IS NOT NULL",
            name="ck_product_admission_steps_resolution",
        ),
    )
