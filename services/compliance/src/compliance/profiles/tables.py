"""Where customers' files are kept, sealed; that one was removed can only be added (D1)."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.profiles.domain import CustomerProfile, EndReason, ProfileEnding

customer_profiles = Table(
    "customer_profiles",
    mapper.metadata,
    Column("customer_id", Uuid, ForeignKey("customers.id"), primary_key=True),
    Column("customer_version", Integer, nullable=False),
    Column("consent_id", Uuid, ForeignKey("privacy_consents.id"), nullable=False),
    Column("retain_until", Date, nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("written_by", String, nullable=False),
    Column("written_at", Instant, nullable=False),
    Index("ix_customer_profiles_retain_until", "retain_until"),
)

profile_endings = Table(
    "profile_endings",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("consent_id", Uuid, ForeignKey("privacy_consents.id"), nullable=False),
    Column("reason", EnumText(EndReason), nullable=False),
    Column("ended_at", Instant, nullable=False),
    enum_check("reason", EndReason),
    Index("ix_profile_endings_customer_id", "customer_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(CustomerProfile, customer_profiles)
mapper.map_imperatively(ProfileEnding, profile_endings)
