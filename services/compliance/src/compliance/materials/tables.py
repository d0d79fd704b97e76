"""Where promotional materials are kept; their releases can only be added to (D1)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
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
from compliance.materials.domain import Content, Material, Release
from compliance.reviews.columns import reviewed
from compliance.rulebook.materials import PublicityChannel

materials = Table(
    "materials",
    mapper.metadata,
    *reviewed(),
    Column("outlet_id", Uuid, nullable=True),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=True),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=True),
    Column("channels", JsonOf(tuple[PublicityChannel, ...]), nullable=False),
    Column("content", JsonOf(Content), nullable=False),
    Column("withdrawn_by", String, nullable=True),
    Column("withdrawn_at", Instant, nullable=True),
    Column("withdrawal_reason", String(500), nullable=True),
    CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
    Index("ix_materials_outlet_id", "outlet_id", "id"),
    Index("ix_materials_product_id", "product_id", "id"),
)

material_releases = Table(
    "material_releases",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("material_id", Uuid, ForeignKey("materials.id"), nullable=False),
    Column("material_version", Integer, nullable=False),
    Column("channel", EnumText(PublicityChannel), nullable=False),
    Column("consent_purpose", String(64), nullable=True),
    Column("released_by", String, nullable=False),
    Column("released_at", Instant, nullable=False),
    UniqueConstraint("material_id", "channel", name="uq_material_releases_material_id_channel"),
    enum_check("channel", PublicityChannel),
    CheckConstraint("(channel = 'SMS') = (consent_purpose IS NOT NULL)", name="consent_purpose"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Material, materials, version_id_col=materials.c.version, version_id_generator=False)
mapper.map_imperatively(Release, material_releases)
