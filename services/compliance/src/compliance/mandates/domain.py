"""Standing mandates: who of a joint account's holders decides, and who signs for a company, for how much.

The holders of an account do not change; other holders are another account. Of its terms, and of a company's
statements about one resolution, the last counts. All of it is on record for good (D1).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Invalid
from compliance.cases.domain import AMOUNT_MINOR_MAX, Money
from compliance.periods.domain import legal_date
from compliance.rulebook.party_facts import AccountFacts, HolderFacts, ResolutionFacts

HOLDERS_MIN, HOLDERS_MAX = 2, 20


class Mandate(StrEnum):
    """Who decides about a joint account: any holder, all of them, or a number of them."""

    ANY = "ANY"
    ALL = "ALL"
    SOME = "SOME"


class HoldersInvalid(Invalid):
    """A joint account is held by several customers."""

    code = "HOLDERS_INVALID"
    zh = "联名账户须有 {least} 至 {most} 名不同的已登记客户;请核对持有人。"
    en = "A joint account has {least} to {most} different holders, all registered customers; check them."


class MandateInvalid(Invalid):
    """A number of holders goes with SOME alone, and lies between one and all."""

    code = "MANDATE_INVALID"
    zh = "仅在“部分持有人”约定下填写人数,且须多于一名、少于全部;请更正。"
    en = "Only SOME names how many holders decide, more than one and less than all; correct it."


class ResolutionInvalid(Invalid):
    """A resolution was made before it is stated, ends after it was made, and allows something."""

    code = "RESOLUTION_INVALID"
    zh = "决议日期不得晚于今天,有效期不得早于决议日期,额度须为正整数;请更正。"
    en = "A resolution is of today or before, ends no earlier and allows an amount; correct it."


@dataclass
class JointAccount:
    """The head that every change of its terms bumps, and that a decision locks (G1)."""

    id: UUID
    version: int

    def touch(self) -> int:
        """G1: terms were appended; answers the version that they made."""
        self.version += 1
        return self.version


@dataclass(kw_only=True)
class JointHolder:
    """One customer who holds the account."""

    account_id: UUID
    customer_id: UUID


@dataclass(kw_only=True)
class AccountTerms:
    """Who decides from now on: ``required`` holders of SOME, else None. ``closed``: nothing is bought."""

    account_id: UUID
    account_version: int
    mandate: Mandate
    required: int | None
    closed: bool
    stated_by: str
    stated_at: datetime

    def wanted(self, holders: int) -> int:
        """How many of so many holders take part in a purchase."""
        return {Mandate.ANY: 1, Mandate.ALL: holders}.get(self.mandate, self.required or holders)


@dataclass(kw_only=True)
class Resolution:
    """One statement about a board's resolution, which made the customer's version ``customer_version``."""

    id: UUID
    customer_id: UUID
    customer_version: int
    document_id: UUID
    signatory_id: UUID
    resolved_on: date
    valid_until: date
    limit_minor: int
    currency: str
    stated_by: str
    stated_at: datetime

    def facts(self, used_minor: int) -> ResolutionFacts:
        """What the gate may rest on; ``used_minor``: what logged sales have used of it."""
        return ResolutionFacts(
            document_id=self.document_id,
            signatory_id=self.signatory_id,
            resolved_on=self.resolved_on,
            valid_until=self.valid_until,
            limit_minor=self.limit_minor,
            currency=self.currency,
            used_minor=used_minor,
        )


def check_holders(holders: Collection[UUID]) -> None:
    """Raises :class:`HoldersInvalid` unless there are several, each named once."""
    if not HOLDERS_MIN <= len(holders) <= HOLDERS_MAX or len(set(holders)) != len(holders):
        raise no_holders()


def no_holders() -> HoldersInvalid:
    """The refusal of holders who are too few, named twice or unknown."""
    return HoldersInvalid(least=HOLDERS_MIN, most=HOLDERS_MAX, pointer="/holders")


def check_mandate(mandate: Mandate, required: int | None, holders: int) -> None:
    """Raises :class:`MandateInvalid`."""
    unnamed = required is None
    if unnamed == (mandate is Mandate.SOME) or not (unnamed or 1 < (required or 0) < holders):
        raise MandateInvalid(pointer="/required")


def check_resolution(
    resolved_on: date, valid_until: date, limit_minor: int, currency: str, at: datetime
) -> None:
    """Raises :class:`ResolutionInvalid`, ``AmountInvalid`` for a currency that is none."""
    if resolved_on > legal_date(at):
        raise ResolutionInvalid(pointer="/resolved_on")
    if valid_until < resolved_on:
        raise ResolutionInvalid(pointer="/valid_until")
    if not 1 <= limit_minor <= AMOUNT_MINOR_MAX:
        raise ResolutionInvalid(pointer="/limit_minor")
    Money(amount_minor=1, currency=currency)


def account_facts(account: JointAccount, terms: AccountTerms, holders: Iterable[HolderFacts]) -> AccountFacts:
    """What the gate may rest on."""
    held = tuple(holders)
    return AccountFacts(
        account_id=account.id,
        version=account.version,
        closed=terms.closed,
        required=terms.wanted(len(held)),
        holders=held,
    )
