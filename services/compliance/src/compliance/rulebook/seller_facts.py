"""What the gate knows about whoever sells: home outlet, rights to sell, open alerts. Opaque ids only."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.evidence.domain import gained

#: How far back a decision keeps trainings: no rule may look back further.
TRAINING_MONTHS_MAX = 24


class AlertKind(StrEnum):
    """Of what somebody is suspected who may not sell meanwhile (SAL-02, M136)."""

    OFF_BOOK_SALE_SUSPECTED = "OFF_BOOK_SALE_SUSPECTED"
    ILLEGAL_FUNDRAISING = "ILLEGAL_FUNDRAISING"


@dataclass(frozen=True, kw_only=True)
class QualificationFacts:
    """A right to sell: ``valid_until`` is its last day (None: open), instants say when it was cut short.

    A suspension that has been lifted is no longer stated.
    """

    qualification_id: UUID
    kind: str
    valid_from: date
    valid_until: date | None
    suspended_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TrainingFacts:
    """A training that counts; ``kind`` is that of the course, the day one of ``Asia/Shanghai``."""

    training_id: UUID
    kind: str
    minutes: int
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class PreparationFacts:
    """SAL-10: trainings of the last :data:`TRAINING_MONTHS_MAX` months, and the first day in a selling post.

    ``selling_since`` None: nobody has recorded it. ``bad_records``: the confirmed incidents about him.
    """

    trainings: tuple[TrainingFacts, ...]
    selling_since: date | None
    bad_records: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class SellerFacts:
    """The seller as the staffing register knows him; ``outlet_id`` is his home outlet.

    ``employer`` other than "bank": somebody else's staff (ZON-05). ``preparation``: for SAL-10.
    """

    seller_id: UUID
    outlet_id: UUID
    qualifications: tuple[QualificationFacts, ...]
    employer: str | None = gained()
    preparation: PreparationFacts | None = gained()


@dataclass(frozen=True, kw_only=True)
class AlertFacts:
    """A conduct alert about the seller that nobody has cleared (SAL-02)."""

    alert_id: UUID
    kind: AlertKind
    raised_at: datetime
