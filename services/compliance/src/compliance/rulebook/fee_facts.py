"""What the gate may look at of the fees of a sale (FEE-01, FEE-02)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class FeeQuoteFacts:
    """What the customer was told that a service costs; ``current``: the tariff says the same now."""

    quote_id: UUID
    customer_id: UUID
    amount_minor: int
    currency: str
    expires_at: datetime
    confirmed_at: datetime | None
    current: bool


@dataclass(frozen=True, kw_only=True)
class FeeFacts:
    """A service that the sale of the product is charged for by; ``quote`` None: it was not told for it."""

    service_id: UUID
    quote: FeeQuoteFacts | None
