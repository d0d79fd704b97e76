"""Facts about the tariff. Amounts in minor units of ``currency`` (ISO 4217), rates in basis points.

Names of services, steps and terms stand in the public price list, not here.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.fees.v1"


@dataclass(frozen=True, kw_only=True)
class StepStandard:
    """What one step costs: an amount, or a rate of the amount with bounds."""

    step: str
    amount_minor: int | None
    rate_bp: int | None
    min_minor: int | None
    max_minor: int | None


@dataclass(frozen=True, kw_only=True)
class ServiceIntroduced(Fact, type="compliance.fee_service.introduced.v1", topic=TOPIC, key="service_id"):
    """A chargeable service stands in the tariff; it has no price yet. ``pricing``: GUIDED or MARKET."""

    service_id: UUID
    code: str
    pricing: str
    currency: str
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PriceAnnounced(Fact, type="compliance.fee_service.price_announced.v1", topic=TOPIC, key="service_id"):
    """A price was announced, in place of all that were announced for its first day and later.

    ``rises_on``: the first day on which something costs more than was published for it, or null.
    """

    service_id: UUID
    price_id: UUID
    applies_from: date
    rises_on: date | None
    currency: str
    standards: tuple[StepStandard, ...]


@dataclass(frozen=True, kw_only=True)
class WaiverGranted(Fact, type="compliance.fee_service.waiver_granted.v1", topic=TOPIC, key="service_id"):
    """A reduction of some steps for a group (null: everybody), from its first day through its last."""

    service_id: UUID
    waiver_id: UUID
    customer_group: str | None
    steps: tuple[str, ...]
    discount_bp: int
    starts_on: date
    ends_on: date
