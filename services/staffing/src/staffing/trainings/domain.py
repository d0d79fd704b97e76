"""Training that an employee completed, and his first day in a selling post; each on record for good (D1).

Every record is a change of the employee: one version, one fact. A wrong training is annulled, a wrong first
day is recorded anew.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.clock import BANK_ZONE
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from staffing.employees.domain import Employee
from staffing.trainings.events import ExperienceRecorded, TrainingAnnulled, TrainingRecorded


class TrainingKind(StrEnum):
    """What a course is about, as far as somebody's right to sell depends on it (SAL-10)."""

    WEALTH = "wealth"
    INVESTMENT_INSURANCE = "investment_insurance"


class OwnTrainingRecord(Forbidden):
    """Nobody vouches for himself."""

    code = "OWN_TRAINING_RECORD"
    zh = "不得登记或撤销本人的培训和从业经历;请由其他人员办理。"
    en = "Nobody records or annuls his own training and experience; let somebody else do it."


class DayToCome(Invalid):
    """What is recorded has happened."""

    code = "DAY_TO_COME"
    zh = "日期 {day} 尚未到来;请在完成后登记。"
    en = "The day {day} is still to come; record what has happened."


class TrainingNotFound(NotFound):
    """The employee has no such training."""

    code = "TRAINING_NOT_FOUND"
    zh = "该员工没有这条培训记录;请核对编号。"
    en = "The employee has no such training; check its id."


class TrainingKnown(Conflict):
    """One certificate is one training."""

    code = "TRAINING_KNOWN"
    zh = "该员工已凭同一证明登记过{kind}培训;如登记有误,请先撤销原记录。"
    en = (
        "The same evidence stands for a {kind} training of the employee; annul that one first if it is wrong."
    )


class TrainingIsAnnulled(Conflict):
    """An annulment is final."""

    code = "TRAINING_ANNULLED"
    zh = "该培训记录已被撤销;如确已完成,请重新登记。"
    en = "The training is annulled already; record it anew if it was completed."


@dataclass(kw_only=True)
class Annulment:
    """A training counts no more, on record for good (D1)."""

    training_id: UUID
    reason: str
    annulled_by: str
    annulled_at: datetime


@dataclass(kw_only=True)
class Training:
    """``minutes`` of a course, completed on a day of ``Asia/Shanghai``; the evidence is an opaque id."""

    id: UUID
    employee_id: UUID
    kind: TrainingKind
    minutes: int
    completed_on: date
    evidence_id: UUID
    recorded_by: str
    recorded_at: datetime
    annulment: Annulment | None = None


@dataclass(kw_only=True)
class Experience:
    """The first day in a selling post, as it was stated; of several the one recorded last counts."""

    id: UUID
    employee_id: UUID
    selling_since: date
    evidence_id: UUID
    recorded_by: str
    recorded_at: datetime


def record_training(
    employee: Employee,
    training_id: UUID,
    *,
    kind: TrainingKind,
    minutes: int,
    completed_on: date,
    evidence_id: UUID,
    by: str,
    at: datetime,
) -> tuple[Training, TrainingRecorded]:
    """A training that the employee completed, today or earlier.

    Raises ``EmployeeHasLeft``, :class:`OwnTrainingRecord`, :class:`DayToCome`.
    """
    _check(employee, completed_on, "/completed_on", by, at)
    training = Training(
        id=training_id,
        employee_id=employee.id,
        kind=kind,
        minutes=minutes,
        completed_on=completed_on,
        evidence_id=evidence_id,
        recorded_by=by,
        recorded_at=at,
    )
    fact = TrainingRecorded(
        **employee.place(at),
        training_id=training_id,
        kind=kind.value,
        minutes=minutes,
        completed_on=completed_on,
    )
    return training, fact


def annul_training(
    employee: Employee, training: Training, *, reason: str, by: str, at: datetime
) -> TrainingAnnulled:
    """The training counts no more.

    Raises ``EmployeeHasLeft``, :class:`OwnTrainingRecord`, :class:`TrainingIsAnnulled`.
    """
    employee.must_be_active()
    _must_be_another(employee, by)
    if training.annulment is not None:
        raise TrainingIsAnnulled
    training.annulment = Annulment(training_id=training.id, reason=reason, annulled_by=by, annulled_at=at)
    return TrainingAnnulled(**employee.place(at), training_id=training.id, kind=training.kind.value)


def record_experience(
    employee: Employee, experience_id: UUID, *, selling_since: date, evidence_id: UUID, by: str, at: datetime
) -> tuple[Experience, ExperienceRecorded]:
    """The employee's first day in a selling post, at this bank or before; today or earlier.

    Raises ``EmployeeHasLeft``, :class:`OwnTrainingRecord`, :class:`DayToCome`.
    """
    _check(employee, selling_since, "/selling_since", by, at)
    experience = Experience(
        id=experience_id,
        employee_id=employee.id,
        selling_since=selling_since,
        evidence_id=evidence_id,
        recorded_by=by,
        recorded_at=at,
    )
    return experience, ExperienceRecorded(**employee.place(at), selling_since=selling_since)


def _check(employee: Employee, day: date, pointer: str, by: str, at: datetime) -> None:
    employee.must_be_active()
    _must_be_another(employee, by)
    if day > at.astimezone(BANK_ZONE).date():
        raise DayToCome(day=day, pointer=pointer)


def _must_be_another(employee: Employee, by: str) -> None:
    if employee.subject == by:
        raise OwnTrainingRecord
