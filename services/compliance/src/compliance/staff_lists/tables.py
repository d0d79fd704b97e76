"""Where published lists are kept: they can only be added to (D1)."""

from sqlalchemy import Column, Index, String, Table, Uuid

from chassis.db import APPEND_ONLY, Instant, JsonOf
from compliance.database import mapper
from compliance.staff_lists.domain import Listed, StaffList

staff_lists = Table(
    "staff_lists",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("entries", JsonOf(tuple[Listed, ...]), nullable=False),
    Column("published_by", String, nullable=False),
    Column("published_at", Instant, nullable=False),
    Index("ix_staff_lists_outlet_id", "outlet_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(StaffList, staff_lists)
