"""Facts about applications: opaque ids and codes of the form, no word of the customer."""

from dataclasses import dataclass
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.applications.v1"


@dataclass(frozen=True, kw_only=True)
class ApplicationDecided(Fact, type="compliance.application.decided.v1", topic=TOPIC, key="application_id"):
    """An application came to its end: APPROVED, DECLINED or WITHDRAWN.

    ``orders``: the optional services that the customer chose, each an order of its own; none unless approved.
    """

    application_id: UUID
    form_id: UUID
    customer_id: UUID
    outlet_id: UUID
    outcome: str
    orders: tuple[str, ...]
