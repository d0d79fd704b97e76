"""An evaluation: offered for one completed ticket, answered once, or expired."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from feedback.evaluations.events import EvaluationSubmitted

SCORE_MIN, SCORE_MAX = 1, 5

#: How long an offer stands, counted from the completion of the ticket.
OFFER_STANDS = timedelta(hours=72)


class Dimension(StrEnum):
    """What a rating may be about: the five dimensions of the satisfaction survey."""

    VARIETY = "variety"
    EFFICIENCY = "efficiency"
    QUALITY = "quality"
    ENVIRONMENT = "environment"
    ATTITUDE = "attitude"


class EvaluationStatus(StrEnum):
    """An offer is answered once, or it expires."""

    OFFERED = "offered"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class EvaluationAlreadySubmitted(Conflict):
    """An evaluation is submitted once."""

    code = "EVALUATION_ALREADY_SUBMITTED"
    zh = "该评价已经提交;只能提交一次,提交后不能修改。"
    en = "The evaluation was submitted before; it is submitted once and does not change."


class EvaluationExpired(Conflict):
    """The offer stands no longer."""

    code = "EVALUATION_EXPIRED"
    zh = "该评价的时限已过;如仍有意见,请提交投诉或意见。"
    en = (
        "The time to evaluate has passed; if something is still on your mind, file a complaint or an opinion."
    )


class ScoreOutOfRange(Invalid):
    """Scores run from 1 to 5."""

    code = "SCORE_OUT_OF_RANGE"
    zh = "评分须为 1 至 5;收到 {score}。"
    en = "A score runs from 1 to 5; {score} was given."


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a ticket's completion says: who was served, by whom, where, when. ``visitor`` None = unknown."""

    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    service_code: str
    employee_id: UUID
    counter_id: UUID
    completed_at: datetime
    visitor: str | None


@dataclass(eq=False)
class Answer:
    """What the visitor said. It never changes. ``comment`` is free text and does not leave this service."""

    evaluation_id: UUID
    score: int
    dimensions: frozenset[Dimension]
    comment: str | None
    submitted_at: datetime
    submitted_by: str
    device_id: str | None


@dataclass(kw_only=True)
class Evaluation:
    """The aggregate. Version 1 is the offer; the answer or the expiry makes version 2."""

    id: UUID
    version: int
    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    service_code: str
    employee_id: UUID
    counter_id: UUID
    visitor: str | None
    offered_at: datetime
    expires_at: datetime
    status: EvaluationStatus
    answer: Answer | None = field(default=None)

    def status_at(self, instant: datetime) -> EvaluationStatus:
        """The status at ``instant``: an offer whose time has passed is expired, noted or not."""
        if self.status is EvaluationStatus.OFFERED and instant >= self.expires_at:
            return EvaluationStatus.EXPIRED
        return self.status

    def must_be_open(self, at: datetime) -> None:
        """Raises :class:`EvaluationAlreadySubmitted` or :class:`EvaluationExpired`."""
        match self.status_at(at):
            case EvaluationStatus.SUBMITTED:
                raise EvaluationAlreadySubmitted
            case EvaluationStatus.EXPIRED:
                raise EvaluationExpired
            case EvaluationStatus.OFFERED:
                return

    def submit(
        self,
        *,
        score: int,
        dimensions: frozenset[Dimension],
        comment: str | None,
        submitted_by: str,
        device_id: str | None,
        at: datetime,
    ) -> EvaluationSubmitted:
        """Takes the answer. Raises :class:`ScoreOutOfRange`, and what :meth:`must_be_open` raises."""
        self.must_be_open(at)
        if not SCORE_MIN <= score <= SCORE_MAX:
            raise ScoreOutOfRange(score=score, pointer="/score")
        self.answer = Answer(self.id, score, dimensions, comment, at, submitted_by, device_id)
        self.status = EvaluationStatus.SUBMITTED
        self.version += 1
        return EvaluationSubmitted(
            version=self.version,
            occurred_at=at,
            evaluation_id=self.id,
            ticket_id=self.ticket_id,
            outlet_id=self.outlet_id,
            business_date=self.business_date,
            service_code=self.service_code,
            employee_id=self.employee_id,
            counter_id=self.counter_id,
            score=score,
            dimensions=tuple(sorted(dimension.value for dimension in dimensions)),
        )


def expiry_of(visit: Visit) -> datetime:
    """The first instant at which an offer for the visit stands no longer."""
    return visit.completed_at + OFFER_STANDS
