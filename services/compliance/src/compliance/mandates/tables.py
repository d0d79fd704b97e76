"""Where standing mandates are kept; all but an account's head can only be added to (D1)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.mandates.domain import AccountTerms, JointAccount, JointHolder, Mandate, Resolution

joint_accounts = Table(
    "joint_accounts",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    info={"grants": "SELECT, INSERT, UPDATE (version)"},
)

joint_holders = Table(
    "joint_holders",
    mapper.metadata,
    Column("account_id", Uuid, ForeignKey("joint_accounts.id"), primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), primary_key=True),
    Index("ix_joint_holders_customer_id", "customer_id"),
    info=APPEND_ONLY,
)

joint_terms = Table(
    "joint_terms",
    mapper.metadata,
    Column("account_id", Uuid, ForeignKey("joint_accounts.id"), primary_key=True),
    Column("account_version", Integer, primary_key=True),
    Column("mandate", EnumText(Mandate), nullable=False),
    Column("required", Integer, nullable=True),
    Column("closed", Boolean, nullable=False),
    Column("stated_by", String, nullable=False),
    Column("stated_at", Instant, nullable=False),
    enum_check("mandate", Mandate),
    CheckConstraint("(mandate = 'SOME') = (required IS NOT NULL)", name="required"),
    info=APPEND_ONLY,
)

resolutions = Table(
    "resolutions",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("document_id", Uuid, nullable=False),
    Column("signatory_id", Uuid, nullable=False),
    Column("resolved_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("limit_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("stated_by", String, nullable=False),
    Column("stated_at", Instant, nullable=False),
    UniqueConstraint("customer_id", "customer_version", name="uq_resolutions_customer_id_customer_version"),
    CheckConstraint("valid_until >= resolved_on", name="valid_until"),
    CheckConstraint("limit_minor > 0", name="limit_minor"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    JointAccount, joint_accounts, version_id_col=joint_accounts.c.version, version_id_generator=False
)
mapper.map_imperatively(JointHolder, joint_holders)
mapper.map_imperatively(AccountTerms, joint_terms)
mapper.map_imperatively(Resolution, resolutions)
