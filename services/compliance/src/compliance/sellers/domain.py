"""A seller as we know him from staffing's facts, taken strictly in the order of its versions (SAL-01, G1).

One fact is one version of the employee, so a missing number is a fact that we have not got: a revocation,
perhaps. What lies behind a gap waits in the row (N4); until the gap is closed the seller counts as unknown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

from compliance.periods.domain import legal_date
from compliance.rulebook.seller_facts import AlertFacts, AlertKind, QualificationFacts, SellerFacts
from compliance.sellers.preparation import BadRecord, Experienced, Learnt, Trained, TrainingAnnulled, prepared

#: Staffing's name of a kind of qualification, where the rulebook's is not the same in capitals.
RULEBOOK_KINDS = {"government_bond": "GOV_BOND"}


@dataclass(frozen=True, kw_only=True)
class Qualification:
    """A right to sell, ``kind`` as staffing names it. ``valid_to`` is its last day (None: open).

    A lifted suspension leaves no trace.
    """

    qualification_id: UUID
    kind: str
    valid_from: date
    valid_to: date | None
    suspended_from: datetime | None = None
    suspended_until: datetime | None = None
    revoked_at: datetime | None = None

    def facts(self, at: datetime, ended_at: datetime | None) -> QualificationFacts:
        """As the gate judges it at ``at``; ``ended_at`` ends it with the employment."""
        over = self.suspended_until is not None and self.suspended_until <= at
        ends = [end for end in (self.revoked_at, ended_at) if end is not None]
        return QualificationFacts(
            qualification_id=self.qualification_id,
            kind=RULEBOOK_KINDS.get(self.kind, self.kind.upper()),
            valid_from=self.valid_from,
            valid_until=self.valid_to,
            suspended_at=None if over else self.suspended_from,
            revoked_at=min(ends, default=None),
        )


@dataclass(frozen=True, kw_only=True)
class Stated:
    """The employee joined, changed or left: his whole state."""

    change: Literal["stated"] = "stated"
    outlet_id: UUID
    staff_number: str
    subject: str | None
    employer: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A qualification was granted."""

    change: Literal["granted"] = "granted"
    qualification_id: UUID
    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """A qualification was revoked, at the instant of the fact."""

    change: Literal["revoked"] = "revoked"
    qualification_id: UUID


@dataclass(frozen=True, kw_only=True)
class Suspended:
    """A qualification is suspended from an instant on, until another one or until further notice."""

    change: Literal["suspended"] = "suspended"
    qualification_id: UUID
    suspended_from: datetime
    suspended_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Reinstated:
    """A suspension was lifted."""

    change: Literal["reinstated"] = "reinstated"
    qualification_id: UUID


Change: TypeAlias = (
    Stated | Granted | Revoked | Suspended | Reinstated | Trained | TrainingAnnulled | Experienced
)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One fact of staffing about the employee; ``sequence`` is staffing's version of him."""

    sequence: int
    at: datetime
    change: Change


@dataclass(kw_only=True)
class Alert:
    """SAL-02: he may not sell until it is cleared; on record for good (D1). The id is that of the matter."""

    id: UUID
    seller_id: UUID
    seller_version: int
    kind: AlertKind
    raised_at: datetime

    def facts(self) -> AlertFacts:
        """What the gate may rest on."""
        return AlertFacts(alert_id=self.id, kind=self.kind, raised_at=self.raised_at)


@dataclass(kw_only=True)
class AlertClearance:
    """An alert is over, on record for good (D1)."""

    alert_id: UUID
    seller_version: int
    cleared_at: datetime


