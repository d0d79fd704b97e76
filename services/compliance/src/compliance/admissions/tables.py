"""Where checks of outlets are kept for good (D1), and what outlets have been granted."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.admissions.domain import CapabilityCheck, HeldCapability, OutletAdmission
from compliance.database import mapper
from compliance.rulebook.admissions import OutletCapability, PolicyProfile

outlet_admissions = Table(
    "outlet_admissions",
    mapper.metadata,
    Column("outlet_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("capabilities", JsonOf(tuple[HeldCapability, ...]), nullable=False),
)

capability_checks = Table(
    "capability_checks",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("outlet_id", Uuid, ForeignKey("outlet_admissions.outlet_id"), nullable=False),
    Column("capability", EnumText(OutletCapability), nullable=False),
    Column("profile", EnumText(PolicyProfile), nullable=False),
    Column("profile_until", Date, nullable=True),
    Column("granted", Boolean, nullable=False),
    Column("valid_until", Date, nullable=True),
    Column("release", String(64), ForeignKey("rule_releases.digest"), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("decision", JSONB, nullable=False),
    Column("checked_by", String, nullable=False),
    Column("checked_at", Instant, nullable=False),
    enum_check("capability", OutletCapability),
    enum_check("profile", PolicyProfile),
    Index("ix_capability_checks_outlet_id", "outlet_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(CapabilityCheck, capability_checks)
mapper.map_imperatively(
    OutletAdmission,
    outlet_admissions,
    version_id_col=outlet_admissions.c.version,
    version_id_generator=False,
)
