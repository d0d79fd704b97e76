"""A complaint: received once, owned by its first contact to the end, decided in time, ended for good."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.errors import Conflict, Invalid
from chassis.events import Fact
from feedback.complaints.deadlines import Deadline, legal_date
from feedback.complaints.events import (
    ComplaintDecided,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintSettled,
    ComplaintWithdrawn,
)

#: Who acts when nobody does: the clock's own steps.
CLOCK = "clock"


class Channel(StrEnum):
    """How a complaint came in."""

    OUTLET = "outlet"
    PHONE = "phone"
    ONLINE = "online"
    LETTER = "letter"


class Outcome(StrEnum):
    """What was found."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"
    SETTLED_GOODWILL = "settled_goodwill"


class ToldVia(StrEnum):
    """How the complainant was told."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    MESSAGE = "message"


class ComplaintStatus(StrEnum):
    """opened → decided → settled; withdrawn from either of the first two."""

    OPENED = "opened"
    DECIDED = "decided"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class StepKind(StrEnum):
    """What can happen to a complaint, each at most once."""

    ESCALATED = "escalated"
    OVERDUE = "overdue"
    DECIDED = "decided"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class ComplaintEnded(Conflict):
    """CMP-08: settled or withdrawn is the end."""

    code = "COMPLAINT_ENDED"
    zh = "投诉 {reference} 已办结或已撤回,不能再处理;如有新的事实,请另行登记投诉。"
    en = "Complaint {reference} was settled or withdrawn and has ended; open a new one for new facts."


class ComplaintAlreadyDecided(Conflict):
    """A complaint is decided once."""

    code = "COMPLAINT_ALREADY_DECIDED"
    zh = "投诉 {reference} 已作出处理决定;不能再次决定,如有新的事实,请另行登记投诉。"
    en = "Complaint {reference} was decided before; it is decided once, open a new one for new facts."


class ComplaintUndecided(Conflict):
    """What was not decided cannot be settled."""

    code = "COMPLAINT_UNDECIDED"
    zh = "投诉 {reference} 尚未作出处理决定并告知投诉人;请先作出决定再办结。"
    en = "Complaint {reference} is not decided and told yet; decide it before you settle it."


class ReceivedInFuture(Invalid):
    """Nobody received it yet."""

    code = "RECEIVED_IN_FUTURE"
    zh = "收到时间不能晚于现在;请更正。"
    en = "A complaint cannot be received in the future; correct the instant of receipt."


@dataclass(eq=False, kw_only=True)
class Step:
    """One thing that happened to a complaint, by whom, and what was said; it never changes."""

    complaint_id: UUID
    kind: StepKind
    version: int
    at: datetime
    by: str
    outcome: Outcome | None = None
    told_via: ToldVia | None = None
    note: str | None = None


@dataclass(kw_only=True)
class Complaint:
    """The aggregate. ``version``, ``status`` and ``watch_at`` change; what happens is appended to ``steps``.

    ``received_at`` starts the legal clock, ``opened_at`` is when the complaint was entered. ``watch_at`` is
    the next instant at which the clock itself acts, None when it no longer does.
    """

    id: UUID
    version: int
    reference: str
    outlet_id: UUID
    sale_id: UUID | None
    complainant: str | None
    channel: Channel
    category: str
    summary: str
    received_at: datetime
    opened_at: datetime
    opened_by: str
    first_contact_owner: str
    regime: str
    due_on: date
    due_at: datetime
    status: ComplaintStatus
    watch_at: datetime | None
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        complaint_id: UUID,
        *,
        reference: str,
        outlet_id: UUID,
        sale_id: UUID | None,
        complainant: str | None,
        channel: Channel,
        category: str,
        summary: str,
        received_at: datetime,
        opened_by: str,
        first_contact_owner: str,
        deadline: Deadline,
        at: datetime,
    ) -> tuple["Complaint", ComplaintOpened]:
        """A new complaint at version 1 with its deadline. Raises :class:`ReceivedInFuture`."""
        if received_at > at:
            raise ReceivedInFuture(pointer="/received_at")
        complaint = cls(
            id=complaint_id,
            version=1,
            reference=reference,
            outlet_id=outlet_id,
            sale_id=sale_id,
            complainant=complainant,
            channel=channel,
            category=category,
            summary=summary,
            received_at=received_at.astimezone(UTC),
            opened_at=at,
            opened_by=opened_by,
            first_contact_owner=first_contact_owner,
            regime=deadline.regime,
            due_on=deadline.due_on,
            due_at=deadline.due_at,
            status=ComplaintStatus.OPENED,
            watch_at=deadline.warn_at,
        )
        return complaint, ComplaintOpened(
            version=1,
            occurred_at=at,
            complaint_id=complaint_id,
            reference=reference,
            outlet_id=outlet_id,
            sale_id=sale_id,
            channel=channel.value,
            received_at=received_at,
            due_on=deadline.due_on,
            regime=deadline.regime,
            first_contact_owner=first_contact_owner,
        )

    def step(self, kind: StepKind) -> Step | None:
        """The step of this kind, None while it has not happened."""
        return next((step for step in self.steps if step.kind is kind), None)

    def watch(self, at: datetime) -> list[Fact]:
        """CMP-09: what the clock itself does by ``at``: escalate near the deadline, note that it has passed.

        Each at most once, and only while nothing is decided. What was noted is never taken back.
        """
        facts: list[Fact] = []
        if self.status is not ComplaintStatus.OPENED or self.watch_at is None:
            return facts
        if self.step(StepKind.ESCALATED) is None and self.watch_at <= at:
            self._append(StepKind.ESCALATED, at, CLOCK)
            self.watch_at = self.due_at
            facts.append(ComplaintEscalated(**self._clock_fact(at)))
        if self.step(StepKind.OVERDUE) is None and self.due_at <= at:
            self._append(StepKind.OVERDUE, at, CLOCK)
            self.watch_at = None
            facts.append(ComplaintOverdue(**self._clock_fact(at)))
        return facts

    def decide(
        self, *, outcome: Outcome, told_via: ToldVia, findings: str, by: str, at: datetime
    ) -> ComplaintDecided:
        """Decides, the complainant being told (CMP-09).

        Raises :class:`ComplaintEnded`, :class:`ComplaintAlreadyDecided`.
        """
        self._must_not_have_ended()
        if self.status is not ComplaintStatus.OPENED:
            raise ComplaintAlreadyDecided(reference=self.reference)
        self._append(StepKind.DECIDED, at, by, outcome=outcome, told_via=told_via, note=findings)
        self.status, self.watch_at = ComplaintStatus.DECIDED, None
        return ComplaintDecided(
            version=self.version,
            occurred_at=at,
            complaint_id=self.id,
            outlet_id=self.outlet_id,
            sale_id=self.sale_id,
            outcome=outcome.value,
            decided_at=at,
            late=at >= self.due_at,
        )

    def settle(self, *, note: str, by: str, at: datetime) -> ComplaintSettled:
        """Ends the complaint for good. Raises :class:`ComplaintEnded`, :class:`ComplaintUndecided`."""
        self._must_not_have_ended()
        if self.status is not ComplaintStatus.DECIDED:
            raise ComplaintUndecided(reference=self.reference)
        self._append(StepKind.SETTLED, at, by, note=note)
        self.status = ComplaintStatus.SETTLED
        return ComplaintSettled(
            version=self.version,
            occurred_at=at,
            complaint_id=self.id,
            outlet_id=self.outlet_id,
            sale_id=self.sale_id,
            settled_at=at,
        )

    def withdraw(self, *, note: str | None, by: str, at: datetime) -> ComplaintWithdrawn:
        """CMP-08: ends it on the day the withdrawal is received. Raises :class:`ComplaintEnded`."""
        self._must_not_have_ended()
        self._append(StepKind.WITHDRAWN, at, by, note=note)
        self.status, self.watch_at = ComplaintStatus.WITHDRAWN, None
        return ComplaintWithdrawn(
            version=self.version,
            occurred_at=at,
            complaint_id=self.id,
            outlet_id=self.outlet_id,
            sale_id=self.sale_id,
            withdrawn_on=legal_date(at),
        )

    def _clock_fact(self, at: datetime) -> dict[str, Any]:
        return {
            "version": self.version,
            "occurred_at": at,
            "complaint_id": self.id,
            "outlet_id": self.outlet_id,
            "sale_id": self.sale_id,
            "due_on": self.due_on,
            "first_contact_owner": self.first_contact_owner,
        }

    def _must_not_have_ended(self) -> None:
        if self.status in (ComplaintStatus.SETTLED, ComplaintStatus.WITHDRAWN):
            raise ComplaintEnded(reference=self.reference)

    def _append(
        self,
        kind: StepKind,
        at: datetime,
        by: str,
        *,
        outcome: Outcome | None = None,
        told_via: ToldVia | None = None,
        note: str | None = None,
    ) -> None:
        self.version += 1
        self.steps.append(
            Step(
                complaint_id=self.id,
                kind=kind,
                version=self.version,
                at=at,
                by=by,
                outcome=outcome,
                told_via=told_via,
                note=note,
            )
        )