@dataclass
class Seller:
    """The register's row, and the head that a decision locks (G1). Every fact that is news is one version.

    ``sequence`` is staffing's version that was applied last, ``waiting`` are facts behind a gap, in order.
    ``employer`` other than "bank" is somebody else's staff (ZON-05). ``left_at`` None while he is active.
    ``learnt`` and ``bad_records`` are only added to (SAL-10).
    """

    id: UUID
    version: int
    sequence: int
    outlet_id: UUID | None
    staff_number: str | None
    subject: str | None
    employer: str | None
    active: bool
    left_at: datetime | None
    qualifications: tuple[Qualification, ...]
    waiting: tuple[Heard, ...]
    learnt: list[Learnt] = field(default_factory=list)
    bad_records: list[BadRecord] = field(default_factory=list)

    @classmethod
    def first_heard(cls, seller_id: UUID) -> "Seller":
        """A seller of whom nothing is known but his id."""
        return cls(seller_id, 0, 0, None, None, None, None, False, None, (), ())

    @property
    def complete(self) -> bool:
        """Whether every fact up to the newest that we have heard of has been applied."""
        return self.sequence > 0 and not self.waiting

    def take(self, heard: Heard) -> bool:
        """Applies the fact, and what has waited for it; says whether it was news.

        A version that was applied or waits already changes nothing; one behind a gap waits.
        """
        if heard.sequence <= self.sequence or any(heard.sequence == held.sequence for held in self.waiting):
            return False
        self.waiting = tuple(sorted((*self.waiting, heard), key=lambda held: held.sequence))
        while self.waiting and self.waiting[0].sequence == self.sequence + 1:
            self._apply(self.waiting[0])
            self.waiting = self.waiting[1:]
        self.version += 1
        return True

    def raise_alert(self, alert_id: UUID, kind: AlertKind, *, at: datetime) -> Alert:
        """SAL-02: from now on he sells nothing."""
        self.version += 1
        return Alert(id=alert_id, seller_id=self.id, seller_version=self.version, kind=kind, raised_at=at)

    def clear_alert(self, alert: Alert, *, at: datetime) -> AlertClearance:
        """The alert is over; where it was the last, he may sell again."""
        self.version += 1
        return AlertClearance(alert_id=alert.id, seller_version=self.version, cleared_at=at)

    def note_bad_record(self, incident_id: UUID, *, at: datetime) -> None:
        """SAL-10: an incident about him was confirmed."""
        self.version += 1
        self.bad_records.append(
            BadRecord(
                incident_id=incident_id, seller_id=self.id, seller_version=self.version, confirmed_at=at
            )
        )

    def facts(self, at: datetime, opened_by: str) -> SellerFacts | None:
        """What the gate may rest on at ``at``, for a case opened by the token subject ``opened_by``.

        None while a fact about him is missing, and when the case was opened in a foreign name.
        """
        return None if self.active and self.subject != opened_by else self.standing(at)

    def standing(self, at: datetime) -> SellerFacts | None:
        """What he may sell at ``at``, whoever asks; None while a fact about him is missing."""
        if not self.complete or self.outlet_id is None:
            return None
        return SellerFacts(
            seller_id=self.id,
            outlet_id=self.outlet_id,
            employer=self.employer,
            qualifications=tuple(held.facts(at, self.left_at) for held in self.qualifications),
            preparation=prepared(self.learnt, self.bad_records, legal_date(at)),
        )

    def _apply(self, heard: Heard) -> None:
        self.sequence = heard.sequence
        match heard.change:
            case Stated() as stated:
                self.outlet_id, self.staff_number = stated.outlet_id, stated.staff_number
                self.subject, self.employer = stated.subject, stated.employer
                self.active = stated.active
                self.left_at = None if stated.active else self.left_at or heard.at
            case Granted() as granted:
                self.qualifications = (*self.qualifications, _qualification(granted))
            case Revoked(qualification_id=which):
                self._change(which, lambda held: replace(held, revoked_at=heard.at))
            case Suspended(qualification_id=which, suspended_from=start, suspended_until=end):
                self._change(which, lambda held: replace(held, suspended_from=start, suspended_until=end))
            case Reinstated(qualification_id=which):
                self._change(which, lambda held: replace(held, suspended_from=None, suspended_until=None))
            case Trained() | TrainingAnnulled() | Experienced() as change:
                self.learnt.append(
                    Learnt(seller_id=self.id, sequence=heard.sequence, told_at=heard.at, change=change)
                )

    def _change(self, which: UUID, changed: Callable[[Qualification], Qualification]) -> None:
        self.qualifications = tuple(
            changed(held) if held.qualification_id == which else held for held in self.qualifications
        )


def _qualification(granted: Granted) -> Qualification:
    return Qualification(
        qualification_id=granted.qualification_id,
        kind=granted.kind,
        valid_from=granted.valid_from,
        valid_to=granted.valid_to,
    )
