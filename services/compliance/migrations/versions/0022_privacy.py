"""Personal fields sealed, grants and accesses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"

INSTANT = sa.DateTime(timezone=True)

FIELDS = (
    "field IN ('NAME', 'IDENTITY_TYPE', 'IDENTITY_NUMBER', 'IDENTITY_EXPIRES_ON', 'PHONE', 'ADDRESS', "
    "'BIRTH_DATE')"
)
PURPOSES = "purpose IN ('ADVICE', 'CONTACT', 'COMPLAINT', 'AUTHORITY', 'DATA_REQUEST')"


def upgrade() -> None:
    """The tables of this step."""
    _fields()
    _grants()
    _accesses()


def _fields() -> None:
    op.create_table(
        "personal_fields",
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("index_key_id", sa.String(32), nullable=True),
        sa.Column("digest", sa.LargeBinary, nullable=True),
        sa.Column("written_by", sa.String, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "field", name="pk_personal_fields"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_personal_fields_customer_id_customers"
        ),
        sa.CheckConstraint(FIELDS, name="ck_personal_fields_field"),
        sa.CheckConstraint("(digest IS NULL) = (index_key_id IS NULL)", name="ck_personal_fields_digest"),
    )
    op.create_index("ix_personal_fields_field_digest", "personal_fields", ["field", "digest"])
    op.create_index("ix_personal_fields_key_id", "personal_fields", ["key_id"])


def _grants() -> None:
    op.create_table(
        "personal_data_grants",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("grantee", sa.String(255), nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=True),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("granted_by", sa.String, nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_personal_data_grants"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_personal_data_grants_customer_id_customers"
        ),
        sa.CheckConstraint(PURPOSES, name="ck_personal_data_grants_purpose"),
        sa.CheckConstraint("grantee <> granted_by", name="ck_personal_data_grants_grantee"),
        sa.CheckConstraint("expires_at > granted_at", name="ck_personal_data_grants_expires_at"),
    )
    op.create_index(
        "ix_personal_data_grants_grantee_expires_at", "personal_data_grants", ["grantee", "expires_at"]
    )


def _accesses() -> None:
    op.create_table(
        "personal_data_accesses",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=True),
        sa.Column("accessed_by", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("matter_id", sa.String(64), nullable=True),
        sa.Column("fields", JSONB, nullable=False),
        sa.Column("grant_id", sa.Uuid, nullable=True),
        sa.Column("accessed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_personal_data_accesses"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_personal_data_accesses_customer_id_customers"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["personal_data_grants.id"],
            name="fk_personal_data_accesses_grant_id_personal_data_grants",
        ),
        sa.CheckConstraint(
            "kind IN ('REVEAL', 'SEARCH', 'COPY', 'PROFILE')", name="ck_personal_data_accesses_kind"
        ),
        sa.CheckConstraint(PURPOSES, name="ck_personal_data_accesses_purpose"),
        sa.CheckConstraint(
            "customer_id IS NOT NULL OR kind = 'SEARCH'", name="ck_personal_data_accesses_customer_id"
        ),
    )
    op.create_index("ix_personal_data_accesses_customer_id", "personal_data_accesses", ["customer_id", "id"])
    op.create_index(
        "ix_personal_data_accesses_accessed_by_accessed_at",
        "personal_data_accesses",
        ["accessed_by", "accessed_at"],
    )
