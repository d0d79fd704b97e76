"""Where the register of outlets is kept."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, Uuid

from feedback.database import mapper
from feedback.outlets.domain import Outlet

outlets = Table(
    "outlets",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", Text),
    Column("name", Text),
    Column("timezone", Text),
    Column("cutover_hour", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
)

mapper.map_imperatively(Outlet, outlets)
