"""What answers show of employees and their qualifications."""

from datetime import date, datetime
from uuid import UUID

from chassis.http.routing import Output
from staffing.employees.domain import Employee, Employer, Post
from staffing.qualifications.domain import Qualification, QualificationKind, QualificationState


class SuspensionView(Output):
    """From ``suspended_from`` until before the earlier of ``suspended_until`` and ``lifted_at``, if any."""

    suspended_from: datetime
    suspended_until: datetime | None
    lifted_at: datetime | None
    reason: str


class QualificationView(Output):
    """A qualification; ``state`` is that of the moment of the answer, both days are included."""

    id: UUID
    employee_id: UUID
    kind: QualificationKind
    valid_from: date
    valid_to: date | None
    state: QualificationState
    suspensions: list[SuspensionView]
    revoked_at: datetime | None
    revocation_reason: str | None

    @classmethod
    def of(cls, qualification: Qualification, at: datetime) -> "QualificationView":
        """The view of a qualification at an instant."""
        return cls(
            id=qualification.id,
            employee_id=qualification.employee_id,
            kind=qualification.kind,
            valid_from=qualification.valid_from,
            valid_to=qualification.valid_to,
            state=qualification.state(at),
            suspensions=[SuspensionView.model_validate(item) for item in qualification.suspensions],
            revoked_at=qualification.revoked_at,
            revocation_reason=qualification.revocation_reason,
        )


class EmployeeView(Output):
    """An employee: ``outlet_id`` is the home outlet, ``subject`` that of the employee's token."""

    id: UUID
    version: int
    staff_number: str
    outlet_id: UUID
    subject: str | None
    employer: Employer
    posts: list[Post]
    active: bool
    left_at: datetime | None
    qualifications: list[QualificationView]

    @classmethod
    def of(cls, employee: Employee, at: datetime) -> "EmployeeView":
        """The view of an employee at an instant."""
        return cls(
            id=employee.id,
            version=employee.version,
            staff_number=employee.staff_number,
            outlet_id=employee.outlet_id,
            subject=employee.subject,
            employer=employee.employer,
            posts=list(employee.posts),
            active=employee.active,
            left_at=employee.left_at,
            qualifications=[QualificationView.of(held, at) for held in employee.qualifications],
        )
