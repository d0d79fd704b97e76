"""Where it is kept for which products and regions remote recording is enabled."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Uuid

from chassis.db import Instant, JsonOf
from compliance.database import mapper
from compliance.remote_recordings.domain import Enabling
from compliance.reviews.columns import reviewed

remote_recordings = Table(
    "remote_recordings",
    mapper.metadata,
    *reviewed(),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("region", String(32), nullable=False),
    Column("outlet_ids", JsonOf(tuple[UUID, ...]), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("withdrawn_by", String, nullable=True),
    Column("withdrawn_at", Instant, nullable=True),
    CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
    Index("ix_remote_recordings_product_id", "product_id", "id"),
    info={
        "grants": "SELECT, INSERT, UPDATE (version, state, reviewed_by, reviewed_at, review_note,"
        " withdrawn_by, withdrawn_at)"
    },
)

mapper.map_imperatively(
    Enabling,
    remote_recordings,
    version_id_col=remote_recordings.c.version,
    version_id_generator=False,
)
