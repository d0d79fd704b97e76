"""A partner institution (合作机构) on the bank's list, with its licence and its reviews (AGY-01, -02, -04).

Head office admits it, reviews it periodically and lets it go; what it supplies is sold while it is LISTED::

    admitted ──▶ LISTED ──review fails──▶ SUSPENDED ──review passes──▶ LISTED       any ──exit──▶ EXITED
    EXITED ──admitted again──▶ LISTED
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.partners.events import (
    PartnerAdmitted,
    PartnerChanged,
    PartnerEntry,
    PartnerExited,
    PartnerReviewed,
)
from compliance.periods.domain import legal_date
from compliance.rulebook.facts import Authority, PartnerFacts, PartnerState, ProductKind


class StepKind(StrEnum):
    """How a partner comes to the list, and how it leaves."""

    ADMISSION = "ADMISSION"
    EXIT = "EXIT"


class LicencePeriodInvalid(Invalid):
    """A licence ends after it begins."""

    code = "LICENCE_PERIOD_INVALID"
    zh = "许可证的截止日期早于起始日期;请核对 licence_from 和 licence_to。"
    en = "The licence ends before it begins; check licence_from and licence_to."


class PartnerIsExited(Conflict):
    """Who has left the list comes back by a new admission only."""

    code = "PARTNER_EXITED"
    zh = "合作机构 {code} 已退出名单;如需恢复合作,请重新准入。"
    en = "Partner {code} has left the list; admit it again first."


class PartnerStillListed(Conflict):
    """Who stands on the list needs no admission."""

    code = "PARTNER_STILL_LISTED"
    zh = "合作机构 {code} 仍在名单内;无需重新准入。"
    en = "Partner {code} stands on the list; there is nothing to admit."


@dataclass(frozen=True, kw_only=True)
class PartnerTerms:
    """What is known about a partner. ``licence_to`` is the licence's last day, None: open.

    ``kinds``: of the products that it may supply. Raises :class:`LicencePeriodInvalid`.
    """

    name: str
    kinds: tuple[ProductKind, ...]
    licence_number: str
    authority: Authority
    licence_from: date
    licence_to: date | None

    def __post_init__(self) -> None:
        if self.licence_to is not None and self.licence_to < self.licence_from:
            raise LicencePeriodInvalid(pointer="/licence_to")


@dataclass(frozen=True, kw_only=True)
class ReviewItems:
    """What a review looks at (ours): soundness, its products' conduct, and its help with complaints."""

    is_sound: bool
    products_in_order: bool
    helps_with_complaints: bool

    @property
    def passed(self) -> bool:
        """Whether all of them hold."""
        return all(getattr(self, item.name) for item in fields(self))


@dataclass(kw_only=True)
class PartnerReview:
    """One review, on record for good (D1); it made the partner's version ``partner_version``."""

    id: UUID
    partner_id: UUID
    partner_version: int
    items: ReviewItems
    passed: bool
    findings: str
    reviewed_by: str
    reviewed_at: datetime


@dataclass(kw_only=True)
class PartnerStep:
    """One admission or exit with its reason, on record for good (D1)."""

    id: UUID
    partner_id: UUID
    partner_version: int
    kind: StepKind
    reason: str
    taken_by: str
    taken_at: datetime


