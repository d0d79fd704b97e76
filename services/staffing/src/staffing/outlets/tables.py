"""Where outlets are kept."""

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Uuid

from chassis.db import EnumText, JsonOf, enum_check
from staffing.database import mapper
from staffing.outlets.domain import OpeningCalendar, Outlet, OutletCapability, OutletClass, OutletStatus

outlets = Table(
    "outlets",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("outlet_class", EnumText(OutletClass), nullable=False),
    Column("grade", Integer, nullable=False),
    Column("capabilities", JsonOf(frozenset[OutletCapability]), nullable=False),
    Column("calendar", JsonOf(OpeningCalendar), nullable=False),
    Column("status", EnumText(OutletStatus), nullable=False),
    enum_check("outlet_class", OutletClass),
    enum_check("status", OutletStatus),
    CheckConstraint("grade BETWEEN 8 AND 14", name="grade"),
)

mapper.map_imperatively(Outlet, outlets, version_id_col=outlets.c.version, version_id_generator=False)
