"""Routes of training and experience. The ETag of every answer to a change is the employee's version."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.db import load
from chassis.http.routing import (
    Caller,
    Gate,
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
from staffing.employees.domain import Employee
from staffing.trainings import commands, queries
from staffing.trainings.domain import Experience, Training, TrainingKind

router = routes("/v1/employees/{employee_id}/trainings", "trainings")
experience_router = routes("/v1/employees/{employee_id}/experience", "trainings")

#: A hundred hours: no single course is longer.
Minutes = Annotated[int, Field(ge=1, le=6000)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class NewTraining(Input):
    """A completed training: its length in minutes, its last day, and what proves it (an opaque id)."""

    kind: TrainingKind
    minutes: Minutes
    completed_on: date
    evidence_id: UUID


class NewAnnulment(Input):
    """Why a training should not have been recorded."""

    reason: Reason


class NewExperience(Input):
    """The first day in a selling post, here or elsewhere, and what proves it (an opaque id)."""

    selling_since: date
    evidence_id: UUID


class TrainingView(Output):
    """A training; one that is annulled does not count."""

    id: UUID
    employee_id: UUID
    kind: TrainingKind
    minutes: int
    completed_on: date
    evidence_id: UUID
    recorded_by: str
    recorded_at: datetime
    annulled_by: str | None
    annulled_at: datetime | None
    annulment_reason: str | None

    @classmethod
    def of(cls, training: Training) -> "TrainingView":
        """The view of a training."""
        annulment = training.annulment
        return cls(
            id=training.id,
            employee_id=training.employee_id,
            kind=training.kind,
            minutes=training.minutes,
            completed_on=training.completed_on,
            evidence_id=training.evidence_id,
            recorded_by=training.recorded_by,
            recorded_at=training.recorded_at,
            annulled_by=None if annulment is None else annulment.annulled_by,
            annulled_at=None if annulment is None else annulment.annulled_at,
            annulment_reason=None if annulment is None else annulment.reason,
        )


class ExperienceView(Output):
    """A first day in a selling post, as it was recorded."""

    id: UUID
    employee_id: UUID
    selling_since: date
    evidence_id: UUID
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, experience: Experience) -> "ExperienceView":
        """The view of a record."""
        return cls.model_validate(experience)


@router.post("", status_code=201)
@action("training.record")
async def record_training(
    employee_id: UUID,
    body: NewTraining,
    session: Session,
    clock: Now,
    caller: Caller,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> TrainingView:
    """Record a training that an employee completed."""
    await _guarded(session, guard, employee_id)
    employee, training = await commands.record_training(
        session,
        clock.now(),
        employee_id,
        if_match,
        kind=body.kind,
        minutes=body.minutes,
        completed_on=body.completed_on,
        evidence_id=body.evidence_id,
        by=caller.subject,
    )
    respond(response, version=employee.version)
    return TrainingView.of(training)


@router.get("")
@action("training.list")
async def list_trainings(
    employee_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[TrainingView]:
    """List the trainings of an employee in the order in which they were recorded."""
    await _guarded(session, guard, employee_id)
    statement = queries.trainings_of(employee_id)
    found, cursor = await paginate(session, statement, page, order=queries.BY_TRAINING)
    return Page(items=[TrainingView.of(training) for training in found], next_cursor=cursor)


@router.post("/{training_id}/annulment")
@action("training.annul")
async def annul_training(
    employee_id: UUID,
    training_id: UUID,
    body: NewAnnulment,
    session: Session,
    clock: Now,
    caller: Caller,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> TrainingView:
    """Annul a training that should not have been recorded, for good."""
    await _guarded(session, guard, employee_id)
    employee, training = await commands.annul_training(
        session, clock.now(), employee_id, if_match, training_id, reason=body.reason, by=caller.subject
    )
    respond(response, version=employee.version)
    return TrainingView.of(training)


@experience_router.post("", status_code=201)
@action("experience.record")
async def record_experience(
    employee_id: UUID,
    body: NewExperience,
    session: Session,
    clock: Now,
    caller: Caller,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> ExperienceView:
    """Record since when an employee sells; it replaces what was recorded before."""
    await _guarded(session, guard, employee_id)
    employee, experience = await commands.record_experience(
        session,
        clock.now(),
        employee_id,
        if_match,
        selling_since=body.selling_since,
        evidence_id=body.evidence_id,
        by=caller.subject,
    )
    respond(response, version=employee.version)
    return ExperienceView.of(experience)


@experience_router.get("")
@action("experience.list")
async def list_experience(
    employee_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[ExperienceView]:
    """List what was recorded of an employee's sales experience; the last record counts."""
    await _guarded(session, guard, employee_id)
    statement = queries.experiences_of(employee_id)
    found, cursor = await paginate(session, statement, page, order=queries.BY_EXPERIENCE)
    return Page(items=[ExperienceView.of(one) for one in found], next_cursor=cursor)


async def _guarded(session: AsyncSession, guard: Gate, employee_id: UUID) -> None:
    """An employee whom nobody sees from a foreign outlet: 404 either way."""
    employee = await load(session, Employee, employee_id)
    guard(outlet_id=employee.outlet_id)
