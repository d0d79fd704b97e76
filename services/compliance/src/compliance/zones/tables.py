"""Where sales zones are kept; their inspections and orders can only be added to (D1)."""

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

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.rulebook.facts import ZoneState
from compliance.zones.domain import Checklist, Inspection, OrderKind, Zone, ZoneArea, ZoneOrder, ZoneType

zones = Table(
    "zones",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("code", String(32), nullable=False),
    Column("zone_type", EnumText(ZoneType), nullable=False),
    Column("type_reason", String(500), nullable=True),
    Column("area", EnumText(ZoneArea), nullable=False, server_default=ZoneArea.SALES_ZONE),
    Column("state", EnumText(ZoneState), nullable=False),
    Column("opened_by", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    UniqueConstraint("outlet_id", "code", name="uq_zones_outlet_id_code"),
    enum_check("zone_type", ZoneType),
    enum_check("area", ZoneArea),
    enum_check("state", ZoneState),
    CheckConstraint("zone_type <> 'FIXED_COUNTER' OR type_reason IS NOT NULL", name="type_reason"),
    info={"grants": "SELECT, INSERT, UPDATE (version, state)"},
)

zone_inspections = Table(
    "zone_inspections",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("zone_id", Uuid, ForeignKey("zones.id"), nullable=False),
    Column("zone_version", Integer, nullable=False),
    Column("checklist", JsonOf(Checklist), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("inspected_by", String, nullable=False),
    Column("inspected_at", Instant, nullable=False),
    UniqueConstraint("zone_id", "zone_version", name="uq_zone_inspections_zone_id_zone_version"),
    info=APPEND_ONLY,
)

zone_orders = Table(
    "zone_orders",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("zone_id", Uuid, ForeignKey("zones.id"), nullable=False),
    Column("zone_version", Integer, nullable=False),
    Column("kind", EnumText(OrderKind), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("ordered_by", String, nullable=False),
    Column("ordered_at", Instant, nullable=False),
    UniqueConstraint("zone_id", "zone_version", name="uq_zone_orders_zone_id_zone_version"),
    enum_check("kind", OrderKind),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Zone, zones, version_id_col=zones.c.version, version_id_generator=False)
mapper.map_imperatively(Inspection, zone_inspections)
mapper.map_imperatively(ZoneOrder, zone_orders)
