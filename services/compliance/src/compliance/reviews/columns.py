"""The columns of what is reviewed, for the tables of those who have it."""

from sqlalchemy import CheckConstraint, Column, Integer, String, Uuid
from sqlalchemy.schema import SchemaItem

from chassis.db import EnumText, Instant, enum_check
from compliance.reviews.domain import ReviewState


def reviewed() -> tuple[SchemaItem, ...]:
    """Head and review, with what must hold between them: what is reviewed was reviewed by another person."""
    return (
        Column("id", Uuid, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("state", EnumText(ReviewState), nullable=False),
        Column("submitted_by", String, nullable=False),
        Column("submitted_at", Instant, nullable=False),
        Column("reviewed_by", String, nullable=True),
        Column("reviewed_at", Instant, nullable=True),
        Column("review_note", String(1000), nullable=True),
        enum_check("state", ReviewState),
        CheckConstraint("reviewed_by <> submitted_by", name="four_eyes"),
        CheckConstraint(
            "state NOT IN ('APPROVED', 'REJECTED') OR (reviewed_by IS NOT NULL AND reviewed_at IS NOT NULL)",
            name="reviewed",
        ),
    )
