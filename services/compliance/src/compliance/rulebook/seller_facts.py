"""What the gate knows about whoever sells: home outlet, rights to sell, open alerts. Opaque ids only."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.evidence.domain import gained


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
class SellerFacts:
    """The seller as the staffing register knows him; ``outlet_id`` is his home outlet.

    ``employer`` other than "bank": somebody else's staff (ZON-05).
    """

    seller_id: UUID
    outlet_id: UUID
    qualifications: tuple[QualificationFacts, ...]
    employer: str | None = gained()


@dataclass(frozen=True, kw_only=True)
class AlertFacts:
    """A conduct alert about the seller that nobody has cleared (SAL-02)."""

    alert_id: UUID
    kind: AlertKind
    raised_at: datetime
