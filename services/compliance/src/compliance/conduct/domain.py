"""An incident: what somebody is suspected of, and what became of it. What was said and done is only added to.

::

    OPENED ──taken up──▶ INVESTIGATING ──confirmed──▶ CONFIRMED ──closed──▶ CLOSED
                                       ──dismissed──▶ DISMISSED ──closed──▶ CLOSED

An off-book sale (SAL-02) or illegal fund-raising (M136) stops the seller from the first moment. A
dismissal gives it back; after a confirmation only an officer's order does, closed or not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.conduct.events import AlertCleared, AlertRaised
from compliance.rulebook.seller_facts import AlertKind


class IncidentKind(StrEnum):
    """What somebody is suspected of."""

    OFF_BOOK_SALE_SUSPECTED = "OFF_BOOK_SALE_SUSPECTED"
    ILLEGAL_FUNDRAISING = "ILLEGAL_FUNDRAISING"
    STAFF_ABNORMAL_BEHAVIOUR = "STAFF_ABNORMAL_BEHAVIOUR"
    ACTING_FOR_CUSTOMER = "ACTING_FOR_CUSTOMER"
    OTHER = "OTHER"


class IncidentState(StrEnum):
    """How far an incident has come."""

    OPENED = "OPENED"
    INVESTIGATING = "INVESTIGATING"
    CONFIRMED = "CONFIRMED"
    DISMISSED = "DISMISSED"
    CLOSED = "CLOSED"


class StepKind(StrEnum):
    """What was done about an incident."""

    TAKEN_UP = "TAKEN_UP"
    CONFIRMED = "CONFIRMED"
    DISMISSED = "DISMISSED"
    AUTHORITY_TOLD = "AUTHORITY_TOLD"
    ALERT_CLEARED = "ALERT_CLEARED"
    CLOSED = "CLOSED"


#: In which states a step may be taken, and the state that it leads to (None: it stays).
STEPS: dict[StepKind, tuple[frozenset[IncidentState], IncidentState | None]] = {
    StepKind.TAKEN_UP: (frozenset({IncidentState.OPENED}), IncidentState.INVESTIGATING),
    StepKind.CONFIRMED: (frozenset({IncidentState.INVESTIGATING}), IncidentState.CONFIRMED),
    StepKind.DISMISSED: (frozenset({IncidentState.INVESTIGATING}), IncidentState.DISMISSED),
    StepKind.AUTHORITY_TOLD: (frozenset({IncidentState.INVESTIGATING, IncidentState.CONFIRMED}), None),
    StepKind.ALERT_CLEARED: (frozenset({IncidentState.CONFIRMED, IncidentState.CLOSED}), None),
    StepKind.CLOSED: (frozenset({IncidentState.CONFIRMED, IncidentState.DISMISSED}), IncidentState.CLOSED),
}


class SubjectKind(StrEnum):
    """What an incident points to."""

    CASE = "CASE"
    SALE = "SALE"
    RECORDING = "RECORDING"
    CUSTOMER = "CUSTOMER"
    ASSESSMENT = "ASSESSMENT"


class OffBookProductMissing(Invalid):
    """SAL-02: the product is what makes a sale off-book."""

    code = "OFF_BOOK_PRODUCT_MISSING"
    zh = "举报飞单须说明所推介或销售的产品;请填写 product_named。"
    en = "The off-book product is not named; give product_named, its code or name as it was offered."


class ProductIsListed(Invalid):
    """SAL-02: what the platform shows is not off-book."""

    code = "PRODUCT_IS_LISTED"
    zh = "该产品已在产品信息查询平台登记,不属于飞单;其他行为请选择相应类型举报。"
    en = "The registry has the product, so this is no off-book sale; report other conduct as such."


class IncidentStepImpossible(Conflict):
    """Each step has its place."""

    code = "INCIDENT_STEP_IMPOSSIBLE"
    zh = "事件当前状态为 {state},不能执行 {step};请先查看其经过。"
    en = "The incident is {state}; {step} has no place there, look at its steps first."


class AlertNotOpen(Conflict):
    """Only an open alert can be cleared."""

    code = "ALERT_NOT_OPEN"
    zh = "该事件没有未解除的预警;无需解除。"
    en = "The incident has no open alert; there is nothing to clear."


class IncidentNotReported(Conflict):
    """M136."""

    code = "INCIDENT_NOT_REPORTED"
    zh = "已确认的非法集资须先向主管机关报告;请登记报告后再结案。"
    en = "Confirmed illegal fund-raising is reported to the authorities first; record the report, then close."


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """An object that an incident is about, by its opaque id."""

    kind: SubjectKind
    id: UUID


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """What is reported or found. ``account`` are the reporter's words, None for what a screening found.

    ``finding`` is the screening's own name for what it found, so that it opens one incident once.
    """

    kind: IncidentKind
    seller_id: UUID | None
    outlet_id: UUID | None
    product_named: str | None
    about: tuple[Pointer, ...]
    account: str | None
    finding: str | None = None

    @property
    def stops_seller(self) -> bool:
        """SAL-02, M136: whether such a suspicion raises an alert about its seller."""
        return self.seller_id is not None and self.kind.value in set(AlertKind)


@dataclass(kw_only=True)
class IncidentStep:
    """One step, on record for good (D1), which made the incident's version ``incident_version``."""

    id: UUID
    incident_id: UUID
    incident_version: int
    kind: StepKind
    reason: str
    taken_by: str
    taken_at: datetime


