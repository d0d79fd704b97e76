"""A chargeable service, its announced prices and its reductions (FEE-03, M130, M159).

A price is announced for a first day and replaces what was announced for that day and later. Nothing that was
announced changes: a mistake is announced anew, and what then costs more than was published for its day needs
the notice of FEE-03. Reductions have a first and a last day and are not shortened.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.periods.domain import legal_date
from compliance.rulebook.tariffs import PriceFacts
from compliance.tariff.charges import Standard, Step, reduced
from compliance.tariff.events import PriceAnnounced, ServiceIntroduced, StepStandard, WaiverGranted
from compliance.tariff.prices import Price, first_rise
from compliance.tariff.terms import (
    CustomerGroup,
    DatesInvalid,
    PublicityMismatch,
    Terms,
    Waiver,
    best_terms,
    first_mismatch,
)

_CURRENCY = re.compile(r"[A-Z]{3}")


class Pricing(StrEnum):
    """Who sets the price: the state within its guidance, or the market."""

    GUIDED = "GUIDED"
    MARKET = "MARKET"


class CurrencyInvalid(Invalid):
    """ISO 4217."""

    code = "FEE_CURRENCY_INVALID"
    zh = "币种须为 ISO 4217 代码;请更正。"
    en = "The currency is no ISO 4217 code; correct it."


class StepsInvalid(Invalid):
    """A price says something about each step, and a reduction about steps that there are."""

    code = "FEE_STEPS_INVALID"
    zh = "收费环节不符;请使用不重复的环节代码,价格须涵盖该服务的每个环节。"
    en = "The steps do not fit; name each once, only steps of the service, and in a price all of them."


class ProductLinkUnchanged(Conflict):
    """A link that is there, or is not there, already."""

    code = "FEE_PRODUCT_LINK_UNCHANGED"
    zh = "该产品的收费关联已是所请求的状态;无需变更。"
    en = "The product is linked, or not, as asked already; there is nothing to change."


@dataclass(kw_only=True)
class Publicity:
    """M159: one piece of publicity that was held against the tariff and found right (D1)."""

    id: UUID
    service_id: UUID
    service_version: int
    medium: str
    terms: Terms
    checked_by: str
    checked_at: datetime


@dataclass(kw_only=True)
class ProductLink:
    """The product's sale is charged for by the service, or no longer is, from this record on (D1)."""

    id: UUID
    service_id: UUID
    service_version: int
    product_id: UUID
    charged: bool
    linked_by: str
    linked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Charge:
    """FEE-01: what one step costs a customer: its standard, the reduction that counts, and what is left."""

    step: Step
    standard: Standard
    full_minor: int
    terms: Terms | None
    fee_minor: int


