"""Facts about products. Listed and changed carry the whole entry, so that others need no call back.

Risk levels run from 1 to 5; the effective one is the higher of issuer's and bank's (PRD-08), null while
neither is known.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.products.v1"


@dataclass(frozen=True, kw_only=True)
class ProductEntry:
    """The registry's entry of a product. ``term_months`` null: open, or not known.

    ``partner_id``: who supplies an agency product, null while nobody is named.
    """

    code: str
    name: str
    issuer: str
    origin: str
    kind: str
    form: str
    offering: str
    term_months: int | None
    issuer_risk_level: int | None
    bank_risk_level: int | None
    effective_risk_level: int | None
    status: str
    partner_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ProductListed(Fact, type="compliance.product.listed.v1", topic=TOPIC, key="product_id"):
    """A product stands in the registry and may be sold from now on."""

    product_id: UUID
    product: ProductEntry


@dataclass(frozen=True, kw_only=True)
class ProductChanged(Fact, type="compliance.product.changed.v1", topic=TOPIC, key="product_id"):
    """What describes a product changed; the new entry in full."""

    product_id: UUID
    product: ProductEntry


@dataclass(frozen=True, kw_only=True)
class ProductRiskChanged(Fact, type="compliance.product.risk_changed.v1", topic=TOPIC, key="product_id"):
    """A product was graded anew: holders are told in time (PRD-03), open orders matched again (PRD-08)."""

    product_id: UUID
    code: str
    issuer_risk_level: int | None
    bank_risk_level: int | None
    effective_risk_level: int | None
    previous_risk_level: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductWithdrawn(Fact, type="compliance.product.withdrawn.v1", topic=TOPIC, key="product_id"):
    """A product is no longer sold: EXISTING while it still runs, ENDED once it is over."""

    product_id: UUID
    code: str
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductExamined(Fact, type="compliance.product.examined.v1", topic=TOPIC, key="product_id"):
    """Due diligence about an agency product and its partner is done; approvals follow."""

    product_id: UUID
    partner_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductApproved(Fact, type="compliance.product.approved.v1", topic=TOPIC, key="product_id"):
    """An agency product was approved at a level; ``admitted``: nothing is lacking any more."""

    product_id: UUID
    level: str
    admitted: bool


@dataclass(frozen=True, kw_only=True)
class ProductRejected(Fact, type="compliance.product.rejected.v1", topic=TOPIC, key="product_id"):
    """An agency product was rejected at a level; it is not sold until it was examined and approved anew."""

    product_id: UUID
    level: str


@dataclass(frozen=True, kw_only=True)
class ProductScripted(Fact, type="compliance.product.scripted.v1", topic=TOPIC, key="product_id"):
    """A key point of the product's recordings (REC-02) is spoken by another document, with this SHA-256."""

    product_id: UUID
    segment: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ProductWindowSet(Fact, type="compliance.product.window_set.v1", topic=TOPIC, key="product_id"):
    """When the product is offered: from an instant on, until before another; null: without that end."""

    product_id: UUID
    offered_from: datetime | None
    offered_until: datetime | None