@dataclass(kw_only=True)
class Reporter:
    """SAL-04: who reported, kept apart from everything that is said about the incident."""

    incident_id: UUID
    subject: str


@dataclass
class Incident:
    """The aggregate. ``finding`` None: somebody reported it. Each step is one version."""

    id: UUID
    version: int
    kind: IncidentKind
    state: IncidentState
    seller_id: UUID | None
    outlet_id: UUID | None
    product_named: str | None
    about: tuple[Pointer, ...]
    account: str | None
    finding: str | None
    opened_at: datetime

    @classmethod
    def open(cls, incident_id: UUID, suspicion: Suspicion, *, at: datetime) -> "Incident":
        """A new incident at version 1. Raises :class:`OffBookProductMissing` (SAL-02)."""
        if suspicion.kind is IncidentKind.OFF_BOOK_SALE_SUSPECTED and not suspicion.product_named:
            raise OffBookProductMissing(pointer="/product_named")
        return cls(
            id=incident_id,
            version=1,
            kind=suspicion.kind,
            state=IncidentState.OPENED,
            seller_id=suspicion.seller_id,
            outlet_id=suspicion.outlet_id,
            product_named=suspicion.product_named,
            about=suspicion.about,
            account=suspicion.account,
            finding=suspicion.finding,
            opened_at=at,
        )

    @property
    def alert_kind(self) -> AlertKind | None:
        """SAL-02, M136: the alert that such a suspicion raises about its seller; None: it raises none."""
        known = self.seller_id is not None and self.kind.value in set(AlertKind)
        return AlertKind(self.kind.value) if known else None

    def alert_raised(self, employee_id: UUID) -> AlertRaised:
        """The fact that the incident's alert was raised with it."""
        return AlertRaised(version=1, occurred_at=self.opened_at, alert_id=self.id, employee_id=employee_id)

    def alert_cleared(self, employee_id: UUID, *, at: datetime) -> AlertCleared:
        """The fact that the incident's alert was cleared."""
        return AlertCleared(version=2, occurred_at=at, alert_id=self.id, employee_id=employee_id)

    def take(self, step_id: UUID, kind: StepKind, *, reason: str, by: str, at: datetime) -> IncidentStep:
        """One step further. Raises :class:`IncidentStepImpossible`."""
        states, leads_to = STEPS[kind]
        if self.state not in states:
            raise IncidentStepImpossible(state=self.state.value, step=kind.value)
        self.state = leads_to or self.state
        self.version += 1
        return IncidentStep(
            id=step_id,
            incident_id=self.id,
            incident_version=self.version,
            kind=kind,
            reason=reason,
            taken_by=by,
            taken_at=at,
        )

    def must_be_reported(self, reported: bool) -> None:
        """M136: raises :class:`IncidentNotReported` for confirmed fund-raising that no authority knows of."""
        fundraising = self.kind is IncidentKind.ILLEGAL_FUNDRAISING
        if fundraising and self.state is IncidentState.CONFIRMED and not reported:
            raise IncidentNotReported
