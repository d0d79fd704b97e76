"""Facts about promotional materials, for those who drive screens and send messages."""

from dataclasses import dataclass
from uuid import UUID

from chassis.events import Fact

TOPIC = "compliance.materials.v1"


@dataclass(frozen=True, kw_only=True)
class MaterialReleased(Fact, type="compliance.material.released.v1", topic=TOPIC, key="material_id"):
    """An approved material may be shown on a channel; ``outlet_id`` null: in the whole bank.

    ``consent_purpose``: of text messages, the purpose to which each receiver has consented; null otherwise.
    """

    material_id: UUID
    outlet_id: UUID | None
    product_id: UUID | None
    channel: str
    consent_purpose: str | None


@dataclass(frozen=True, kw_only=True)
class MaterialWithdrawn(Fact, type="compliance.material.withdrawn.v1", topic=TOPIC, key="material_id"):
    """A material is shown no more, on no channel."""

    material_id: UUID
    outlet_id: UUID | None
    product_id: UUID | None
