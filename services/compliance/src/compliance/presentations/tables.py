"""Where presentations are kept; they can only be added (D1)."""

from sqlalchemy import Column, ForeignKey, Table, Uuid

from chassis.db import APPEND_ONLY, Instant, JsonOf
from compliance.database import mapper
from compliance.presentations.domain import Presentation
from compliance.rulebook.footage_facts import PresentedFacts

presentations = Table(
    "presentations",
    mapper.metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("content", JsonOf(PresentedFacts), nullable=False),
    Column("taken_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Presentation, presentations)
