"""A sale case: the intention that the gate judges. What is meant does not change; a mistake is a new case.

A refused attempt leaves the case open; only a logged sale ends it. The case names product, zone and seller as
the seller gives them, listed or not, ready or not: what is wrong with them is the gate's to say.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid
from compliance.rulebook.facts import EntryMode

#: Amounts stay inside what every JSON reader can hold.
AMOUNT_MINOR_MAX = 2**53 - 1

_CURRENCY = re.compile(r"[A-Z]{3}")


class CaseState(StrEnum):
    """A case is open until its sale is logged."""

    OPEN = "OPEN"
    LOGGED = "LOGGED"


class Channel(StrEnum):
    """Where the customer buys."""

    OUTLET = "OUTLET"
    SELF_SERVICE = "SELF_SERVICE"


class CaseIsLogged(Conflict):
    """One case is one sale."""

    code = "CASE_LOGGED"
    zh = "该销售单已登记成交;再次销售请新建销售单。"
    en = "The sale of this case is logged already; open a new case for another sale."


class CaseInForeignName(Forbidden):
    """A seller opens cases in his own name (ZON-05)."""

    code = "CASE_IN_FOREIGN_NAME"
    zh = "只能以本人名义建立销售单;请核对 seller_id。"
    en = "A case is opened in one's own name only; check seller_id."


class CaseCustomerUnknown(Invalid):
    """The customer comes first."""

    code = "CASE_CUSTOMER_UNKNOWN"
    zh = "没有这个客户;请先登记客户。"
    en = "There is no such customer; register the customer first."


class AmountInvalid(Invalid):
    """Integer minor units and an ISO 4217 code."""

    code = "AMOUNT_INVALID"
    zh = "金额须为正整数(最小货币单位),币种须为 ISO 4217 代码;请更正。"
    en = "The amount is no positive integer of minor units, or the currency no ISO 4217 code; correct them."


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in integer minor units of a currency (ISO 4217)."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if not 1 <= self.amount_minor <= AMOUNT_MINOR_MAX:
            raise AmountInvalid(pointer="/amount_minor")
        if _CURRENCY.fullmatch(self.currency) is None:
            raise AmountInvalid(pointer="/currency")


@dataclass(frozen=True, kw_only=True)
class Intention:
    """What is meant to be sold. ``session_id`` is the customer's visit: its sales may share one recording.

    ``zone_id`` None: outside any zone, which the gate refuses (ZON-01). ``staff_assisted`` and
    ``risk_page_shown``: what a self-service terminal tells, None where it does not (ZON-08).
    """

    session_id: UUID
    customer_id: UUID
    product_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    channel: Channel
    entry_mode: EntryMode
    money: Money
    staff_assisted: bool | None = None
    risk_page_shown: bool | None = None


@dataclass
class SaleCase:
    """The aggregate; whoever decides about it locks it last, behind the heads of G1."""

    id: UUID
    version: int
    session_id: UUID
    customer_id: UUID
    product_id: UUID
    seller_id: UUID
    outlet_id: UUID
    zone_id: UUID | None
    channel: Channel
    amount_minor: int
    currency: str
    state: CaseState
    opened_by: str
    opened_at: datetime
    sale_id: UUID | None
    staff_assisted: bool | None
    risk_page_shown: bool | None
    entry_mode: EntryMode

    @classmethod
    def open(cls, case_id: UUID, intention: Intention, *, by: str, at: datetime) -> "SaleCase":
        """A new case at version 1; ``by`` is the subject of the seller's token."""
        return cls(
            id=case_id,
            version=1,
            session_id=intention.session_id,
            customer_id=intention.customer_id,
            product_id=intention.product_id,
            seller_id=intention.seller_id,
            outlet_id=intention.outlet_id,
            zone_id=intention.zone_id,
            channel=intention.channel,
            amount_minor=intention.money.amount_minor,
            currency=intention.money.currency,
            state=CaseState.OPEN,
            opened_by=by,
            opened_at=at,
            sale_id=None,
            staff_assisted=intention.staff_assisted,
            risk_page_shown=intention.risk_page_shown,
            entry_mode=intention.entry_mode,
        )

    def must_be_open(self) -> None:
        """Raises :class:`CaseIsLogged`."""
        if self.state is not CaseState.OPEN:
            raise CaseIsLogged

    def touch(self) -> int:
        """G1: something was appended about the open case; answers the version that it made.

        Raises :class:`CaseIsLogged`.
        """
        self.must_be_open()
        self.version += 1
        return self.version

    def log(self, sale_id: UUID) -> None:
        """The gate has passed and logs the sale: the case is over. Raises :class:`CaseIsLogged`."""
        self.must_be_open()
        self.state, self.sale_id = CaseState.LOGGED, sale_id
        self.version += 1


def check_own_name(registered_subject: str | None, caller: str) -> None:
    """Raises :class:`CaseInForeignName` unless the seller's registered token subject is the caller's."""
    if registered_subject != caller:
        raise CaseInForeignName(pointer="/seller_id")
