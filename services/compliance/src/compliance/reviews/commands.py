"""Use cases of reviews: the time for an approval, and refused steps."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Violation
from chassis.ids import new_id
from compliance.reviews.domain import Refusal, ReviewLapsed, Step
from compliance.rulebook.registers import approvable_until, waits_in_time
from compliance.rulebook.reviews import Waiting, WaitingFacts


def must_be_in_time(submitted_at: datetime, at: datetime, waiting: Waiting = Waiting.REVIEW) -> None:
    """Before anybody approves what was submitted then (REV-01). Raises ``ReviewLapsed``."""
    if not waits_in_time(WaitingFacts(waiting=waiting, submitted_at=submitted_at, at=at)):
        raise ReviewLapsed(until=approvable_until(waiting, submitted_at).isoformat())


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
