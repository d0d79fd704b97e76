"""Facts about employees and their qualifications: the register that decisions to sell rest on (S1).

Key and version are the employee's: each change of a qualification is a change of the employee who holds it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "staffing.employees.v1"


@dataclass(frozen=True, kw_only=True)
class EmployeeJoined(Fact, type="staffing.employee.joined.v1", topic=TOPIC, key="employee_id"):
    """An employee works for the outlets from now on.

    ``outlet_id`` is the home outlet, ``subject`` that of the employee's token (null: no access to systems),
    ``employer`` is ``bank`` or ``partner``.
    """

    employee_id: UUID
    outlet_id: UUID
    staff_number: str
    subject: str | None
    employer: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class EmployeeChanged(Fact, type="staffing.employee.changed.v1", topic=TOPIC, key="employee_id"):
    """Home outlet, token, employer or posts of an employee changed; the new state in full."""

    employee_id: UUID
    outlet_id: UUID
    staff_number: str
    subject: str | None
    employer: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class EmployeeLeft(Fact, type="staffing.employee.left.v1", topic=TOPIC, key="employee_id"):
    """An employee left for good: every qualification ends with it, the token's subject is free again."""

    employee_id: UUID
    outlet_id: UUID
    staff_number: str
    subject: str | None
    employer: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class QualificationGranted(Fact, type="staffing.qualification.granted.v1", topic=TOPIC, key="employee_id"):
    """A qualification, from its first to its last day (null: open), both included, ``Asia/Shanghai``."""

    employee_id: UUID
    qualification_id: UUID
    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class QualificationRevoked(Fact, type="staffing.qualification.revoked.v1", topic=TOPIC, key="employee_id"):
    """A qualification ended for good at ``occurred_at``."""

    employee_id: UUID
    qualification_id: UUID
    kind: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class QualificationSuspended(
    Fact, type="staffing.qualification.suspended.v1", topic=TOPIC, key="employee_id"
):
    """A qualification rests from ``suspended_from`` until before ``suspended_until`` (null: open)."""

    employee_id: UUID
    qualification_id: UUID
    kind: str
    suspended_from: datetime
    suspended_until: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class QualificationReinstated(
    Fact, type="staffing.qualification.reinstated.v1", topic=TOPIC, key="employee_id"
):
    """The suspension of a qualification ended at ``occurred_at``; one that was still to come never begins."""

    employee_id: UUID
    qualification_id: UUID
    kind: str
