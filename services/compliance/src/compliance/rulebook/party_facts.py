"""What the gate knows about whoever takes part in a sale besides its customer and its seller.

People are opaque ids: of a customer where the bank knows one, of an employee on the bank's side. Nobody
declared: the customer acts for himself, with his own money.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.rulebook.customer_facts import AssessmentFacts
from compliance.rulebook.seller_facts import AlertFacts, SellerFacts


class PartyRole(StrEnum):
    """委托人, 代理人, 监护人, 翻译, 联名持有人, 授权签字人; 推介人, 经办人, 转介人, 审批人 of the bank."""

    PRINCIPAL = "PRINCIPAL"
    AGENT = "AGENT"
    GUARDIAN = "GUARDIAN"
    INTERPRETER = "INTERPRETER"
    JOINT_HOLDER = "JOINT_HOLDER"
    SIGNATORY = "SIGNATORY"
    PRESENTER = "PRESENTER"
    OPERATOR = "OPERATOR"
    REFERRER = "REFERRER"
    APPROVER = "APPROVER"


#: The bank's own people; whoever presents a product pitches it.
BANK_ROLES = frozenset({PartyRole.PRESENTER, PartyRole.OPERATOR, PartyRole.REFERRER, PartyRole.APPROVER})

#: Who acts, or speaks, for the customer: nobody does without an authority.
AUTHORISED_ROLES = frozenset(
    {PartyRole.AGENT, PartyRole.GUARDIAN, PartyRole.INTERPRETER, PartyRole.SIGNATORY}
)


class Identification(StrEnum):
    """How somebody was identified: by his document, by asking the issuer, by the bank's register of staff."""

    ID_DOCUMENT = "ID_DOCUMENT"
    ONLINE_CHECK = "ONLINE_CHECK"
    STAFF_REGISTER = "STAFF_REGISTER"


@dataclass(frozen=True, kw_only=True)
class AuthorityFacts:
    """The paper by which somebody acts, its first and its last day; ``product_kinds`` None: for any."""

    document_id: UUID
    product_kinds: tuple[str, ...] | None
    valid_from: date
    valid_until: date


@dataclass(frozen=True, kw_only=True)
class PartyFacts:
    """Somebody who was declared to take part, and identified then; ``authority`` None: he has shown none."""

    party_id: UUID
    role: PartyRole
    person_id: UUID
    authority: AuthorityFacts | None
    identified_by: Identification
    identified_at: datetime


@dataclass(frozen=True, kw_only=True)
class PresenterFacts:
    """A presenter as the register of sellers knows him; None: it does not, or a fact about him is missing."""

    person_id: UUID
    seller: SellerFacts | None
    alerts: tuple[AlertFacts, ...]


@dataclass(frozen=True, kw_only=True)
class HolderFacts:
    """One holder of the joint account, and the assessment that counts for him."""

    customer_id: UUID
    assessment: AssessmentFacts | None


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    """The joint account that pays: ``required`` of its holders take part in whatever is bought."""

    account_id: UUID
    version: int
    closed: bool
    required: int
    holders: tuple[HolderFacts, ...]


@dataclass(frozen=True, kw_only=True)
class ResolutionFacts:
    """What a company's board has resolved: who signs, until when, for how much in all, in minor units.

    ``used_minor``: what logged sales have used of it.
    """

    document_id: UUID
    signatory_id: UUID
    resolved_on: date
    valid_until: date
    limit_minor: int
    currency: str
    used_minor: int


@dataclass(frozen=True, kw_only=True)
class CallBackFacts:
    """The last call-back: whether the customer stood by his purchase; whether nobody who sold it called."""

    at: datetime
    confirmed: bool
    independent: bool


@dataclass(frozen=True, kw_only=True)
class AssistanceFacts:
    """What was done for a customer who needs it; instants of the last of each kind, None: not done."""

    read_aloud_at: datetime | None
    thumbprint_at: datetime | None
    call_back: CallBackFacts | None


@dataclass(frozen=True, kw_only=True)
class PartiesFacts:
    """Everybody who takes part. Of one person in one role the last declaration counts.

    ``on_both_sides``: people, by id, who stand with the customer and with the bank. ``holds_jointly``: the
    customer has a joint account; then the case says whose money it is (``account_stated``), his own where
    ``account_id`` is None.
    """

    declared: tuple[PartyFacts, ...]
    presenters: tuple[PresenterFacts, ...]
    on_both_sides: tuple[UUID, ...]
    holds_jointly: bool
    account_stated: bool
    account_id: UUID | None
    account: AccountFacts | None
    resolutions: tuple[ResolutionFacts, ...]
    assistance: AssistanceFacts

    def of(self, *roles: PartyRole) -> tuple[PartyFacts, ...]:
        """Those who were declared in one of the roles."""
        return tuple(party for party in self.declared if party.role in roles)
