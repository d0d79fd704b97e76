"""What reads every row of tables that hold a bank's data: validated and built, and no writer waits."""

from alembic import op

revision = "0031"
down_revision = "0030"

CONSTRAINTS = {
    "zones": ("ck_zones_area",),
    "cases": ("ck_cases_entry_mode",),
    "assessments": ("ck_assessments_place",),
    "products": (
        "fk_products_partner_id_partners",
        "ck_products_partner_id",
        "ck_products_asset_class",
        "ck_products_payment_years",
    ),
}


def upgrade() -> None:
    """The steps before have added them for new rows only."""
    for table, names in CONSTRAINTS.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_decisions_decided_at", "decisions", ["decided_at", "id"], postgresql_concurrently=True
        )
        op.create_index("ix_sales_customer_id", "sales", ["customer_id"], postgresql_concurrently=True)
