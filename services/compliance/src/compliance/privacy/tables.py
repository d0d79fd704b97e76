"""Where notices, consents and permission checks are kept; only a notice's head ever changes (D1)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from chassis.errors import Violation
from compliance.database import mapper
from compliance.privacy.domain import (
    Guardian,
    ImpactAssessment,
    Language,
    Notice,
    NoticeContent,
    NoticeVersion,
    PermissionCheck,
    PrivacyConsent,
    PrivacyWithdrawal,
    Question,
    Showing,
)
from compliance.rulebook.privacy import ConsentPurpose, DataKind

Kinds = tuple[DataKind, ...]

privacy_notices = Table(
    "privacy_notices",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(64), nullable=False, unique=True),
    Column("purpose", EnumText(ConsentPurpose), nullable=False),
    Column("recipient", String(120), nullable=True),
    Column("aim", String(64), nullable=False),
    Column("published_by", String, nullable=False),
    Column("published_at", Instant, nullable=False),
    enum_check("purpose", ConsentPurpose),
    CheckConstraint("(recipient IS NOT NULL) = (purpose = 'SHARING')", name="recipient"),
)

privacy_notice_versions = Table(
    "privacy_notice_versions",
    mapper.metadata,
    Column("notice_id", Uuid, ForeignKey("privacy_notices.id"), nullable=False),
    Column("notice_version", Integer, nullable=False),
    Column("content", JsonOf(NoticeContent), nullable=False),
    Column("published_by", String, nullable=False),
    Column("published_at", Instant, nullable=False),
    PrimaryKeyConstraint("notice_id", "notice_version"),
    info=APPEND_ONLY,
)

impact_assessments = Table(
    "impact_assessments",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("kinds", JsonOf(Kinds), nullable=False),
    Column("aim", String(64), nullable=False),
    Column("reference", String(120), nullable=False),
    Column("assessed_by", String, nullable=False),
    Column("assessed_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

notice_showings = Table(
    "notice_showings",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("notice_id", Uuid, nullable=False),
    Column("notice_version", Integer, nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("language", EnumText(Language), nullable=False),
    Column("shown_by", String, nullable=False),
    Column("shown_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["notice_id", "notice_version"],
        ["privacy_notice_versions.notice_id", "privacy_notice_versions.notice_version"],
        name="fk_notice_showings_version",
    ),
    enum_check("language", Language),
    Index("ix_notice_showings_customer_id", "customer_id", "notice_id", "notice_version"),
    info=APPEND_ONLY,
)

customer_guardians = Table(
    "customer_guardians",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("guardian_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("guardian_id <> customer_id", name="guardian_id"),
    UniqueConstraint("customer_id", "customer_version"),
    info=APPEND_ONLY,
)

privacy_consents = Table(
    "privacy_consents",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("notice_id", Uuid, nullable=False),
    Column("notice_version", Integer, nullable=False),
    Column("purpose", EnumText(ConsentPurpose), nullable=False),
    Column("recipient", String(120), nullable=True),
    Column("aim", String(64), nullable=False),
    Column("kinds", JsonOf(Kinds), nullable=False),
    Column("retention_months", Integer, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("guardian_id", Uuid, ForeignKey("customers.id"), nullable=True),
    Column("answered_by", String, nullable=False),
    Column("answered_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["notice_id", "notice_version"],
        ["privacy_notice_versions.notice_id", "privacy_notice_versions.notice_version"],
        name="fk_privacy_consents_version",
    ),
    UniqueConstraint("customer_id", "customer_version"),
    enum_check("purpose", ConsentPurpose),
    info=APPEND_ONLY,
)

privacy_withdrawals = Table(
    "privacy_withdrawals",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("consent_id", Uuid, ForeignKey("privacy_consents.id"), nullable=False, unique=True),
    Column("customer_version", Integer, nullable=False),
    Column("withdrawn_by", String, nullable=False),
    Column("withdrawn_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

permission_checks = Table(
    "permission_checks",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("question", JsonOf(Question), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("violations", JsonOf(tuple[Violation, ...]), nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    CheckConstraint("allowed = (violations = '[]'::jsonb)", name="allowed"),
    Index("ix_permission_checks_customer_id", "customer_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    Notice, privacy_notices, version_id_col=privacy_notices.c.version, version_id_generator=False
)
mapper.map_imperatively(NoticeVersion, privacy_notice_versions)
mapper.map_imperatively(ImpactAssessment, impact_assessments)
mapper.map_imperatively(Showing, notice_showings)
mapper.map_imperatively(Guardian, customer_guardians)
mapper.map_imperatively(PrivacyWithdrawal, privacy_withdrawals)
mapper.map_imperatively(
    PrivacyConsent,
    privacy_consents,
    properties={"withdrawal": relationship(PrivacyWithdrawal, uselist=False, lazy="joined")},
)
mapper.map_imperatively(PermissionCheck, permission_checks)
