"""Where the tariff is kept; what was announced, granted, linked and shown can only be added to (D1)."""

from sqlalchemy import (
    Boolean,
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
from compliance.tariff.charges import Standard, Step
from compliance.tariff.domain import ChargeableService, Pricing, ProductLink, Publicity
from compliance.tariff.notices import Notice
from compliance.tariff.prices import Price
from compliance.tariff.terms import Terms, Waiver

fee_services = Table(
    "fee_services",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("pricing", EnumText(Pricing), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("steps", JsonOf(tuple[Step, ...]), nullable=False),
    Column("introduced_by", String, nullable=False),
    Column("introduced_at", Instant, nullable=False),
    enum_check("pricing", Pricing),
    info={"grants": "SELECT, INSERT, UPDATE (version)"},
)

fee_prices = Table(
    "fee_prices",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("service_id", Uuid, ForeignKey("fee_services.id"), nullable=False),
    Column("service_version", Integer, nullable=False),
    Column("applies_from", Date, nullable=False),
    Column("rises_on", Date, nullable=True),
    Column("standards", JsonOf(tuple[Standard, ...]), nullable=False),
    Column("announced_by", String, nullable=False),
    Column("announced_at", Instant, nullable=False),
    UniqueConstraint("service_id", "service_version", name="uq_fee_prices_service_id_service_version"),
    Index("ix_fee_prices_announced_at", "announced_at"),
    info=APPEND_ONLY,
)

fee_waivers = Table(
    "fee_waivers",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("service_id", Uuid, ForeignKey("fee_services.id"), nullable=False),
    Column("service_version", Integer, nullable=False),
    Column("terms", JsonOf(Terms), nullable=False),
    Column("granted_by", String, nullable=False),
    Column("granted_at", Instant, nullable=False),
    UniqueConstraint("service_id", "service_version", name="uq_fee_waivers_service_id_service_version"),
    info=APPEND_ONLY,
)

fee_publicity = Table(
    "fee_publicity",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("service_id", Uuid, ForeignKey("fee_services.id"), nullable=False),
    Column("service_version", Integer, nullable=False),
    Column("medium", String(120), nullable=False),
    Column("terms", JsonOf(Terms), nullable=False),
    Column("checked_by", String, nullable=False),
    Column("checked_at", Instant, nullable=False),
    UniqueConstraint("service_id", "service_version", name="uq_fee_publicity_service_id_service_version"),
    info=APPEND_ONLY,
)

fee_product_links = Table(
    "fee_product_links",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("service_id", Uuid, ForeignKey("fee_services.id"), nullable=False),
    Column("service_version", Integer, nullable=False),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("charged", Boolean, nullable=False),
    Column("linked_by", String, nullable=False),
    Column("linked_at", Instant, nullable=False),
    UniqueConstraint("service_id", "service_version", name="uq_fee_product_links_service_id_service_version"),
    Index("ix_fee_product_links_product_id", "product_id", "service_id", "service_version"),
    info=APPEND_ONLY,
)

fee_notices = Table(
    "fee_notices",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("outlet_id", Uuid, nullable=True),
    Column("price_list", Boolean, nullable=False),
    Column("complaint_phone", String(32), nullable=True),
    Column("recorded_by", String, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Index("ix_fee_notices_outlet_id", "outlet_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    ChargeableService, fee_services, version_id_col=fee_services.c.version, version_id_generator=False
)
mapper.map_imperatively(Price, fee_prices)
mapper.map_imperatively(Waiver, fee_waivers)
mapper.map_imperatively(Publicity, fee_publicity)
mapper.map_imperatively(ProductLink, fee_product_links)
mapper.map_imperatively(Notice, fee_notices)
