"""What core banking reports about an order, kept as it was told: in any order, known permit or not (N4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class OrderStep(StrEnum):
    """What happened to the order."""

    PLACED = "PLACED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(kw_only=True)
class OrderReport:
    """One report; amounts in minor units, none of a cancellation. ``source`` and ``fact_id``: the fact's."""

    id: UUID
    source: str
    fact_id: str
    order_id: str
    step: OrderStep
    amount_minor: int | None
    currency: str | None
    reported_at: datetime
