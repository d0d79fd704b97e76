"""A qualification: for which days it was granted, when it is suspended, and that a revocation is final.

It belongs to an employee and changes only as part of that aggregate (``staffing.employees``).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.clock import BANK_ZONE
from chassis.errors import Conflict, Invalid, NotFound


class QualificationKind(StrEnum):
    """What a qualification allows its holder to sell (SAL-01)."""

    WEALTH = "wealth"
    AGENCY_FUND = "agency_fund"
    AGENCY_SECURITIES = "agency_securities"
    AGENCY_TRUST = "agency_trust"
    AGENCY_INSURANCE = "agency_insurance"
    GOVERNMENT_BOND = "government_bond"
    PHYSICAL_METAL = "physical_metal"


class QualificationState(StrEnum):
    """How a qualification stands at an instant; only ``valid`` lets its holder sell."""

    PENDING = "pending"
    VALID = "valid"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"


class QualificationNotFound(NotFound):
    """The employee has no such qualification."""

    code = "QUALIFICATION_NOT_FOUND"
    zh = "该员工没有这项资格;请核对资格编号。"
    en = "The employee has no such qualification; check its id."


class QualificationOverlaps(Conflict):
    """Two in force at once would let a revocation of one go unnoticed."""

    code = "QUALIFICATION_OVERLAPS"
    zh = "该员工在所填期限内已有同类资格({kind});请调整期限,或先撤销原资格。"
    en = "The employee holds a {kind} qualification in that period; change it, or revoke the other first."


class QualificationIsRevoked(Conflict):
    """A revocation is final."""

    code = "QUALIFICATION_REVOKED"
    zh = "该资格已被撤销,不能再变更;如需恢复,请重新授予。"
    en = "The qualification is revoked for good; grant a new one if it is due."


class QualificationIsSuspended(Conflict):
    """A suspension stands, or is still to come."""

    code = "QUALIFICATION_SUSPENDED"
    zh = "该类资格({kind})处于暂停状态;请先恢复。"
    en = "The qualification of kind {kind} is suspended; reinstate it first."


class QualificationNotSuspended(Conflict):
    """There is no suspension to end."""

    code = "QUALIFICATION_NOT_SUSPENDED"
    zh = "该资格未被暂停;无需恢复。"
    en = "The qualification is not suspended; there is nothing to reinstate."


class ValidityInvalid(Invalid):
    """The last day lies before the first."""

    code = "VALIDITY_INVALID"
    zh = "资格的截止日 {valid_to} 早于起始日 {valid_from};请更正。"
    en = "The last day {valid_to} lies before the first day {valid_from}; correct the period."


class SuspensionInvalid(Invalid):
    """A suspension ends after it begins and does not reach back: what was decided before it stands."""

    code = "SUSPENSION_INVALID"
    zh = "暂停期限无效;不得早于当前时刻开始,且结束须晚于开始,请更正。"
    en = "A suspension cannot begin before now and must end after it begins; correct its instants."


@dataclass(frozen=True)
class Suspension:
    """From ``suspended_from`` until before the earlier of ``suspended_until`` and ``lifted_at``, if any.

    ``by_alert``: a conduct alert ordered it, and it ends with the employee's last open alert (SAL-02).
    """

    suspended_from: datetime
    suspended_until: datetime | None
    reason: str
    lifted_at: datetime | None = None
    by_alert: bool = False

    def covers(self, at: datetime) -> bool:
        """Whether the suspension is in force at the instant."""
        ends = [end for end in (self.suspended_until, self.lifted_at) if end is not None]
        return self.suspended_from <= at and all(at < end for end in ends)

    def stands(self, at: datetime) -> bool:
        """Whether the suspension is in force at the instant or still to come."""
        return self.lifted_at is None and (self.suspended_until is None or at < self.suspended_until)


@dataclass(eq=False)
class Qualification:
    """What its holder may sell from ``valid_from`` to ``valid_to``, both included, ``Asia/Shanghai``."""

    id: UUID
    employee_id: UUID
    kind: QualificationKind
    valid_from: date
    valid_to: date | None
    suspensions: tuple[Suspension, ...] = ()
    revoked_at: datetime | None = None
    revocation_reason: str | None = None

    @classmethod
    def grant(
        cls,
        qualification_id: UUID,
        *,
        employee_id: UUID,
        kind: QualificationKind,
        valid_from: date,
        valid_to: date | None,
    ) -> "Qualification":
        """A new qualification; ``valid_to=None`` leaves its end open. Raises :class:`ValidityInvalid`."""
        if valid_to is not None and valid_to < valid_from:
            raise ValidityInvalid(valid_from=valid_from, valid_to=valid_to, pointer="/valid_to")
        return cls(qualification_id, employee_id, kind, valid_from, valid_to)

    def check_beside(self, held: "Qualification", at: datetime) -> None:
        """Raises where ``held`` of the same kind overlaps this one, or is suspended.

        A suspension that nobody has lifted would otherwise end with the next period's qualification.
        """
        if held.kind is not self.kind or held.revoked_at is not None:
            return
        if self.overlaps(held):
            raise QualificationOverlaps(kind=self.kind.value, pointer="/valid_from")
        if held.standing_suspension(at) is not None:
            raise QualificationIsSuspended(kind=self.kind.value)

    def revoke(self, *, reason: str, at: datetime) -> None:
        """Ends the qualification at once and for good. Raises :class:`QualificationIsRevoked`."""
        self._must_not_be_revoked()
        self.revoked_at, self.revocation_reason = at, reason

    def suspend(
        self, *, suspended_from: datetime, suspended_until: datetime | None, reason: str, at: datetime
    ) -> None:
        """Lets the qualification rest, from ``at`` or later, until an instant or until it is reinstated.

        Raises :class:`QualificationIsRevoked`, :class:`QualificationIsSuspended`, :class:`SuspensionInvalid`.
        """
        self._must_not_be_revoked()
        if self.standing_suspension(at) is not None:
            raise QualificationIsSuspended(kind=self.kind.value)
        if suspended_from < at:
            raise SuspensionInvalid(pointer="/suspended_from")
        if suspended_until is not None and suspended_until <= suspended_from:
            raise SuspensionInvalid(pointer="/suspended_until")
        self.suspensions = (*self.suspensions, Suspension(suspended_from, suspended_until, reason))

    def reinstate(self, *, at: datetime) -> None:
        """Ends the suspension at once.

        Raises :class:`QualificationIsRevoked`, :class:`QualificationNotSuspended`.
        """
        self._must_not_be_revoked()
        standing = self.standing_suspension(at)
        if standing is None:
            raise QualificationNotSuspended
        self._lift(standing, at)

    def rest(self, *, reason: str, at: datetime) -> bool:
        """SAL-02: rests from ``at`` on until :meth:`resume`; says whether that changed anything.

        It leaves alone what is revoked, and what rests already until somebody reinstates it. A suspension
        that would end by itself, or is still to come, makes way and comes back afterwards.
        """
        standing = self.standing_suspension(at)
        if self.revoked_at is not None or (
            standing is not None and standing.covers(at) and standing.suspended_until is None
        ):
            return False
        self._lift(standing, at)
        self.suspensions = (*self.suspensions, Suspension(at, None, reason, by_alert=True))
        return True

    def resume(self, *, at: datetime) -> tuple[bool, Suspension | None]:
        """SAL-02: ends what :meth:`rest` began; whether there was anything, and what has come back."""
        standing = self.standing_suspension(at)
        if self.revoked_at is not None or standing is None or not standing.by_alert:
            return False, None
        earlier = next((s for s in self.suspensions if s.lifted_at == standing.suspended_from), None)
        self._lift(standing, at)
        if earlier is None or (earlier.suspended_until is not None and earlier.suspended_until <= at):
            return True, None
        begins = max(at, earlier.suspended_from)
        back = Suspension(begins, earlier.suspended_until, earlier.reason)
        self.suspensions = (*self.suspensions, back)
        return True, back

    def state(self, at: datetime) -> QualificationState:
        """How the qualification stands at an aware instant."""
        day = at.astimezone(BANK_ZONE).date()
        if self.revoked_at is not None and self.revoked_at <= at:
            return QualificationState.REVOKED
        if self.valid_to is not None and self.valid_to < day:
            return QualificationState.EXPIRED
        if any(suspension.covers(at) for suspension in self.suspensions):
            return QualificationState.SUSPENDED
        return QualificationState.PENDING if day < self.valid_from else QualificationState.VALID

    def standing_suspension(self, at: datetime) -> Suspension | None:
        """The suspension that is in force or still to come; there is never more than one."""
        return next((suspension for suspension in self.suspensions if suspension.stands(at)), None)

    def overlaps(self, other: "Qualification") -> bool:
        """Whether the two share a day."""
        return (other.valid_to is None or self.valid_from <= other.valid_to) and (
            self.valid_to is None or other.valid_from <= self.valid_to
        )

    def _lift(self, standing: Suspension | None, at: datetime) -> None:
        self.suspensions = tuple(
            replace(suspension, lifted_at=at) if suspension is standing else suspension
            for suspension in self.suspensions
        )

    def _must_not_be_revoked(self) -> None:
        if self.revoked_at is not None:
            raise QualificationIsRevoked
