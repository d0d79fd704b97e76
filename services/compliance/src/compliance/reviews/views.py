"""What routes ask and answer about a review."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, computed_field

from chassis.events import to_json
from chassis.http.models import Input, Output
from chassis.http.problems import BrokenRule
from compliance.reviews.domain import Refusal, ReviewState, Step
from compliance.rulebook.registers import approvable_until
from compliance.rulebook.reviews import Waiting

Note = Annotated[str, Field(min_length=1, max_length=1000)]


class Approval(Input):
    """The officer's consent, with what he wants to be kept about it."""

    note: Note | None = None


class Rejection(Input):
    """Why it is rejected: what has to change before it is submitted anew."""

    note: Note


class ReviewedView(Output):
    """What was submitted by whom, and how it was reviewed. ``review_note``: of a rejection its reasons."""

    id: UUID
    version: int
    state: ReviewState
    submitted_by: str
    submitted_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_note: str | None

    @computed_field
    def approvable_until(self) -> datetime:
        """The first instant at which it cannot be approved any more (REV-01)."""
        return approvable_until(Waiting.REVIEW, self.submitted_at)


class StepRefusalView(Output):
    """A step that the rules did not let happen, with every rule that stood against it."""

    id: UUID
    object_id: UUID
    step: Step
    refused_at: datetime
    violations: list[BrokenRule]

    @classmethod
    def of(cls, refusal: Refusal) -> "StepRefusalView":
        """The view of a refusal."""
        return cls(
            id=refusal.id,
            object_id=refusal.object_id,
            step=refusal.step,
            refused_at=refusal.refused_at,
            violations=[BrokenRule.model_validate(to_json(one)) for one in refusal.violations],
        )
