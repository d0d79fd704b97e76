"""A quote of what a service costs a customer, his confirmation, the service's record (FEE-01, FEE-02).

A quote holds through the legal day on which it was made, since prices and reductions are dated by the day,
and as long as the tariff still says the same. One quote is one service::

    QUOTED ──the customer confirms──▶ CONFIRMED ──the service is rendered──▶ USED
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.fees.events import ServiceRendered
from compliance.periods.domain import end_of, legal_date
from compliance.rulebook.fee_facts import FeeQuoteFacts
from compliance.tariff.charges import AMOUNT_MINOR_MAX
from compliance.tariff.domain import Charge
from compliance.tariff.prices import Price
from compliance.tariff.terms import CustomerGroup


class QuoteState(StrEnum):
    """A quote is told, confirmed by the customer, and used for one service."""

    QUOTED = "QUOTED"
    CONFIRMED = "CONFIRMED"
    USED = "USED"


class FeeNotDisclosed(Invalid):
    """FEE-01: no quote for this service, customer, outlet and amount."""

    code = "FEE_NOT_DISCLOSED"
    zh = "未向该客户告知本次服务的收费;请先就该客户、该服务和该金额出具报价。"
    en = (
        "The fee was not told for this service; quote it for this customer, service, outlet and amount first."
    )


class FeeNotConfirmed(Invalid):
    """FEE-02."""

    code = "FEE_NOT_CONFIRMED"
    zh = "客户尚未确认收费;请由客户确认报价后再提供服务,不得强制。"
    en = "The customer has not confirmed the fee; serve only after he has, and never force it."


class QuoteExpired(Conflict):
    """A quote holds for its day."""

    code = "FEE_QUOTE_EXPIRED"
    zh = "报价已过有效期;请重新报价并由客户确认。"
    en = "The quote has expired; quote the fee again and let the customer confirm it."


class QuoteOutdated(Conflict):
    """The tariff says something else by now."""

    code = "FEE_QUOTE_OUTDATED"
    zh = "报价后价目有变;请按现行价目重新报价并由客户确认。"
    en = "The tariff has changed since the quote; quote the fee again and let the customer confirm it."


class QuoteIsUsed(Conflict):
    """One quote is one service."""

    code = "FEE_QUOTE_USED"
    zh = "该报价已用于一次服务;再次服务请重新报价。"
    en = "The quote was used for a service already; quote the next one anew."


class QuoteIsConfirmed(Conflict):
    """A quote is confirmed once."""

    code = "FEE_QUOTE_CONFIRMED"
    zh = "该报价已由客户确认;无需再次确认。"
    en = "The customer has confirmed this quote already; there is nothing to confirm again."


class PriceMissing(Conflict):
    """Nothing is charged, and nothing is free, before a price says so."""

    code = "FEE_PRICE_MISSING"
    zh = "该服务当日尚无价格;请先公布价格。"
    en = "The service has no price today; announce one first."


class QuoteCustomerUnknown(Invalid):
    """The customer comes first."""

    code = "FEE_CUSTOMER_UNKNOWN"
    zh = "没有这个客户;请先登记客户。"
    en = "There is no such customer; register the customer first."


class QuoteServiceUnknown(Invalid):
    """What is not in the tariff is not charged for."""

    code = "FEE_SERVICE_UNKNOWN"
    zh = "价目中没有该服务;请核对 service_id。"
    en = "There is no such service in the tariff; check service_id."


class QuoteAmountInvalid(Invalid):
    """Integer minor units."""

    code = "FEE_AMOUNT_INVALID"
    zh = "业务金额须为非负整数(最小货币单位);请更正。"
    en = "The amount is no integer of minor units from 0 on; correct it."


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be rendered to whom and where. ``amount_minor`` in minor units of the service's currency."""

    service_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: int

    def __post_init__(self) -> None:
        if not 0 <= self.amount_minor <= AMOUNT_MINOR_MAX:
            raise QuoteAmountInvalid(pointer="/amount_minor")


@dataclass(kw_only=True)
class Confirmation:
    """FEE-02: the customer confirmed the quote, on record for good (D1)."""

    quote_id: UUID
    customer_version: int
    confirmed_by: str
    confirmed_at: datetime


@dataclass(kw_only=True)
class ServiceRecord:
    """FEE-01: a service was rendered on its quote, on record for good (D1)."""

    id: UUID
    quote_id: UUID
    service_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: int
    fee_minor: int
    currency: str
    rendered_by: str
    rendered_at: datetime


