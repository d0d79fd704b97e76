"""Where relaxations are kept."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, String, Table, Uuid

from chassis.db import EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.relaxations.domain import Profile, Relaxation

relaxations = Table(
    "relaxations",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("profile", EnumText(Profile), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("approved_by", String, nullable=False),
    Column("approved_at", Instant, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("revoked_at", Instant, nullable=True),
    enum_check("profile", Profile),
    CheckConstraint("expires_on >= effective_from", name="expires_on"),
    Index("ix_relaxations_profile_rule", "profile", "rule"),
)

mapper.map_imperatively(
    Relaxation, relaxations, version_id_col=relaxations.c.version, version_id_generator=False
)
