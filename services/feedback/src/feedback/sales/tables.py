"""Where the register of sales is kept."""

from sqlalchemy import Column, Table, Uuid

from chassis.db import APPEND_ONLY, Instant
from feedback.database import mapper
from feedback.sales.domain import Sale

sales = Table(
    "sales",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("logged_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Sale, sales)
