"""Facts about complaints: ids, dates and states. No word of the complainant's, and not who complains."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "feedback.complaints.v1"


@dataclass(frozen=True, kw_only=True)
class ComplaintOpened(Fact, type="feedback.complaint.opened.v1", topic=TOPIC, key="complaint_id"):
    """A complaint was received; ``sale_id`` the logged sale that it is about, where it is about one.

    It is to be decided, and the complainant told, through the legal day ``due_on`` of ``regime``.
    ``first_contact_owner`` is the employee's subject at the identity provider.
    """

    complaint_id: UUID
    reference: str
    outlet_id: UUID
    sale_id: UUID | None
    channel: str
    received_at: datetime
    due_on: date
    regime: str
    first_contact_owner: str


@dataclass(frozen=True, kw_only=True)
class ComplaintEscalated(Fact, type="feedback.complaint.escalated.v1", topic=TOPIC, key="complaint_id"):
    """CMP-09: the deadline comes near and the complaint is not decided yet. At most once a complaint."""

    complaint_id: UUID
    outlet_id: UUID
    sale_id: UUID | None
    due_on: date
    first_contact_owner: str


@dataclass(frozen=True, kw_only=True)
class ComplaintOverdue(Fact, type="feedback.complaint.overdue.v1", topic=TOPIC, key="complaint_id"):
    """CMP-09: the last day has passed without a decision. At most once a complaint, and for good."""

    complaint_id: UUID
    outlet_id: UUID
    sale_id: UUID | None
    due_on: date
    first_contact_owner: str


@dataclass(frozen=True, kw_only=True)
class ComplaintDecided(Fact, type="feedback.complaint.decided.v1", topic=TOPIC, key="complaint_id"):
    """The complaint was decided and the complainant told; ``late``: after its last day."""

    complaint_id: UUID
    outlet_id: UUID
    sale_id: UUID | None
    outcome: str
    decided_at: datetime
    late: bool


@dataclass(frozen=True, kw_only=True)
class ComplaintSettled(Fact, type="feedback.complaint.settled.v1", topic=TOPIC, key="complaint_id"):
    """The dispute has ended: a hold for it can be released."""

    complaint_id: UUID
    outlet_id: UUID
    sale_id: UUID | None
    settled_at: datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintWithdrawn(Fact, type="feedback.complaint.withdrawn.v1", topic=TOPIC, key="complaint_id"):
    """CMP-08: the withdrawal was received on the legal day ``withdrawn_on`` and ended the procedure that day.

    The dispute has ended: a hold for it can be released.
    """

    complaint_id: UUID
    outlet_id: UUID
    sale_id: UUID | None
    withdrawn_on: date
