"""Facts about what outlets may do, keyed by the outlet."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.events import Example, Fact

TOPIC = "compliance.outlets.v1"


@dataclass(frozen=True, kw_only=True)
class OutletCapabilityGranted(
    Fact, type="compliance.outlet_capability.granted.v1", topic=TOPIC, key="outlet_id"
):
    """An outlet may sell by this capability; ``valid_until`` is the last day of it, null = open.

    ``decision`` is the SHA-256 of the decision that it rests on.
    """

    outlet_id: UUID
    check_id: UUID
    capability: Annotated[str, Example("WEALTH_SALE")]
    policy_profile: Annotated[str, Example("RURAL_PHASED")]
    valid_until: date | None
    decision: str
