"""Where declarations about a case are kept; they can only be added to (D1)."""

from sqlalchemy import (
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

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.parties.domain import Assistance, AssistanceKind, CaseAccount, Party
from compliance.rulebook.party_facts import Identification, PartyRole

case_parties = Table(
    "case_parties",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("role", EnumText(PartyRole), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("authority_id", Uuid, nullable=True),
    Column("product_kinds", JsonOf(tuple[str, ...]), nullable=True),
    Column("valid_from", Date, nullable=True),
    Column("valid_until", Date, nullable=True),
    Column("identified_by", EnumText(Identification), nullable=False),
    Column("declared_by", String, nullable=False),
    Column("identified_at", Instant, nullable=False),
    UniqueConstraint("case_id", "case_version", name="uq_case_parties_case_id_case_version"),
    Index("ix_case_parties_authority_id", "authority_id"),
    enum_check("role", PartyRole),
    enum_check("identified_by", Identification),
    CheckConstraint(
        "num_nonnulls(authority_id, valid_from, valid_until) IN (0, 3)"
        " AND (authority_id IS NOT NULL OR product_kinds IS NULL)",
        name="authority",
    ),
    CheckConstraint("valid_until >= valid_from", name="valid_until"),
    info=APPEND_ONLY,
)

case_accounts = Table(
    "case_accounts",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("account_id", Uuid, ForeignKey("joint_accounts.id"), nullable=True),
    Column("stated_by", String, nullable=False),
    Column("stated_at", Instant, nullable=False),
    UniqueConstraint("case_id", "case_version", name="uq_case_accounts_case_id_case_version"),
    info=APPEND_ONLY,
)

case_assistance = Table(
    "case_assistance",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("kind", EnumText(AssistanceKind), nullable=False),
    Column("evidence_id", Uuid, nullable=True),
    Column("confirmed", Boolean, nullable=True),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("case_id", "case_version", name="uq_case_assistance_case_id_case_version"),
    enum_check("kind", AssistanceKind),
    CheckConstraint("(kind = 'THUMBPRINT') = (evidence_id IS NOT NULL)", name="evidence_id"),
    CheckConstraint("(kind = 'CALL_BACK') = (confirmed IS NOT NULL)", name="confirmed"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Party, case_parties)
mapper.map_imperatively(CaseAccount, case_accounts)
mapper.map_imperatively(Assistance, case_assistance)
