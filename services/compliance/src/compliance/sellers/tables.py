"""Where the register of sellers is kept: one row a seller, which is the head that decisions lock (G1)."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Uuid

from chassis.db import Instant, JsonOf
from compliance.database import mapper
from compliance.sellers.domain import Heard, Qualification, Seller

sellers = Table(
    "sellers",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("outlet_id", Uuid, nullable=True),
    Column("staff_number", String, nullable=True),
    Column("subject", String, nullable=True),
    Column("employer", String, nullable=True),
    Column("active", Boolean, nullable=False),
    Column("left_at", Instant, nullable=True),
    Column("qualifications", JsonOf(tuple[Qualification, ...]), nullable=False),
    Column("waiting", JsonOf(tuple[Heard, ...]), nullable=False),
    Index("ix_sellers_outlet_id", "outlet_id", "id"),
    Index("ix_sellers_subject", "subject"),
)

mapper.map_imperatively(Seller, sellers, version_id_col=sellers.c.version, version_id_generator=False)
