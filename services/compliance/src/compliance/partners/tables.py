"""Where partners are kept; their reviews, admissions and exits can only be added to (D1)."""

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
from compliance.partners.domain import Partner, PartnerReview, PartnerStep, ReviewItems, StepKind
from compliance.rulebook.facts import Authority, PartnerState, ProductKind

partners = Table(
    "partners",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("kinds", JsonOf(tuple[ProductKind, ...]), nullable=False),
    Column("licence_number", String(64), nullable=False),
    Column("authority", EnumText(Authority), nullable=False),
    Column("licence_from", Date, nullable=False),
    Column("licence_to", Date, nullable=True),
    Column("state", EnumText(PartnerState), nullable=False),
    Column("reviewed_on", Date, nullable=False),
    Column("admitted_at", Instant, nullable=False),
    enum_check("authority", Authority),
    enum_check("state", PartnerState),
    CheckConstraint("licence_to >= licence_from", name="licence_to"),
    Index("ix_partners_state", "state", "code"),
    info={
        "grants": "SELECT, INSERT, UPDATE (version, name, kinds, licence_number,"
        " authority, licence_from, licence_to, state, reviewed_on, admitted_at)"
    },
)

partner_reviews = Table(
    "partner_reviews",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner_id", Uuid, ForeignKey("partners.id"), nullable=False),
    Column("partner_version", Integer, nullable=False),
    Column("items", JsonOf(ReviewItems), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("findings", String(500), nullable=False),
    Column("reviewed_by", String, nullable=False),
    Column("reviewed_at", Instant, nullable=False),
    UniqueConstraint("partner_id", "partner_version", name="uq_partner_reviews_partner_id_partner_version"),
    info=APPEND_ONLY,
)

partner_steps = Table(
    "partner_steps",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner_id", Uuid, ForeignKey("partners.id"), nullable=False),
    Column("partner_version", Integer, nullable=False),
    Column("kind", EnumText(StepKind), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("taken_by", String, nullable=False),
    Column("taken_at", Instant, nullable=False),
    UniqueConstraint("partner_id", "partner_version", name="uq_partner_steps_partner_id_partner_version"),
    enum_check("kind", StepKind),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Partner, partners, version_id_col=partners.c.version, version_id_generator=False)
mapper.map_imperatively(PartnerReview, partner_reviews)
mapper.map_imperatively(PartnerStep, partner_steps)
