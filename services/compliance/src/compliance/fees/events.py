"""Facts about charged services."""

from dataclasses import dataclass
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.fees.v1"


@dataclass(frozen=True, kw_only=True)
class ServiceRendered(Fact, type="compliance.service_record.made.v1", topic=TOPIC, key="record_id"):
    """A service was rendered after the customer had confirmed what it costs; 0 is free of charge.

    ``fee_minor`` in minor units of ``currency`` (ISO 4217).
    """

    record_id: UUID
    service_id: UUID
    price_id: UUID
    quote_id: UUID
    customer_id: UUID
    outlet_id: UUID
    amount_minor: int
    fee_minor: int
    currency: str
