"""Where services and queues are kept."""

from sqlalchemy import Boolean, Column, Integer, String, Table, UniqueConstraint, Uuid

from chassis.db import JsonOf
from ticketing.catalogue.domain import OfferedService, Queue
from ticketing.database import mapper

services = Table(
    "services",
    mapper.metadata,
    Column("code", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name_zh", String(60), nullable=False),
    Column("name_en", String(60), nullable=False),
)

queues = Table(
    "queues",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("letter", String(2), nullable=False),
    Column("name_zh", String(60), nullable=False),
    Column("name_en", String(60), nullable=False),
    Column("service_codes", JsonOf(frozenset[str]), nullable=False),
    Column("accepting", Boolean, nullable=False),
    UniqueConstraint("outlet_id", "letter"),
)

mapper.map_imperatively(
    OfferedService, services, version_id_col=services.c.version, version_id_generator=False
)
mapper.map_imperatively(Queue, queues, version_id_col=queues.c.version, version_id_generator=False)
