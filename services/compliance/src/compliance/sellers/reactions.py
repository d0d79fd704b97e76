"""What we do about facts on ``staffing.employees.v1``: who may sell what (SAL-01). It must be fresh (S1)."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Poison, Reaction, Received, Subscription
from compliance.sellers import commands
from compliance.sellers.domain import Change, Granted, Heard, Reinstated, Revoked, Stated, Suspended
from compliance.sellers.preparation import Experienced, Trained, TrainingAnnulled
from compliance.sellers.queries import EMPLOYEES_TOPIC


class AboutEmployee(Consumed):
    """Every fact of the topic is about one employee."""

    employee_id: UUID


class EmployeeStated(AboutEmployee):
    """An employee joined, changed or left; his whole state."""

    outlet_id: UUID
    staff_number: str
    subject: str | None
    employer: str
    active: bool


class QualificationGranted(AboutEmployee):
    """A right to sell; both dates are days of the bank's zone, ``valid_to`` is inclusive."""

    qualification_id: UUID
    kind: str
    valid_from: date
    valid_to: date | None


class QualificationNamed(AboutEmployee):
    """A right to sell was revoked, or a suspension of it was lifted."""

    qualification_id: UUID


class QualificationSuspended(QualificationNamed):
    """A right to sell rests for a while."""

    suspended_from: AwareDatetime
    suspended_until: AwareDatetime | None


class TrainingNamed(AboutEmployee):
    """A training was annulled."""

    training_id: UUID


class TrainingRecorded(TrainingNamed):
    """A training was completed on a day of the bank's zone."""

    kind: str
    minutes: int
    completed_on: date


class ExperienceRecorded(AboutEmployee):
    """The first day in a selling post."""

    selling_since: date


M = TypeVar("M", bound=AboutEmployee)


def stated(data: EmployeeStated) -> Change:
    """The employee's state."""
    return Stated(
        outlet_id=data.outlet_id,
        staff_number=data.staff_number,
        subject=data.subject,
        employer=data.employer,
        active=data.active,
    )


def granted(data: QualificationGranted) -> Change:
    """A new right."""
    return Granted(
        qualification_id=data.qualification_id,
        kind=data.kind,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
    )


def revoked(data: QualificationNamed) -> Change:
    """The end of a right."""
    return Revoked(qualification_id=data.qualification_id)


def suspended(data: QualificationSuspended) -> Change:
    """A right that rests."""
    return Suspended(
        qualification_id=data.qualification_id,
        suspended_from=data.suspended_from,
        suspended_until=data.suspended_until,
    )


def reinstated(data: QualificationNamed) -> Change:
    """A right that counts again."""
    return Reinstated(qualification_id=data.qualification_id)


def trained(data: TrainingRecorded) -> Change:
    """A new training."""
    return Trained(
        training_id=data.training_id,
        kind=data.kind,
        minutes=data.minutes,
        completed_on=data.completed_on,
    )


def annulled(data: TrainingNamed) -> Change:
    """A training that counts no more."""
    return TrainingAnnulled(training_id=data.training_id)


def experienced(data: ExperienceRecorded) -> Change:
    """Since when he sells."""
    return Experienced(selling_since=data.selling_since)


def taking(model: type[M], change: Callable[[M], Change]) -> Reaction[M]:
    """The reaction to one type of fact: put it in its place among the employee's versions."""

    async def on_fact(session: AsyncSession, clock: Clock, fact: Received[M]) -> None:
        if fact.sequence < 1:
            raise Poison("no version of the employee: its place among his facts is unknown")
        heard = Heard(sequence=fact.sequence, at=fact.occurred_at, change=change(fact.data))
        await commands.take_fact(session, fact.data.employee_id, heard)

    return Reaction(model, on_fact)


subscription = Subscription(
    topic=EMPLOYEES_TOPIC,
    reactions={
        "staffing.employee.joined.v1": taking(EmployeeStated, stated),
        "staffing.employee.changed.v1": taking(EmployeeStated, stated),
        "staffing.employee.left.v1": taking(EmployeeStated, stated),
        "staffing.qualification.granted.v1": taking(QualificationGranted, granted),
        "staffing.qualification.revoked.v1": taking(QualificationNamed, revoked),
        "staffing.qualification.suspended.v1": taking(QualificationSuspended, suspended),
        "staffing.qualification.reinstated.v1": taking(QualificationNamed, reinstated),
        "staffing.training.recorded.v1": taking(TrainingRecorded, trained),
        "staffing.training.annulled.v1": taking(TrainingNamed, annulled),
        "staffing.experience.recorded.v1": taking(ExperienceRecorded, experienced),
    },
    register=True,
)
