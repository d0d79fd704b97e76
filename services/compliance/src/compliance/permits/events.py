"""Facts about permits, opaque ids only; each change of a permit is one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.events import Example, Fact

TOPIC = "compliance.permits.v1"


@dataclass(frozen=True, kw_only=True)
class PermitIssued(Fact, type="compliance.permit.issued.v1", topic=TOPIC, key="permit_id"):
    """A sale was logged, and one order may be placed on it before ``expires_at``.

    ``token`` is the permit itself: a compact JWS (RFC 7515, Ed25519) whose payload repeats these fields;
    ``key_id`` names the public key. ``amount_minor`` in minor units of ``currency`` (ISO 4217).
    """

    permit_id: UUID
    sale_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    product_version: int
    amount_minor: int
    currency: Annotated[str, Example("CNY")]
    expires_at: datetime
    key_id: Annotated[str, Example("1f2e3d4c")]
    token: Annotated[str, Example("header.payload.signature")]


@dataclass(frozen=True, kw_only=True)
class PermitUsed(Fact, type="compliance.permit.used.v1", topic=TOPIC, key="permit_id"):
    """Core banking takes this order on the permit, and no other one."""

    permit_id: UUID
    sale_id: UUID
    order_id: Annotated[str, Example("O-2026-0000001")]


@dataclass(frozen=True, kw_only=True)
class PermitRevoked(Fact, type="compliance.permit.revoked.v1", topic=TOPIC, key="permit_id"):
    """The sale was reversed before anything was ordered: no order may be placed on the permit."""

    permit_id: UUID
    sale_id: UUID
    reversal_id: UUID
