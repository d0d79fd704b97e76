"""Routes of evaluations. None of them makes or withdraws an offer: the completion of a ticket alone does."""

from contextlib import suppress
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import Principal, action
from chassis.db import load
from chassis.errors import ObjectNotFound
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from feedback.evaluations import commands, queries
from feedback.evaluations.domain import (
    SCORE_MAX,
    SCORE_MIN,
    Answer,
    Dimension,
    Evaluation,
    EvaluationStatus,
)

router = routes("/v1/evaluations", "evaluations")
outlet_router = routes("/v1/outlets/{outlet_id}/evaluations", "evaluations")


class Submission(Input):
    """The visitor's answer; ``dimensions`` says what the score is about."""

    score: Annotated[int, Field(ge=SCORE_MIN, le=SCORE_MAX)]
    dimensions: frozenset[Dimension] = frozenset()
    comment: Annotated[str, Field(min_length=1, max_length=1000)] | None = None


class AnswerView(Output):
    """What the visitor said."""

    score: int
    dimensions: list[Dimension]
    comment: str | None
    submitted_at: datetime

    @classmethod
    def of(cls, answer: Answer) -> "AnswerView":
        """The view of an answer."""
        return cls(
            score=answer.score,
            dimensions=sorted(answer.dimensions),
            comment=answer.comment,
            submitted_at=answer.submitted_at,
        )


class EvaluationView(Output):
    """An evaluation, offered until ``expires_at``."""

    id: UUID
    version: int
    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    service_code: str
    employee_id: UUID
    counter_id: UUID
    offered_at: datetime
    expires_at: datetime
    status: EvaluationStatus
    answer: AnswerView | None

    @classmethod
    def of(cls, evaluation: Evaluation, now: datetime) -> "EvaluationView":
        """The view of an aggregate at ``now``."""
        return cls(
            id=evaluation.id,
            version=evaluation.version,
            ticket_id=evaluation.ticket_id,
            outlet_id=evaluation.outlet_id,
            business_date=evaluation.business_date,
            service_code=evaluation.service_code,
            employee_id=evaluation.employee_id,
            counter_id=evaluation.counter_id,
            offered_at=evaluation.offered_at,
            expires_at=evaluation.expires_at,
            status=evaluation.status_at(now),
            answer=None if evaluation.answer is None else AnswerView.of(evaluation.answer),
        )


@router.get("")
@action("evaluation.find")
async def find_evaluation(
    ticket_id: UUID, session: ReadSession, clock: Now, guard: Guard, caller: Caller
) -> Page[EvaluationView]:
    """Find the evaluation offered for a ticket: a list of one, or of none while there is no offer yet."""
    evaluation = await queries.evaluation_of_ticket(session, ticket_id)
    if evaluation is not None:
        # What is hidden from the caller looks as if there were no offer.
        with suppress(ObjectNotFound):
            guard(outlet_id=evaluation.outlet_id, owner=owner_for(caller, evaluation.visitor))
            return Page(items=[EvaluationView.of(evaluation, clock.now())], next_cursor=None)
    return Page(items=[], next_cursor=None)


@router.get("/{evaluation_id}")
@action("evaluation.read")
async def read_evaluation(
    evaluation_id: UUID, session: ReadSession, clock: Now, guard: Guard, caller: Caller, response: Response
) -> EvaluationView:
    """Read an evaluation."""
    evaluation = await load(session, Evaluation, evaluation_id)
    guard(outlet_id=evaluation.outlet_id, owner=owner_for(caller, evaluation.visitor))
    respond(response, version=evaluation.version)
    return EvaluationView.of(evaluation, clock.now())


@router.post("/{evaluation_id}/submission")
@action("evaluation.submit")
async def submit_evaluation(
    evaluation_id: UUID,
    body: Submission,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> EvaluationView:
    """Submit the visitor's answer, once."""
    outlet_id, visitor = await queries.whose(session, evaluation_id)
    guard(outlet_id=outlet_id, owner=owner_for(caller, visitor))
    evaluation = await commands.submit_evaluation(
        session,
        clock.now(),
        evaluation_id,
        if_match,
        score=body.score,
        dimensions=body.dimensions,
        comment=body.comment,
        submitted_by=caller.subject,
        device_id=caller.device_id,
    )
    respond(response, version=evaluation.version)
    return EvaluationView.of(evaluation, clock.now())


@outlet_router.get("")
@action("evaluation.list")
async def list_evaluations(
    outlet_id: UUID,
    session: ReadSession,
    clock: Now,
    guard: Guard,
    page: PageQuery,
    business_date: date | None = None,
) -> Page[EvaluationView]:
    """List an outlet's evaluations, of one business date or of all."""
    guard(outlet_id=outlet_id)
    now = clock.now()
    statement = queries.evaluations_of_outlet(outlet_id, business_date)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[EvaluationView.of(evaluation, now) for evaluation in rows], next_cursor=cursor)


def owner_for(caller: Principal, visitor: str | None) -> str:
    """Who owns the offer: the ticket's visitor; where nobody is known, whoever knows the ticket's id."""
    return visitor if visitor is not None else caller.subject
