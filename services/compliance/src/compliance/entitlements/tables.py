"""Where entitlements are kept; they can only be added to (D1)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.entitlements.domain import Entitlement, EntitlementKind

entitlements = Table(
    "entitlements",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("kind", EnumText(EntitlementKind), nullable=False),
    Column("given", Boolean, nullable=True),
    Column("notice_version", String(64), nullable=True),
    Column("evidence_id", Uuid, nullable=True),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("case_id", "case_version", name="uq_entitlements_case_id_case_version"),
    enum_check("kind", EntitlementKind),
    CheckConstraint(
        "num_nonnulls(given, notice_version) = CASE kind WHEN 'HEIR' THEN 0 ELSE 2 END"
        " AND (kind = 'HEIR') = (evidence_id IS NOT NULL)",
        name="content",
    ),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Entitlement, entitlements)
