"""Where proposals are kept; they can only be added to (D1)."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Uuid

from chassis.db import APPEND_ONLY, Instant, JsonOf
from compliance.database import mapper
from compliance.proposals.domain import Proposal, Recommended

proposals = Table(
    "proposals",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("assessment_id", Uuid, ForeignKey("assessments.id"), nullable=True),
    Column("customer_level", Integer, nullable=True),
    Column("parts", JsonOf(tuple[Recommended, ...]), nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("valid_through", Date, nullable=False),
    CheckConstraint("customer_level BETWEEN 1 AND 5", name="customer_level"),
    CheckConstraint("(assessment_id IS NULL) = (customer_level IS NULL)", name="assessed"),
    Index("ix_proposals_customer_id", "customer_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Proposal, proposals)
