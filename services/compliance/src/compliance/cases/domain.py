"""A sale case: the intention that the gate judges. What is meant does not change; a mistake is a new case.

A refused attempt leaves the case open. It ends with its sale, or without one: its seller gives it up, or its
time is over. What has ended stays so. The case names product, zone and seller as
the seller gives them, listed or not, ready or not: what is wrong with them is the gate's to say.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid
from compliance.cases.events import CaseAbandoned
from compliance.rulebook.facts import EntryMode

#: Amounts stay inside what every JSON reader can hold.
AMOUNT_MINOR_MAX = 2**53 - 1

_CURRENCY = re.compile(r"[A-Z]{3}")


class CaseState(StrEnum):
    """How a case stands: open, ended by its sale, or ended without one."""

    OPEN = "OPEN"
    LOGGED = "LOGGED"
    ABANDONED = "ABANDONED"


class Abandonment(StrEnum):
    """Why a case ended without a sale: its seller says so, or its time was over (CAS-01)."""

    CUSTOMER_DECLINED = "CUSTOMER_DECLINED"
    NOT_SUITABLE = "NOT_SUITABLE"
    REFUSED_AT_GATE = "REFUSED_AT_GATE"
    ENTERED_WRONGLY = "ENTERED_WRONGLY"
    EXPIRED = "EXPIRED"


class Channel(StrEnum):
    """Where the customer buys."""

    OUTLET = "OUTLET"
    SELF_SERVICE = "SELF_SERVICE"


class Transaction(StrEnum):
    """What is meant to happen: the kinds of transaction that a case may have; REDEMPTION takes money out."""

    SUBSCRIPTION = "SUBSCRIPTION"
    TOP_UP = "TOP_UP"
    CONVERSION = "CONVERSION"
    PLAN = "PLAN"
    ROLLOVER = "ROLLOVER"
    REDEMPTION = "REDEMPTION"
    SUCCESSION = "SUCCESSION"


#: The kinds that draw on a holding: of another product, which the case names, or of the same.
FROM_ANOTHER = frozenset({Transaction.CONVERSION, Transaction.ROLLOVER})
FROM_A_HOLDING = FROM_ANOTHER | {Transaction.TOP_UP, Transaction.REDEMPTION}


class CaseIsLogged(Conflict):
    """One case is one sale."""

    code = "CASE_LOGGED"
    zh = "该销售单已登记成交;再次销售请新建销售单。"
    en = "The sale of this case is logged already; open a new case for another sale."


class CaseIsAbandoned(Conflict):
    """What has ended without a sale is not sold any more (CAS-01)."""

    code = "CASE_ABANDONED"
    zh = "该销售单已终止(主动放弃或超过办理期限),不能再办理;请新建销售单。"
    en = "This case has ended without a sale, given up or out of time; open a new case."


class CaseOfOtherSeller(Forbidden):
    """A seller gives up his own cases (ZON-05)."""

    code = "CASE_OF_OTHER_SELLER"
    zh = "只能终止本人建立的销售单;请由建立销售单的销售人员办理。"
    en = "The case belongs to another seller; let the seller who opened it give it up."


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


class SourceProductInvalid(Invalid):
    """A conversion and a rollover come from a product; nothing else does."""

    code = "SOURCE_PRODUCT_INVALID"
    zh = "转换和续期须填写原产品 source_product_id,其他交易不得填写;请更正。"
    en = "A conversion or rollover names its source_product_id, no other transaction does; correct it."


class HoldingNotDrawnOn(Invalid):
    """Only what draws on a holding has an origin."""

    code = "HOLDING_NOT_DRAWN_ON"
    zh = "该类交易不动用持有份额;请不要填写 holding_sale_id。"
    en = "This kind of transaction draws on no holding; leave holding_sale_id out."


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
    ``source_product_id``: what a conversion or rollover comes from. ``holding_sale_id``: the logged sale that
    a holding comes from, where it is known. Raises :class:`SourceProductInvalid`, :class:`HoldingNotDrawnOn`.
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
    transaction: Transaction = Transaction.SUBSCRIPTION
    source_product_id: UUID | None = None
    holding_sale_id: UUID | None = None

    def __post_init__(self) -> None:
        if (self.transaction in FROM_ANOTHER) != (self.source_product_id is not None):
            raise SourceProductInvalid(pointer="/source_product_id")
        if self.holding_sale_id is not None and self.transaction not in FROM_A_HOLDING:
            raise HoldingNotDrawnOn(pointer="/holding_sale_id")


@dataclass
class SaleCase:
    """The aggregate; whoever decides about it locks it last, behind the heads of G1.

    ``sale_id``: what was logged, a sale, or a transaction of a kind that is none. ``expires_at``: the first
    instant at which it is over by itself; None: logged before cases had an end, as is ``ended_at`` then.
    """

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
    transaction: Transaction
    source_product_id: UUID | None
    holding_sale_id: UUID | None
    expires_at: datetime | None
    ended_at: datetime | None
    abandoned_for: Abandonment | None

    @classmethod
    def open(
        cls, case_id: UUID, intention: Intention, *, by: str, at: datetime, expires_at: datetime
    ) -> "SaleCase":
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
            transaction=intention.transaction,
            source_product_id=intention.source_product_id,
            holding_sale_id=intention.holding_sale_id,
            expires_at=expires_at,
            ended_at=None,
            abandoned_for=None,
        )

    @property
    def held_product_id(self) -> UUID | None:
        """The product of the holding that the transaction draws on; None: it draws on none."""
        return (self.source_product_id or self.product_id) if self.transaction in FROM_A_HOLDING else None

    def is_over(self, at: datetime) -> bool:
        """Whether its time is over at ``at``, whatever the clock's job has noticed yet (CAS-01)."""
        return self.state is CaseState.OPEN and self.expires_at is not None and at >= self.expires_at

    def must_be_open(self, at: datetime) -> None:
        """Raises :class:`CaseIsLogged`, :class:`CaseIsAbandoned` also when its time is over at ``at``."""
        if self.state is CaseState.LOGGED:
            raise CaseIsLogged
        if self.state is CaseState.ABANDONED or self.is_over(at):
            raise CaseIsAbandoned

    def touch(self, at: datetime) -> int:
        """G1: something was appended about the open case; answers the version that it made.

        Raises what :meth:`must_be_open` does.
        """
        self.must_be_open(at)
        self.version += 1
        return self.version

    def log(self, sale_id: UUID, at: datetime) -> None:
        """The gate has passed and logs the sale: the case is over. Raises what :meth:`must_be_open` does."""
        self.must_be_open(at)
        self.state, self.sale_id, self.ended_at = CaseState.LOGGED, sale_id, at
        self.version += 1

    def abandon(self, reason: Abandonment, *, by: str, at: datetime) -> CaseAbandoned:
        """Its seller gives it up. Raises :class:`CaseOfOtherSeller`, what :meth:`must_be_open` does."""
        if self.opened_by != by:
            raise CaseOfOtherSeller
        self.must_be_open(at)
        return self._end(reason, at)

    def expire(self, at: datetime) -> CaseAbandoned | None:
        """CAS-01: its time is over; None where it is not, or the case has ended already."""
        return self._end(Abandonment.EXPIRED, at) if self.is_over(at) else None

    def _end(self, reason: Abandonment, at: datetime) -> CaseAbandoned:
        self.state, self.abandoned_for, self.ended_at = CaseState.ABANDONED, reason, at
        self.version += 1
        return CaseAbandoned(
            version=self.version,
            occurred_at=at,
            case_id=self.id,
            session_id=self.session_id,
            outlet_id=self.outlet_id,
            seller_id=self.seller_id,
            product_id=self.product_id,
            customer_id=self.customer_id,
            reason=reason.value,
        )


def check_own_name(registered_subject: str | None, caller: str) -> None:
    """Raises :class:`CaseInForeignName` unless the seller's registered token subject is the caller's."""
    if registered_subject != caller:
        raise CaseInForeignName(pointer="/seller_id")