@dataclass
class ChargeableService:
    """The aggregate, and the head that quotes and decisions lock. Code, pricing, currency and steps stay."""

    id: UUID
    version: int
    code: str
    name_zh: str
    name_en: str
    pricing: Pricing
    currency: str
    steps: tuple[Step, ...]
    introduced_by: str
    introduced_at: datetime

    @classmethod
    def introduce(
        cls,
        service_id: UUID,
        *,
        code: str,
        names: tuple[str, str],
        pricing: Pricing,
        currency: str,
        steps: tuple[Step, ...],
        by: str,
        at: datetime,
    ) -> tuple["ChargeableService", ServiceIntroduced]:
        """A new service without a price, at version 1; ``names`` in Chinese and English.

        Raises :class:`CurrencyInvalid`, :class:`StepsInvalid`.
        """
        if _CURRENCY.fullmatch(currency) is None:
            raise CurrencyInvalid(pointer="/currency")
        codes = tuple(step.code for step in steps)
        if not codes or len(set(codes)) < len(codes):
            raise StepsInvalid(pointer="/steps")
        service = cls(service_id, 1, code, *names, pricing, currency, steps, by, at)
        return service, ServiceIntroduced(
            version=1,
            occurred_at=at,
            service_id=service_id,
            code=code,
            pricing=pricing.value,
            currency=currency,
            steps=codes,
        )

    def announce(
        self,
        price_id: UUID,
        *,
        standards: tuple[Standard, ...],
        applies_from: date,
        known: Sequence[Price],
        by: str,
        at: datetime,
    ) -> tuple[Price, PriceFacts, PriceAnnounced]:
        """A price from a day on, and what FEE-03 asks about it. ``known``: all prices announced before.

        Raises :class:`StepsInvalid`, :class:`DatesInvalid`.
        """
        if sorted(one.step for one in standards) != sorted(step.code for step in self.steps):
            raise StepsInvalid(pointer="/standards")
        if applies_from < legal_date(at):
            raise DatesInvalid(pointer="/applies_from")
        self.version += 1
        price = Price(
            id=price_id,
            service_id=self.id,
            service_version=self.version,
            applies_from=applies_from,
            rises_on=None,
            standards=standards,
            announced_by=by,
            announced_at=at,
        )
        price.rises_on = first_rise(price, known)
        facts = PriceFacts(
            announced_on=legal_date(at),
            rises_on=price.rises_on,
            market_priced=self.pricing is Pricing.MARKET,
        )
        fact = PriceAnnounced(
            version=self.version,
            occurred_at=at,
            service_id=self.id,
            price_id=price_id,
            applies_from=applies_from,
            rises_on=price.rises_on,
            currency=self.currency,
            standards=tuple(
                StepStandard(
                    step=one.step,
                    amount_minor=one.amount_minor,
                    rate_bp=one.rate_bp,
                    min_minor=one.min_minor,
                    max_minor=one.max_minor,
                )
                for one in standards
            ),
        )
        return price, facts, fact

    def grant(self, waiver_id: UUID, terms: Terms, *, by: str, at: datetime) -> tuple[Waiver, WaiverGranted]:
        """A reduction from today or later on (M130, M159).

        Raises :class:`StepsInvalid`, :class:`DatesInvalid`.
        """
        self._must_have(terms.steps)
        if terms.starts_on < legal_date(at):
            raise DatesInvalid(pointer="/starts_on")
        self.version += 1
        waiver = Waiver(
            id=waiver_id,
            service_id=self.id,
            service_version=self.version,
            terms=terms,
            granted_by=by,
            granted_at=at,
        )
        return waiver, WaiverGranted(
            version=self.version,
            occurred_at=at,
            service_id=self.id,
            waiver_id=waiver_id,
            customer_group=None if terms.customer_group is None else terms.customer_group.value,
            steps=terms.steps,
            discount_bp=terms.discount_bp,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
        )

    def publicise(
        self,
        publicity_id: UUID,
        *,
        medium: str,
        terms: Terms,
        waivers: Sequence[Waiver],
        by: str,
        at: datetime,
    ) -> Publicity:
        """M159: publicity that promises what the tariff grants, on each of its days.

        Raises :class:`StepsInvalid`, :class:`PublicityMismatch`.
        """
        self._must_have(terms.steps)
        if (day := first_mismatch(terms, waivers)) is not None:
            raise PublicityMismatch(day=day.isoformat(), pointer="/discount_bp")
        self.version += 1
        return Publicity(
            id=publicity_id,
            service_id=self.id,
            service_version=self.version,
            medium=medium,
            terms=terms,
            checked_by=by,
            checked_at=at,
        )

    def link(
        self, link_id: UUID, *, product_id: UUID, charged: bool, present: bool, by: str, at: datetime
    ) -> ProductLink:
        """FEE-01: the sale of a product is charged for by this service, or no longer is.

        Raises :class:`ProductLinkUnchanged` where it is so already (``present``).
        """
        if charged == present:
            raise ProductLinkUnchanged
        self.version += 1
        return ProductLink(
            id=link_id,
            service_id=self.id,
            service_version=self.version,
            product_id=product_id,
            charged=charged,
            linked_by=by,
            linked_at=at,
        )

    def charges(
        self,
        price: Price,
        waivers: Sequence[Waiver],
        *,
        amount_minor: int,
        group: CustomerGroup | None,
        on: date,
    ) -> tuple[Charge, ...]:
        """FEE-01: what each step costs a customer of the group for an amount on a day."""
        found = []
        for step in self.steps:
            standard = price.standard(step.code)
            full = standard.fee(amount_minor)
            terms = best_terms(waivers, group, step.code, on)
            fee = full if terms is None else reduced(full, terms.discount_bp)
            found.append(Charge(step=step, standard=standard, full_minor=full, terms=terms, fee_minor=fee))
        return tuple(found)

    def _must_have(self, steps: tuple[str, ...]) -> None:
        if not steps or len(set(steps)) < len(steps) or not {step.code for step in self.steps} >= set(steps):
            raise StepsInvalid(pointer="/steps")
