"""The fact that a logged sale was reversed, on the topic of its sale."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from chassis.events import Example, Fact


@dataclass(frozen=True, kw_only=True)
class SaleReversed(Fact, type="compliance.sale.reversed.v1", topic="compliance.sales.v1", key="sale_id"):
    """Two officers have reversed the sale; it stands in the books as it was, with this beside it.

    ``amount_minor`` is the sale's amount taken back, so it is negative. ``order_id``: the order that was
    cancelled before; null where nothing had been ordered.
    """

    sale_id: UUID
    reversal_id: UUID
    request_id: UUID
    outlet_id: UUID
    reason: Annotated[str, Example("CUSTOMER_CANCELLED")]
    amount_minor: int
    currency: Annotated[str, Example("CNY")]
    order_id: Annotated[str | None, Example("O-2026-0000001")]
