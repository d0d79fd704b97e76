"""What one person submits and another approves before it is used::

PENDING ──approve──▶ APPROVED ──withdraw──▶ WITHDRAWN
   └─────reject────▶ REJECTED          REFUSED: the rules stood against it when it was submitted
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Violation


class ReviewState(StrEnum):
    """How far it has come; nothing leads back to PENDING."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class ReviewerIsAuthor(Forbidden):
    """Four eyes."""

    code = "REVIEWER_IS_AUTHOR"
    zh = "提交人不得审核自己提交的内容;请由其他合规人员审核。"
    en = "Nobody reviews what he has submitted himself; another officer has to."


class ReviewIsOver(Conflict):
    """What is not pending is reviewed no more."""

    code = "REVIEW_OVER"
    zh = "该内容状态为 {state},不在待审核状态;如需变更请重新提交。"
    en = "It is {state} and not to be reviewed; submit it anew to change it."


class ReviewLapsed(Conflict):
    """REV-01: what was looked into long ago is looked into again."""

    code = "REVIEW_LAPSED"
    zh = "该事项的审批期限已于 {until} 届满,不能再批准;如仍需办理,请结束该事项后重新提交。"
    en = "It could be approved before {until} and not any more; end this one, and let it be submitted anew."


@dataclass(kw_only=True)
class Reviewed:
    """The head of what is reviewed; each change is one version. ``review_note``: the reasons of a rejection,
    or what the reviewer wants to be kept.
    """

    id: UUID
    version: int
    state: ReviewState
    submitted_by: str
    submitted_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_note: str | None

    def must_be_reviewable(self, by: str) -> None:
        """Raises :class:`ReviewIsOver`, :class:`ReviewerIsAuthor`."""
        if self.state is not ReviewState.PENDING:
            raise ReviewIsOver(state=self.state.value)
        if by == self.submitted_by:
            raise ReviewerIsAuthor

    def approve(self, *, note: str | None, by: str, at: datetime) -> None:
        """Raises as :meth:`must_be_reviewable`."""
        self._review(ReviewState.APPROVED, note, by, at)

    def reject(self, *, note: str, by: str, at: datetime) -> None:
        """For good. Raises as :meth:`must_be_reviewable`."""
        self._review(ReviewState.REJECTED, note, by, at)

    def _review(self, state: ReviewState, note: str | None, by: str, at: datetime) -> None:
        self.must_be_reviewable(by)
        self.state, self.review_note = state, note
        self.reviewed_by, self.reviewed_at = by, at
        self.version += 1


class Step(StrEnum):
    """At which step the rules stood against it."""

    SUBMISSION = "SUBMISSION"
    APPROVAL = "APPROVAL"
    RELEASE = "RELEASE"


@dataclass(kw_only=True)
class Refusal:
    """A step that the rules did not let happen, on record for good (D1)."""

    id: UUID
    object_id: UUID
    step: Step
    violations: tuple[Violation, ...]
    refused_to: str
    refused_at: datetime
