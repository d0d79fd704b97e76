"""Use cases of evaluations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock, written
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from chassis.settings import Settings
from feedback.evaluations.domain import (
    Dimension,
    Evaluation,
    EvaluationStatus,
    Visit,
    expiry_of,
)
from feedback.evaluations.tables import evaluations

EXPIRED_AT_ONCE = 1_000


async def offer_evaluation(session: AsyncSession, now: datetime, visit: Visit) -> None:
    """Offers the visitor of a completed ticket an evaluation, exactly once per ticket."""
    statement = insert(evaluations).values(
        id=new_id(),
        version=1,
        ticket_id=visit.ticket_id,
        outlet_id=visit.outlet_id,
        business_date=visit.business_date,
        service_code=visit.service_code,
        employee_id=visit.employee_id,
        counter_id=visit.counter_id,
        visitor=visit.visitor,
        offered_at=now,
        expires_at=expiry_of(visit),
        status=EvaluationStatus.OFFERED,
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=[evaluations.c.ticket_id]))


async def submit_evaluation(
    session: AsyncSession,
    now: datetime,
    evaluation_id: UUID,
    expected_version: int,
    *,
    score: int,
    dimensions: frozenset[Dimension],
    comment: str | None,
    submitted_by: str,
    device_id: str | None,
) -> Evaluation:
    """Takes the visitor's answer.

    Raises ``ObjectNotFound``, ``EvaluationAlreadySubmitted``, ``EvaluationExpired``, ``StaleVersion``,
    ``ScoreOutOfRange``. That it was answered before is said first: reading it again would not help.
    """
    evaluation = await lock(session, Evaluation, evaluation_id)
    evaluation.must_be_open(now)
    check_version(evaluation.version, expected_version)
    fact = evaluation.submit(
        score=score,
        dimensions=dimensions,
        comment=comment,
        submitted_by=submitted_by,
        device_id=device_id,
        at=now,
    )
    await record(session, fact)
    return evaluation


async def expire_evaluations(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """Notes that offers have expired, a bounded batch at a time; no fact, for nobody decides on it."""
    due = (
        select(evaluations.c.id)
        .where(
            written(evaluations.c.status, EvaluationStatus.OFFERED), evaluations.c.expires_at <= clock.now()
        )
        .order_by(evaluations.c.expires_at)
        .limit(EXPIRED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    noted = await session.execute(
        update(evaluations)
        .where(evaluations.c.id.in_(due.scalar_subquery()))
        .values(status=EvaluationStatus.EXPIRED, version=evaluations.c.version + 1)
        .returning(evaluations.c.id)
    )
    return len(noted.all()) == EXPIRED_AT_ONCE
