"""Where safeguards are kept; they can only be added to (D1)."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, UniqueConstraint, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.safeguards.domain import Care, Safeguard, SafeguardKind

safeguards = Table(
    "safeguards",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("kind", EnumText(SafeguardKind), nullable=False),
    Column("care", JsonOf(Care), nullable=True),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("case_id", "case_version", name="uq_safeguards_case_id_case_version"),
    enum_check("kind", SafeguardKind),
    CheckConstraint("(kind = 'ELDERLY_CARE') = (care IS NOT NULL)", name="care"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Safeguard, safeguards)
