"""Who takes part in a case, whose money it is, and what was done for a customer who needs help.

Each is a record of its own (D1) and bumps the case (G1). Whoever was declared stays declared: of one person
in one role the last declaration counts, and a wrong person is a new case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Invalid
from compliance.cases.domain import SaleCase
from compliance.rulebook.party_facts import (
    AUTHORISED_ROLES,
    BANK_ROLES,
    AssistanceFacts,
    AuthorityFacts,
    CallBackFacts,
    Identification,
    PartyFacts,
    PartyRole,
)

#: Who speaks for the bank in a sale; an approver has nothing of it.
SELLING_ROLES = BANK_ROLES - {PartyRole.APPROVER}


class AssistanceKind(StrEnum):
    """What was done for a customer who needs it."""

    READING_ALOUD = "READING_ALOUD"
    THUMBPRINT = "THUMBPRINT"
    CALL_BACK = "CALL_BACK"


class PartyRoleUnfit(Invalid):
    """The principal is the case's customer; nobody else is."""

    code = "PARTY_ROLE_UNFIT"
    zh = "委托人须为本销售单的客户,其他角色不得为该客户本人;请核对角色和人员。"
    en = "The principal is the customer of the case, and nobody else is; check the role and the person."


class IdentificationUnfit(Invalid):
    """The bank knows its own people; everybody else shows a document."""

    code = "IDENTIFICATION_UNFIT"
    zh = "银行人员以人员登记识别,其他人员以证件或联网核查识别;请更正识别方式。"
    en = "That identification does not fit; identify staff by their register, others by a document."


class AuthorityInvalid(Invalid):
    """An authority is of somebody who acts for the customer, and ends no earlier than it begins."""

    code = "AUTHORITY_INVALID"
    zh = "授权仅适用于代理人、监护人、翻译和授权签字人,且到期日不得早于生效日;请更正。"
    en = "This role takes no authority, or it ends before it begins; give one to who acts for another."


class AccountOfOthers(Invalid):
    """What pays is the customer's own, or an account that he holds."""

    code = "ACCOUNT_OF_OTHERS"
    zh = "该客户没有这个联名账户;请核对账户。"
    en = "The customer holds no such joint account; check the account."


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """Somebody who takes part: an opaque id, how he was identified just now, and by what he acts."""

    role: PartyRole
    person_id: UUID
    identified_by: Identification
    authority: AuthorityFacts | None

    def check(self, case: SaleCase) -> None:
        """Raises :class:`PartyRoleUnfit`, :class:`IdentificationUnfit`, :class:`AuthorityInvalid`."""
        if (self.role is PartyRole.PRINCIPAL) != (self.person_id == case.customer_id):
            raise PartyRoleUnfit(pointer="/person_id")
        known = self.identified_by is Identification.STAFF_REGISTER
        if known != (self.role in BANK_ROLES):
            raise IdentificationUnfit(pointer="/identified_by")
        authority = self.authority
        if authority is None:
            return
        if self.role not in AUTHORISED_ROLES or authority.valid_until < authority.valid_from:
            raise AuthorityInvalid(pointer="/authority")


@dataclass(kw_only=True)
class Party:
    """One declaration, which made the case's version ``case_version``."""

    id: UUID
    case_id: UUID
    case_version: int
    role: PartyRole
    person_id: UUID
    authority_id: UUID | None
    product_kinds: tuple[str, ...] | None
    valid_from: date | None
    valid_until: date | None
    identified_by: Identification
    declared_by: str
    identified_at: datetime

    @classmethod
    def declare(
        cls, party_id: UUID, case: SaleCase, declared: Declaration, *, by: str, at: datetime
    ) -> "Party":
        """The record about the open case. Raises what :meth:`Declaration.check` and its ``touch`` do."""
        declared.check(case)
        authority = declared.authority
        return cls(
            id=party_id,
            case_id=case.id,
            case_version=case.touch(at),
            role=declared.role,
            person_id=declared.person_id,
            authority_id=None if authority is None else authority.document_id,
            product_kinds=None if authority is None else authority.product_kinds,
            valid_from=None if authority is None else authority.valid_from,
            valid_until=None if authority is None else authority.valid_until,
            identified_by=declared.identified_by,
            declared_by=by,
            identified_at=at,
        )

    @property
    def authority(self) -> AuthorityFacts | None:
        """By what he acts; None: he has shown nothing."""
        if self.authority_id is None or self.valid_from is None or self.valid_until is None:
            return None
        return AuthorityFacts(
            document_id=self.authority_id,
            product_kinds=self.product_kinds,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )

    def facts(self) -> PartyFacts:
        """What the gate may rest on."""
        return PartyFacts(
            party_id=self.id,
            role=self.role,
            person_id=self.person_id,
            authority=self.authority,
            identified_by=self.identified_by,
            identified_at=self.identified_at,
        )


@dataclass(kw_only=True)
class CaseAccount:
    """Whose money it is: a joint account's, or the customer's own (``account_id`` None)."""

    id: UUID
    case_id: UUID
    case_version: int
    account_id: UUID | None
    stated_by: str
    stated_at: datetime


@dataclass(kw_only=True)
class Assistance:
    """What was done; ``evidence_id``: the image of a thumbprint, ``confirmed``: the answer to a call-back."""

    id: UUID
    case_id: UUID
    case_version: int
    kind: AssistanceKind
    evidence_id: UUID | None
    confirmed: bool | None
    recorded_by: str
    recorded_at: datetime


def standing(parties: Iterable[Party]) -> tuple[Party, ...]:
    """Who takes part, of declarations oldest first: of one person in one role the last."""
    return tuple({(party.role, party.person_id): party for party in parties}.values())


def people(parties: Iterable[Party], *, of_bank: bool) -> frozenset[UUID]:
    """The ids of the bank's people, or of all others."""
    return frozenset(party.person_id for party in parties if (party.role in BANK_ROLES) == of_bank)


def assistance_facts(done: Sequence[Assistance], sold_by: frozenset[str] | None) -> AssistanceFacts:
    """What the gate may rest on, of records oldest first: of each kind the last.

    ``sold_by``: the subjects of everybody who sold; None: not all of them are known, so nobody counts as
    independent.
    """
    last = {one.kind: one for one in done}
    read, thumb = last.get(AssistanceKind.READING_ALOUD), last.get(AssistanceKind.THUMBPRINT)
    call = last.get(AssistanceKind.CALL_BACK)
    return AssistanceFacts(
        read_aloud_at=None if read is None else read.recorded_at,
        thumbprint_at=None if thumb is None else thumb.recorded_at,
        call_back=None
        if call is None
        else CallBackFacts(
            at=call.recorded_at,
            confirmed=call.confirmed is True,
            independent=sold_by is not None and call.recorded_by not in sold_by,
        ),
    )
