"""Reads of training and experience."""

from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from staffing.trainings.domain import Experience, Training, TrainingNotFound
from staffing.trainings.tables import selling_experiences, training_annulments, trainings

#: In the order in which they were recorded.
BY_TRAINING = (trainings.c.id,)
BY_EXPERIENCE = (selling_experiences.c.id,)


def trainings_of(employee_id: UUID) -> Select[Training]:
    """What the employee learnt, annulled or not."""
    return select(Training).where(trainings.c.employee_id == employee_id)


def experiences_of(employee_id: UUID) -> Select[Experience]:
    """Every first day in a selling post that was recorded of the employee; the last one counts."""
    return select(Experience).where(selling_experiences.c.employee_id == employee_id)


async def training_of(session: AsyncSession, employee_id: UUID, training_id: UUID) -> Training:
    """One training of the employee. Raises ``TrainingNotFound``."""
    statement = trainings_of(employee_id).where(trainings.c.id == training_id)
    found: Training | None = await session.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise TrainingNotFound
    return found


async def stands_for(session: AsyncSession, employee_id: UUID, evidence_id: UUID) -> Training | None:
    """The training of the employee that rests on this evidence and counts. Lock the employee first."""
    annulled = exists().where(training_annulments.c.training_id == trainings.c.id)
    statement = trainings_of(employee_id).where(trainings.c.evidence_id == evidence_id, ~annulled).limit(1)
    found: Training | None = await session.scalar(statement)
    return found
