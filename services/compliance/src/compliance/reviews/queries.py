"""Reads of refused steps."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from compliance.reviews.domain import Refusal
from compliance.reviews.tables import review_refusals

REFUSAL_ORDER = (review_refusals.c.id,)


def refusals_of(object_id: UUID) -> Select[Any]:
    """The steps about one object that the rules did not let happen."""
    return select(Refusal).where(review_refusals.c.object_id == object_id)
