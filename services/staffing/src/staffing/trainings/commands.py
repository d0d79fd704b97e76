"""Use cases of training and experience: lock the employee, decide, add the row, record the fact."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from staffing.employees.domain import Employee
from staffing.trainings import domain
from staffing.trainings.domain import Experience, Training, TrainingKind, TrainingKnown
from staffing.trainings.queries import stands_for, training_of


async def record_training(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    *,
    kind: TrainingKind,
    minutes: int,
    completed_on: date,
    evidence_id: UUID,
    by: str,
) -> tuple[Employee, Training]:
    """Records a completed training; one certificate counts once.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``TrainingKnown`` and what ``domain.record_training`` raises.
    """
    employee = await _lock(session, employee_id, expected_version)
    known = await stands_for(session, employee_id, evidence_id)
    if known is not None:
        raise TrainingKnown(kind=known.kind.value, pointer="/evidence_id")
    training, fact = domain.record_training(
        employee,
        new_id(),
        kind=kind,
        minutes=minutes,
        completed_on=completed_on,
        evidence_id=evidence_id,
        by=by,
        at=now,
    )
    session.add(training)
    await record(session, fact)
    return employee, training


async def annul_training(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    training_id: UUID,
    *,
    reason: str,
    by: str,
) -> tuple[Employee, Training]:
    """Annuls a training that should not have been recorded.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``TrainingNotFound``, and as ``domain.annul_training``.
    """
    employee = await _lock(session, employee_id, expected_version)
    training = await training_of(session, employee_id, training_id)
    await record(session, domain.annul_training(employee, training, reason=reason, by=by, at=now))
    return employee, training


async def record_experience(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    *,
    selling_since: date,
    evidence_id: UUID,
    by: str,
) -> tuple[Employee, Experience]:
    """Records the first day in a selling post; it replaces one that was recorded before.

    Raises ``ObjectNotFound``, ``StaleVersion`` and what ``domain.record_experience`` raises.
    """
    employee = await _lock(session, employee_id, expected_version)
    experience, fact = domain.record_experience(
        employee, new_id(), selling_since=selling_since, evidence_id=evidence_id, by=by, at=now
    )
    session.add(experience)
    await record(session, fact)
    return employee, experience


async def _lock(session: AsyncSession, employee_id: UUID, expected_version: int) -> Employee:
    employee = await lock(session, Employee, employee_id)
    check_version(employee.version, expected_version)
    return employee
