"""Facts about partners. Each version of a partner is one fact; all but the exit carry the whole entry.

Days are legal days of Asia/Shanghai; a licence counts through its last day, null while it is open.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.partners.v1"


@dataclass(frozen=True, kw_only=True)
class PartnerEntry:
    """The list's entry of a partner. ``kinds``: of the products that it may supply."""

    code: str
    name: str
    kinds: tuple[str, ...]
    licence_number: str
    authority: str
    licence_from: date
    licence_to: date | None
    state: str
    reviewed_on: date


@dataclass(frozen=True, kw_only=True)
class PartnerAdmitted(Fact, type="compliance.partner.admitted.v1", topic=TOPIC, key="partner_id"):
    """A partner stands on the list, for the first time or again; its products may be admitted."""

    partner_id: UUID
    partner: PartnerEntry


@dataclass(frozen=True, kw_only=True)
class PartnerChanged(Fact, type="compliance.partner.changed.v1", topic=TOPIC, key="partner_id"):
    """What is known about a partner changed; the new entry in full."""

    partner_id: UUID
    partner: PartnerEntry


@dataclass(frozen=True, kw_only=True)
class PartnerReviewed(Fact, type="compliance.partner.reviewed.v1", topic=TOPIC, key="partner_id"):
    """A partner was reviewed: it stays LISTED or is again, or it is SUSPENDED until a later review passes."""

    partner_id: UUID
    passed: bool
    partner: PartnerEntry


@dataclass(frozen=True, kw_only=True)
class PartnerExited(Fact, type="compliance.partner.exited.v1", topic=TOPIC, key="partner_id"):
    """A partner left the list: nothing more of it is sold."""

    partner_id: UUID
    code: str
