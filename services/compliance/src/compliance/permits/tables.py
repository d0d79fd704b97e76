"""Where permits and their ends are kept: both may only grow (D1).

The database itself forbids a second end of a permit, a second permit of a sale or for an order, a use of
something else or too late, and a revocation without the reversal of its sale. A trigger of the migration
holds a permit against its sale and its decision.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.permits.domain import EndingKind, Permit, PermitEnding

#: What an end repeats of its permit.
ABOUT = (
    "sale_id",
    "customer_id",
    "product_id",
    "product_version",
    "amount_minor",
    "currency",
    "expires_at",
)

permits = Table(
    "permits",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("sale_id", Uuid, ForeignKey("sales.id"), nullable=False, unique=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("token", String(2048), nullable=False),
    CheckConstraint("issued_at < expires_at", name="expires_at"),
    UniqueConstraint("id", *ABOUT, name="uq_permits_about"),
    Index("ix_permits_issued_at", "issued_at"),
    Index("ix_permits_expires_at", "expires_at"),
    info=APPEND_ONLY,
)

permit_endings = Table(
    "permit_endings",
    mapper.metadata,
    Column("permit_id", Uuid, primary_key=True),
    Column("sale_id", Uuid, nullable=False),
    Column("kind", EnumText(EndingKind), nullable=False),
    Column("order_id", String(64), nullable=True, unique=True),
    Column("reversal_id", Uuid, nullable=True),
    Column("customer_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_by", String, nullable=False),
    Column("ended_at", Instant, nullable=False),
    enum_check("kind", EndingKind),
    CheckConstraint(
        "CASE kind WHEN 'USED' THEN order_id IS NOT NULL AND reversal_id IS NULL AND ended_at < expires_at"
        " ELSE order_id IS NULL AND reversal_id IS NOT NULL END",
        name="lawful",
    ),
    ForeignKeyConstraint(
        ["permit_id", *ABOUT],
        ["permits.id", *(f"permits.{name}" for name in ABOUT)],
        name="fk_permit_endings_permit_id_permits",
    ),
    ForeignKeyConstraint(
        ["reversal_id", "sale_id"],
        ["sale_reversals.id", "sale_reversals.sale_id"],
        name="fk_permit_endings_reversal_id_sale_reversals",
    ),
    Index("ix_permit_endings_ended_at", "ended_at"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Permit, permits)
mapper.map_imperatively(PermitEnding, permit_endings)