@dataclass(kw_only=True)
class Quote:
    """What was told: each step's standard, reduction and charge. Only ``version`` and ``state`` change.

    ``customer_group``: the group whose reductions were asked for; None: those for everybody.
    """

    id: UUID
    version: int
    service_id: UUID
    price_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: int
    currency: str
    customer_group: CustomerGroup | None
    charges: tuple[Charge, ...]
    fee_minor: int
    state: QuoteState
    quoted_by: str
    quoted_at: datetime
    expires_at: datetime
    confirmation: Confirmation | None = None

    @classmethod
    def tell(
        cls,
        quote_id: UUID,
        request: Request,
        *,
        price: Price,
        charges: tuple[Charge, ...],
        currency: str,
        group: CustomerGroup | None,
        by: str,
        at: datetime,
    ) -> "Quote":
        """A quote at version 1, good through its legal day."""
        return cls(
            id=quote_id,
            version=1,
            service_id=request.service_id,
            price_id=price.id,
            customer_id=request.customer_id,
            outlet_id=request.outlet_id,
            amount_minor=request.amount_minor,
            currency=currency,
            customer_group=group,
            charges=charges,
            fee_minor=sum(charge.fee_minor for charge in charges),
            state=QuoteState.QUOTED,
            quoted_by=by,
            quoted_at=at,
            expires_at=end_of(legal_date(at)),
        )

    @property
    def request(self) -> Request:
        """What it was made for."""
        return Request(
            service_id=self.service_id,
            customer_id=self.customer_id,
            outlet_id=self.outlet_id,
            amount_minor=self.amount_minor,
        )

    @property
    def charged(self) -> bool:
        """FEE-01: whether a fee is charged."""
        return self.fee_minor > 0

    @property
    def confirmed_at(self) -> datetime | None:
        """When the customer confirmed it."""
        return None if self.confirmation is None else self.confirmation.confirmed_at

    def confirm(
        self, present: tuple[Charge, ...] | None, *, customer_version: int, by: str, at: datetime
    ) -> None:
        """FEE-02: the customer agrees. ``present``: what the tariff says now, None without a price.

        Raises :class:`QuoteIsUsed`, :class:`QuoteIsConfirmed`, :class:`QuoteExpired`,
        :class:`QuoteOutdated`.
        """
        if self.state is QuoteState.CONFIRMED:
            raise QuoteIsConfirmed
        self._must_hold(present, at)
        self.state = QuoteState.CONFIRMED
        self.version += 1
        self.confirmation = Confirmation(
            quote_id=self.id, customer_version=customer_version, confirmed_by=by, confirmed_at=at
        )

    def render(
        self, record_id: UUID, request: Request, present: tuple[Charge, ...] | None, *, by: str, at: datetime
    ) -> tuple[ServiceRecord, ServiceRendered]:
        """FEE-01, FEE-02: the service that was quoted is rendered now.

        Raises :class:`FeeNotDisclosed`, :class:`QuoteIsUsed`, :class:`QuoteExpired`,
        :class:`QuoteOutdated`, :class:`FeeNotConfirmed`.
        """
        if request != self.request:
            raise FeeNotDisclosed(pointer="/quote_id")
        self._must_hold(present, at)
        if self.state is not QuoteState.CONFIRMED:
            raise FeeNotConfirmed(pointer="/quote_id")
        self.state = QuoteState.USED
        self.version += 1
        record = ServiceRecord(
            id=record_id,
            quote_id=self.id,
            service_id=self.service_id,
            customer_id=self.customer_id,
            outlet_id=self.outlet_id,
            amount_minor=self.amount_minor,
            fee_minor=self.fee_minor,
            currency=self.currency,
            rendered_by=by,
            rendered_at=at,
        )
        return record, ServiceRendered(
            version=1,
            occurred_at=at,
            record_id=record_id,
            service_id=self.service_id,
            price_id=self.price_id,
            quote_id=self.id,
            customer_id=self.customer_id,
            outlet_id=self.outlet_id,
            amount_minor=self.amount_minor,
            fee_minor=self.fee_minor,
            currency=self.currency,
        )

    def facts(self, present: tuple[Charge, ...] | None) -> FeeQuoteFacts:
        """What the gate may rest on. ``present``: what the tariff says now, None without a price."""
        return FeeQuoteFacts(
            quote_id=self.id,
            customer_id=self.customer_id,
            amount_minor=self.amount_minor,
            currency=self.currency,
            expires_at=self.expires_at,
            confirmed_at=self.confirmed_at,
            current=present == self.charges,
        )

    def _must_hold(self, present: tuple[Charge, ...] | None, at: datetime) -> None:
        if self.state is QuoteState.USED:
            raise QuoteIsUsed
        if at >= self.expires_at:
            raise QuoteExpired
        if present != self.charges:
            raise QuoteOutdated


def offered(quotes: Sequence[Quote], at: datetime) -> Quote | None:
    """Of the unused quotes for one service and amount, oldest first, the one that a sale now would rest on.

    The last that is confirmed and not expired; else the last that is not expired; else the last of all.
    """
    return max(
        quotes,
        key=lambda quote: (at < quote.expires_at, quote.confirmation is not None, quote.id),
        default=None,
    )
