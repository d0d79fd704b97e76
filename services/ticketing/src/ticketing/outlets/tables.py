"""Where the register of outlets is kept."""

from datetime import date

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Uuid

from chassis.db import EnumText, JsonOf, enum_check
from ticketing.database import mapper
from ticketing.outlets.domain import Hours, Outlet, OutletStatus

outlets = Table(
    "outlets",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(32)),
    Column("timezone", String(64), nullable=False),
    Column("cutover_hour", Integer, nullable=False),
    Column("week", JsonOf(tuple[Hours | None, ...]), nullable=False),
    Column("exceptions", JsonOf(dict[date, Hours | None]), nullable=False),
    Column("status", EnumText(OutletStatus), nullable=False),
    enum_check("status", OutletStatus),
    CheckConstraint("cutover_hour BETWEEN 0 AND 23", name="cutover_hour"),
)

mapper.map_imperatively(Outlet, outlets)