@dataclass
class Partner:
    """The aggregate, and the head that a decision locks (G1). Every change is one version and one fact.

    ``reviewed_on`` is the day of the last review that passed, or of the admission.
    """

    id: UUID
    version: int
    code: str
    name: str
    kinds: tuple[ProductKind, ...]
    licence_number: str
    authority: Authority
    licence_from: date
    licence_to: date | None
    state: PartnerState
    reviewed_on: date
    admitted_at: datetime

    @classmethod
    def admit(
        cls,
        partner_id: UUID,
        step_id: UUID,
        *,
        code: str,
        terms: PartnerTerms,
        reason: str,
        by: str,
        at: datetime,
    ) -> tuple["Partner", PartnerStep, PartnerAdmitted]:
        """A new partner on the list, at version 1."""
        partner = cls(
            id=partner_id,
            version=0,
            code=code,
            name=terms.name,
            kinds=terms.kinds,
            licence_number=terms.licence_number,
            authority=terms.authority,
            licence_from=terms.licence_from,
            licence_to=terms.licence_to,
            state=PartnerState.EXITED,
            reviewed_on=legal_date(at),
            admitted_at=at,
        )
        step, fact = partner.admit_again(step_id, reason=reason, by=by, at=at)
        return partner, step, fact

    def admit_again(
        self, step_id: UUID, *, reason: str, by: str, at: datetime
    ) -> tuple[PartnerStep, PartnerAdmitted]:
        """Back on the list. Raises :class:`PartnerStillListed`."""
        if self.state is not PartnerState.EXITED:
            raise PartnerStillListed(code=self.code)
        self.state = PartnerState.LISTED
        self.reviewed_on, self.admitted_at = legal_date(at), at
        step = self._taken(step_id, StepKind.ADMISSION, reason, by, at)
        return step, PartnerAdmitted(
            version=self.version, occurred_at=at, partner_id=self.id, partner=self.entry()
        )

    def change(self, terms: PartnerTerms, *, at: datetime) -> PartnerChanged:
        """Corrects what is known about the partner, as when its licence was renewed.

        Raises :class:`PartnerIsExited`.
        """
        self._must_stand()
        self.name, self.kinds = terms.name, terms.kinds
        self.licence_number, self.authority = terms.licence_number, terms.authority
        self.licence_from, self.licence_to = terms.licence_from, terms.licence_to
        self.version += 1
        return PartnerChanged(version=self.version, occurred_at=at, partner_id=self.id, partner=self.entry())

    def review(
        self, review_id: UUID, items: ReviewItems, *, findings: str, by: str, at: datetime
    ) -> tuple[PartnerReview, PartnerReviewed]:
        """AGY-04: all items keep the partner on the list until the next review, a failing one suspends it.

        Raises :class:`PartnerIsExited`.
        """
        self._must_stand()
        if items.passed:
            self.state, self.reviewed_on = PartnerState.LISTED, legal_date(at)
        else:
            self.state = PartnerState.SUSPENDED
        self.version += 1
        review = PartnerReview(
            id=review_id,
            partner_id=self.id,
            partner_version=self.version,
            items=items,
            passed=items.passed,
            findings=findings,
            reviewed_by=by,
            reviewed_at=at,
        )
        return review, PartnerReviewed(
            version=self.version,
            occurred_at=at,
            partner_id=self.id,
            passed=items.passed,
            partner=self.entry(),
        )

    def exit(self, step_id: UUID, *, reason: str, by: str, at: datetime) -> tuple[PartnerStep, PartnerExited]:
        """Leaves the list. Raises :class:`PartnerIsExited`."""
        self._must_stand()
        self.state = PartnerState.EXITED
        step = self._taken(step_id, StepKind.EXIT, reason, by, at)
        return step, PartnerExited(version=self.version, occurred_at=at, partner_id=self.id, code=self.code)

    def entry(self) -> PartnerEntry:
        """The entry as facts carry it."""
        return PartnerEntry(
            code=self.code,
            name=self.name,
            kinds=tuple(kind.value for kind in self.kinds),
            licence_number=self.licence_number,
            authority=self.authority.value,
            licence_from=self.licence_from,
            licence_to=self.licence_to,
            state=self.state.value,
            reviewed_on=self.reviewed_on,
        )

    def facts(self) -> PartnerFacts:
        """What the gate may rest on."""
        return PartnerFacts(
            partner_id=self.id,
            version=self.version,
            state=self.state,
            kinds=self.kinds,
            authority=self.authority,
            licence_from=self.licence_from,
            licence_to=self.licence_to,
        )

    def _must_stand(self) -> None:
        if self.state is PartnerState.EXITED:
            raise PartnerIsExited(code=self.code)

    def _taken(self, step_id: UUID, kind: StepKind, reason: str, by: str, at: datetime) -> PartnerStep:
        self.version += 1
        return PartnerStep(
            id=step_id,
            partner_id=self.id,
            partner_version=self.version,
            kind=kind,
            reason=reason,
            taken_by=by,
            taken_at=at,
        )
