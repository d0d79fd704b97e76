"""An employee with the qualifications that he or she holds: one aggregate, one version a change."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from chassis.errors import Conflict
from staffing.employees.events import (
    EmployeeChanged,
    EmployeeJoined,
    EmployeeLeft,
    QualificationGranted,
    QualificationReinstated,
    QualificationRevoked,
    QualificationSuspended,
)
from staffing.qualifications.domain import (
    Qualification,
    QualificationKind,
    QualificationNotFound,
    QualificationState,
)


class Post(StrEnum):
    """Posts at an outlet."""

    OUTLET_HEAD = "outlet_head"
    OPERATIONS_SUPERVISOR = "operations_supervisor"
    CUSTOMER_MANAGER = "customer_manager"
    SERVICE_MANAGER = "service_manager"
    LOBBY_MANAGER = "lobby_manager"
    LOBBY_GUIDE = "lobby_guide"
    WEALTH_MANAGER = "wealth_manager"
    TELLER = "teller"


class Employer(StrEnum):
    """Who employs the person: the bank, or a partner whose products it sells as an agent."""

    BANK = "bank"
    PARTNER = "partner"


class EmployeeHasLeft(Conflict):
    """Who has left does not change any more."""

    code = "EMPLOYEE_LEFT"
    zh = "工号为 {staff_number} 的员工已离职;不能再变更,重新入职请另行登记。"
    en = "Employee {staff_number} has left; nothing can change any more, who returns joins anew."


class Place(TypedDict):
    """Where a fact stands among those about the employee."""

    version: int
    occurred_at: datetime
    employee_id: UUID


class RegisterEntry(Place):
    """What every fact about the employee says, in full."""

    outlet_id: UUID
    staff_number: str
    subject: str | None
    employer: str
    active: bool


class QualificationEntry(Place):
    """What every fact about a qualification says."""

    qualification_id: UUID
    kind: str


@dataclass(eq=False)
class Employee:
    """The aggregate. ``outlet_id`` is the home outlet, ``subject`` that of the employee's token."""

    id: UUID
    version: int
    staff_number: str
    outlet_id: UUID
    subject: str | None
    employer: Employer
    posts: tuple[Post, ...]
    left_at: datetime | None = None
    qualifications: list[Qualification] = field(default_factory=list)

    @classmethod
    def join(
        cls,
        employee_id: UUID,
        *,
        staff_number: str,
        outlet_id: UUID,
        subject: str | None,
        employer: Employer,
        posts: tuple[Post, ...],
        at: datetime,
    ) -> tuple["Employee", EmployeeJoined]:
        """A new employee at version 1."""
        employee = cls(employee_id, 0, staff_number, outlet_id, subject, employer, posts)
        return employee, EmployeeJoined(**employee._entry(at))

    @property
    def active(self) -> bool:
        """Whether the employee has not left."""
        return self.left_at is None

    def change(
        self,
        *,
        outlet_id: UUID,
        subject: str | None,
        employer: Employer,
        posts: tuple[Post, ...],
        at: datetime,
    ) -> EmployeeChanged:
        """Replaces what describes the employee. Raises :class:`EmployeeHasLeft`."""
        self.must_be_active()
        self.outlet_id, self.subject, self.employer, self.posts = outlet_id, subject, employer, posts
        return EmployeeChanged(**self._entry(at))

    def leave(self, *, at: datetime) -> EmployeeLeft:
        """Ends the employment for good and frees the token's subject. Raises :class:`EmployeeHasLeft`."""
        self.must_be_active()
        self.left_at, self.subject = at, None
        return EmployeeLeft(**self._entry(at))

    def grant(
        self,
        qualification_id: UUID,
        *,
        kind: QualificationKind,
        valid_from: date,
        valid_to: date | None,
        at: datetime,
    ) -> QualificationGranted:
        """A new qualification; one of its kind may neither share a day with it nor be suspended.

        Raises :class:`EmployeeHasLeft`, ``ValidityInvalid``, ``QualificationOverlaps``,
        ``QualificationIsSuspended``.
        """
        self.must_be_active()
        granted = Qualification.grant(
            qualification_id, employee_id=self.id, kind=kind, valid_from=valid_from, valid_to=valid_to
        )
        for held in self.qualifications:
            granted.check_beside(held, at)
        self.qualifications.append(granted)
        return QualificationGranted(**self._changed(granted, at), valid_from=valid_from, valid_to=valid_to)

    def revoke(self, qualification_id: UUID, *, reason: str, at: datetime) -> QualificationRevoked:
        """Ends a qualification at once and for good.

        Raises :class:`EmployeeHasLeft`, ``QualificationNotFound``, ``QualificationIsRevoked``.
        """
        self.must_be_active()
        held = self.qualification(qualification_id)
        held.revoke(reason=reason, at=at)
        return QualificationRevoked(**self._changed(held, at), reason=reason)

    def suspend(
        self,
        qualification_id: UUID,
        *,
        suspended_from: datetime,
        suspended_until: datetime | None,
        reason: str,
        at: datetime,
    ) -> QualificationSuspended:
        """Lets a qualification rest, from ``at`` or later, until an instant or until it is reinstated.

        Raises :class:`EmployeeHasLeft`, ``QualificationNotFound``, ``QualificationIsRevoked``,
        ``QualificationIsSuspended``, ``SuspensionInvalid``.
        """
        self.must_be_active()
        held = self.qualification(qualification_id)
        held.suspend(suspended_from=suspended_from, suspended_until=suspended_until, reason=reason, at=at)
        return self._suspended(held, at, suspended_from, suspended_until, reason)

    def reinstate(self, qualification_id: UUID, *, at: datetime) -> QualificationReinstated:
        """Ends the suspension of a qualification at once.

        Raises :class:`EmployeeHasLeft`, ``QualificationNotFound``, ``QualificationIsRevoked``,
        ``QualificationNotSuspended``.
        """
        self.must_be_active()
        held = self.qualification(qualification_id)
        held.reinstate(at=at)
        return QualificationReinstated(**self._changed(held, at))

    def rest(self, *, reason: str, at: datetime) -> list[QualificationSuspended]:
        """SAL-02: a conduct alert is open, so every right to sell rests; nothing where it does already."""
        return [
            self._suspended(held, at, at, None, reason)
            for held in self.qualifications
            if self.active and held.rest(reason=reason, at=at)
        ]

    def resume(self, *, at: datetime) -> list[QualificationReinstated | QualificationSuspended]:
        """SAL-02: the last alert is cleared; what rested for it stands as it would without it."""
        facts: list[QualificationReinstated | QualificationSuspended] = []
        for held in self.qualifications if self.active else ():
            resumed, back = held.resume(at=at)
            if resumed:
                facts.append(QualificationReinstated(**self._changed(held, at)))
            if back is not None:
                facts.append(
                    self._suspended(held, at, back.suspended_from, back.suspended_until, back.reason)
                )
        return facts

    def qualification(self, qualification_id: UUID) -> Qualification:
        """The employee's qualification with this id. Raises ``QualificationNotFound``."""
        for held in self.qualifications:
            if held.id == qualification_id:
                return held
        raise QualificationNotFound

    def holds(self, kind: QualificationKind, at: datetime) -> bool:
        """Whether the employee may sell this kind at an aware instant (SAL-01)."""
        if self.left_at is not None and self.left_at <= at:
            return False
        return any(
            held.kind is kind and held.state(at) is QualificationState.VALID for held in self.qualifications
        )

    def must_be_active(self) -> None:
        """Raises :class:`EmployeeHasLeft`."""
        if not self.active:
            raise EmployeeHasLeft(staff_number=self.staff_number)

    def place(self, at: datetime) -> Place:
        """The next version of the employee, for a fact about what he or she did at ``at``."""
        self.version += 1
        return {"version": self.version, "occurred_at": at, "employee_id": self.id}

    def _suspended(
        self, held: Qualification, at: datetime, begins: datetime, ends: datetime | None, reason: str
    ) -> QualificationSuspended:
        return QualificationSuspended(
            **self._changed(held, at), suspended_from=begins, suspended_until=ends, reason=reason
        )

    def _entry(self, at: datetime) -> RegisterEntry:
        return {
            **self.place(at),
            "outlet_id": self.outlet_id,
            "staff_number": self.staff_number,
            "subject": self.subject,
            "employer": self.employer.value,
            "active": self.active,
        }

    def _changed(self, qualification: Qualification, at: datetime) -> QualificationEntry:
        return {
            **self.place(at),
            "qualification_id": qualification.id,
            "kind": qualification.kind.value,
        }
