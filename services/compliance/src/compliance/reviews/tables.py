"""Where refused steps are kept; they can only be added to (D1)."""

from sqlalchemy import Column, Index, String, Table, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from chassis.errors import Violation
from compliance.database import mapper
from compliance.reviews.domain import Refusal, Step

review_refusals = Table(
    "review_refusals",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("object_id", Uuid, nullable=False),
    Column("step", EnumText(Step), nullable=False),
    Column("violations", JsonOf(tuple[Violation, ...]), nullable=False),
    Column("refused_to", String, nullable=False),
    Column("refused_at", Instant, nullable=False),
    enum_check("step", Step),
    Index("ix_review_refusals_object_id", "object_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Refusal, review_refusals)
