"""Where offers are kept."""

from sqlalchemy import Column, Integer, String, Table, Uuid

from chassis.db import Instant, JsonOf
from compliance.database import mapper
from compliance.offers.domain import Offer, Part

offers = Table(
    "offers",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("parts", JsonOf(tuple[Part, ...]), nullable=False),
    Column("entered_by", String, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("withdrawn_at", Instant, nullable=True),
)

mapper.map_imperatively(Offer, offers, version_id_col=offers.c.version, version_id_generator=False)
