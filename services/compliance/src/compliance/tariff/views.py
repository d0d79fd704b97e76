"""What the routes of the tariff take and answer."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.errors import Violation
from chassis.events import to_json
from chassis.http.models import Input, Output
from chassis.http.problems import BrokenRule
from compliance.tariff.charges import AMOUNT_MINOR_MAX, FULL_BP, Standard, Step
from compliance.tariff.domain import ChargeableService, Pricing
from compliance.tariff.notices import Publication
from compliance.tariff.prices import Price, published
from compliance.tariff.terms import CustomerGroup, Terms, Waiver

CODE_PATTERN = r"^[A-Za-z0-9._-]+$"
STEPS_MAX = 20

Code = Annotated[str, Field(min_length=1, max_length=32, pattern=CODE_PATTERN)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Minor = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]
BasisPoints = Annotated[int, Field(ge=0, le=FULL_BP)]
Discount = Annotated[int, Field(ge=1, le=FULL_BP)]
StepCodes = Annotated[list[Code], Field(min_length=1, max_length=STEPS_MAX)]


class StepBody(Input):
    """One step of a service that may be charged for."""

    code: Code
    name_zh: Name
    name_en: Name

    def step(self) -> Step:
        """The step as the domain has it."""
        return Step(code=self.code, name_zh=self.name_zh, name_en=self.name_en)


class StandardBody(Input):
    """What a step costs: ``amount_minor`` (0 is free), or ``rate_bp`` of the amount within the bounds."""

    step: Code
    amount_minor: Minor | None = None
    rate_bp: BasisPoints | None = None
    min_minor: Minor | None = None
    max_minor: Minor | None = None

    def standard(self) -> Standard:
        """The standard as the domain has it."""
        return Standard(
            step=self.step,
            amount_minor=self.amount_minor,
            rate_bp=self.rate_bp,
            min_minor=self.min_minor,
            max_minor=self.max_minor,
        )


class TermsBody(Input):
    """A reduction: for whom (null: everybody), of which steps, in basis points, first and last day."""

    name_zh: Name
    name_en: Name
    customer_group: CustomerGroup | None
    steps: StepCodes
    discount_bp: Discount
    starts_on: date
    ends_on: date

    def terms(self) -> Terms:
        """The terms as the domain has them."""
        return Terms(
            name_zh=self.name_zh,
            name_en=self.name_en,
            customer_group=self.customer_group,
            steps=tuple(self.steps),
            discount_bp=self.discount_bp,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


class StepView(Output):
    """One step of a service."""

    code: str
    name_zh: str
    name_en: str


class StandardView(Output):
    """What a step costs: an amount in minor units, or a rate in basis points with bounds."""

    step: str
    amount_minor: int | None
    rate_bp: int | None
    min_minor: int | None
    max_minor: int | None


class TermsView(Output):
    """A reduction with its first and last day. ``relief``: for a special consumer group (M130)."""

    name_zh: str
    name_en: str
    customer_group: CustomerGroup | None
    relief: bool
    steps: list[str]
    discount_bp: int
    starts_on: date
    ends_on: date

    @classmethod
    def of(cls, terms: Terms) -> "TermsView":
        """The view of a reduction."""
        return cls.model_validate(terms)


class ServiceView(Output):
    """A chargeable service; ``pricing``: within the state's guidance, or set by the market."""

    id: UUID
    version: int
    code: str
    name_zh: str
    name_en: str
    pricing: Pricing
    currency: str
    steps: list[StepView]

    @classmethod
    def of(cls, service: ChargeableService) -> "ServiceView":
        """The view of a service."""
        return cls.model_validate(service)


class PriceView(Output):
    """An announced price; ``rises_on``: the first day on which something costs more than was published."""

    id: UUID
    service_version: int
    applies_from: date
    rises_on: date | None
    standards: list[StandardView]
    announced_at: datetime

    @classmethod
    def of(cls, price: Price) -> "PriceView":
        """The view of a price."""
        return cls.model_validate(price)


class PublicPriceView(Output):
    """A price as everybody may see it: what each step costs, from which day on, when it was announced."""

    applies_from: date
    announced_at: datetime
    standards: list[StandardView]

    @classmethod
    def of(cls, price: Price) -> "PublicPriceView":
        """The view of a price."""
        return cls.model_validate(price)


class TariffEntry(Output):
    """A service in the price list of a day: its price (null: none yet), what is announced, reductions."""

    code: str
    name_zh: str
    name_en: str
    pricing: Pricing
    currency: str
    steps: list[StepView]
    price: PublicPriceView | None
    announced: list[PublicPriceView]
    terms: list[TermsView]

    @classmethod
    def of(
        cls, service: ChargeableService, prices: list[Price], waivers: list[Waiver], on: date
    ) -> "TariffEntry":
        """The entry of a service on a day; ``prices`` and ``waivers`` are all that it has."""
        present = published(prices, on)
        later = sorted({price.applies_from for price in prices if price.applies_from > on})
        announced = [(day, published(prices, day)) for day in later]
        return cls(
            **ServiceView.of(service).model_dump(exclude={"id", "version"}),
            price=None if present is None else PublicPriceView.of(present),
            announced=[
                PublicPriceView.of(price)
                for day, price in announced
                if price is not None and price.applies_from == day
            ],
            terms=[TermsView.of(one.terms) for one in waivers if one.terms.runs(on)],
        )


class PublicationView(Output):
    """FEE-04: what an outlet (null: the website) shows and since when; ``flags``: what it lacks."""

    outlet_id: UUID | None
    price_list_since: datetime | None
    complaint_phone: str | None
    complaint_phone_since: datetime | None
    flags: list[BrokenRule]

    @classmethod
    def of(cls, shown: Publication, flags: list[Violation]) -> "PublicationView":
        """The view of a place and what the rules find about it."""
        return cls(
            outlet_id=shown.outlet_id,
            price_list_since=shown.price_list_at,
            complaint_phone=None if shown.notice is None else shown.notice.complaint_phone,
            complaint_phone_since=shown.complaint_phone_at,
            flags=[BrokenRule.model_validate(to_json(flag)) for flag in flags],
        )
