"""Where personal fields are kept, sealed; grants and accesses can only be added to (D1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.personal_data.domain import Access, AccessKind, Grant, PersonalField, UsePurpose


@dataclass(kw_only=True)
class SealedField:
    """One field, and its seal once it is written; ``digest`` is its blind index, where it can be searched."""

    customer_id: UUID
    field: PersonalField
    key_id: str = ""
    nonce: bytes = b""
    sealed: bytes = b""
    index_key_id: str | None = None
    digest: bytes | None = None
    written_by: str = ""
    written_at: datetime | None = None


personal_fields = Table(
    "personal_fields",
    mapper.metadata,
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("field", EnumText(PersonalField), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("index_key_id", String(32), nullable=True),
    Column("digest", LargeBinary, nullable=True),
    Column("written_by", String, nullable=False),
    Column("written_at", Instant, nullable=False),
    PrimaryKeyConstraint("customer_id", "field"),
    enum_check("field", PersonalField),
    CheckConstraint("(digest IS NULL) = (index_key_id IS NULL)", name="digest"),
    Index("ix_personal_fields_field_digest", "field", "digest"),
    Index("ix_personal_fields_key_id", "key_id"),
)

personal_data_grants = Table(
    "personal_data_grants",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("grantee", String(255), nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=True),
    Column("fields", JsonOf(tuple[PersonalField, ...]), nullable=False),
    Column("purpose", EnumText(UsePurpose), nullable=False),
    Column("granted_by", String, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    enum_check("purpose", UsePurpose),
    CheckConstraint("grantee <> granted_by", name="grantee"),
    CheckConstraint("expires_at > granted_at", name="expires_at"),
    Index("ix_personal_data_grants_grantee_expires_at", "grantee", "expires_at"),
    info=APPEND_ONLY,
)

personal_data_accesses = Table(
    "personal_data_accesses",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", EnumText(AccessKind), nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=True),
    Column("accessed_by", String, nullable=False),
    Column("purpose", EnumText(UsePurpose), nullable=False),
    Column("matter_id", String(64), nullable=True),
    Column("fields", JsonOf(tuple[PersonalField, ...]), nullable=False),
    Column("grant_id", Uuid, ForeignKey("personal_data_grants.id"), nullable=True),
    Column("accessed_at", Instant, nullable=False),
    enum_check("kind", AccessKind),
    enum_check("purpose", UsePurpose),
    CheckConstraint("customer_id IS NOT NULL OR kind = 'SEARCH'", name="customer_id"),
    Index("ix_personal_data_accesses_customer_id", "customer_id", "id"),
    Index("ix_personal_data_accesses_accessed_by_accessed_at", "accessed_by", "accessed_at"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(SealedField, personal_fields)
mapper.map_imperatively(Grant, personal_data_grants)
mapper.map_imperatively(Access, personal_data_accesses)
