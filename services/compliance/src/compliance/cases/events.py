"""Facts about cases that end without a sale, opaque ids only; one that is sold is told by its sale."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from chassis.events import Example, Fact

TOPIC = "compliance.cases.v1"


@dataclass(frozen=True, kw_only=True)
class CaseAbandoned(Fact, type="compliance.case.abandoned.v1", topic=TOPIC, key="case_id"):
    """A case has ended without a sale, for good; ``reason`` EXPIRED: its time was over (CAS-01).

    ``session_id`` is the customer's visit, whose recordings are kept for a time all the same.
    """

    case_id: UUID
    session_id: UUID
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    reason: Annotated[str, Example("CUSTOMER_DECLINED")]
