"""Use cases of refused steps."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Violation
from chassis.ids import new_id
from compliance.reviews.domain import Refusal, Step


def keep_refusal(
    session: AsyncSession,
    object_id: UUID,
    step: Step,
    violations: Sequence[Violation],
    *,
    by: str,
    at: datetime,
) -> Refusal:
    """Keeps what stood against a step: it did not happen, and that is on record."""
    refusal = Refusal(
        id=new_id(),
        object_id=object_id,
        step=step,
        violations=tuple(violations),
        refused_to=by,
        refused_at=at,
    )
    session.add(refusal)
    return refusal
