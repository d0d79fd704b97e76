"""A permit: one order of exactly what was sold, before it expires. It ends once: used, or revoked.

::

    ISSUED ──order──▶ USED
       └──reversal──▶ REVOKED          EXPIRED: neither, and its time is over
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from chassis.events import to_json
from compliance.evidence.domain import Plain
from compliance.permits.events import PermitIssued, PermitRevoked, PermitUsed


class PermitForged(Conflict):
    """What stands here is not what a key of ours has signed."""

    code = "PERMIT_SIGNATURE_INVALID"
    zh = "许可的签名与内容不符;不得受理订单,请报告管理员。"
    en = "The permit is not what was signed; take no order on it, and tell the operator."


class PermitMismatch(Invalid):
    """The order is about something else than was sold."""

    code = "PERMIT_MISMATCH"
    zh = "订单与许可不符({field});请按许可内容下单,内容有变须重新办理销售。"
    en = "The order differs from the permit ({field}); order what was sold, or sell anew."


class PermitExpired(Conflict):
    """Too late."""

    code = "PERMIT_EXPIRED"
    zh = "许可已于 {expires_at} 失效;请冲正后重新办理销售。"
    en = "The permit expired at {expires_at}; have the sale reversed, and sell anew."


class PermitIsUsed(Conflict):
    """One permit is one order."""

    code = "PERMIT_USED"
    zh = "许可已用于另一订单;一份许可只能受理一笔订单。"
    en = "Another order was taken on this permit; one permit is one order."


class PermitIsRevoked(Conflict):
    """Its sale was reversed."""

    code = "PERMIT_REVOKED"
    zh = "许可所依据的销售已冲正;不得受理订单。"
    en = "The sale of this permit was reversed; take no order on it."


class OrderHasPermit(Conflict):
    """One order is one permit."""

    code = "ORDER_HAS_PERMIT"
    zh = "该订单已使用另一份许可;请核对订单编号。"
    en = "This order was taken on another permit; check its id."


class EndingKind(StrEnum):
    """How a permit ended."""

    USED = "USED"
    REVOKED = "REVOKED"


class PermitState(StrEnum):
    """How it stands at an instant."""

    ISSUED = "ISSUED"
    USED = "USED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """What is ordered: who, which version of which product, how much (minor units)."""

    customer_id: UUID
    product_id: UUID
    product_version: int
    amount_minor: int
    currency: str


@dataclass(kw_only=True)
class PermitEnding:
    """The one end of a permit, with what it was about; ``order_id`` of a use, else ``reversal_id``."""

    permit_id: UUID
    sale_id: UUID
    kind: EndingKind
    order_id: str | None
    reversal_id: UUID | None
    customer_id: UUID
    product_id: UUID
    product_version: int
    amount_minor: int
    currency: str
    expires_at: datetime
    ended_by: str
    ended_at: datetime


@dataclass(kw_only=True)
class Permit:
    """A permit as it was signed; it never changes. ``token`` is the compact JWS under the key ``key_id``."""

    id: UUID
    sale_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    product_version: int
    amount_minor: int
    currency: str
    issued_at: datetime
    expires_at: datetime
    key_id: str
    token: str

    @property
    def about(self) -> Ordered:
        """What may be ordered."""
        return Ordered(**{field.name: getattr(self, field.name) for field in fields(Ordered)})

    def content(self) -> Mapping[str, Plain]:
        """What is signed: every field but the signature's own."""
        return signed_content(
            self.id, self.sale_id, self.outlet_id, self.about, self.issued_at, self.expires_at
        )

    def issued(self) -> PermitIssued:
        """The fact that it exists."""
        return PermitIssued(
            version=1,
            occurred_at=self.issued_at,
            permit_id=self.id,
            sale_id=self.sale_id,
            outlet_id=self.outlet_id,
            customer_id=self.customer_id,
            product_id=self.product_id,
            product_version=self.product_version,
            amount_minor=self.amount_minor,
            currency=self.currency,
            expires_at=self.expires_at,
            key_id=self.key_id,
            token=self.token,
        )

    def state(self, ending: PermitEnding | None, at: datetime) -> PermitState:
        """How it stands at ``at``."""
        if ending is not None:
            return PermitState(ending.kind.value)
        return PermitState.EXPIRED if at >= self.expires_at else PermitState.ISSUED

    def must_permit(self, wanted: Ordered, order_id: str, ending: PermitEnding | None, at: datetime) -> None:
        """Whether this order may be taken at ``at``, or was.

        Raises :class:`PermitIsRevoked`, :class:`PermitIsUsed`, :class:`PermitMismatch`,
        :class:`PermitExpired`.
        """
        if ending is not None and ending.kind is EndingKind.REVOKED:
            raise PermitIsRevoked
        if ending is not None and ending.order_id != order_id:
            raise PermitIsUsed(pointer="/order_id")
        for field in fields(Ordered):
            if getattr(wanted, field.name) != getattr(self, field.name):
                raise PermitMismatch(field=field.name, pointer=f"/{field.name}")
        if ending is None and at >= self.expires_at:
            raise PermitExpired(expires_at=to_json(self.expires_at))

    def use(self, order_id: str, *, by: str, at: datetime) -> tuple[PermitEnding, PermitUsed]:
        """The order is taken; ask :meth:`must_permit` first."""
        fact = PermitUsed(
            version=2, occurred_at=at, permit_id=self.id, sale_id=self.sale_id, order_id=order_id
        )
        return self._end(EndingKind.USED, order_id, None, by, at), fact

    def revoke(self, reversal_id: UUID, *, by: str, at: datetime) -> tuple[PermitEnding, PermitRevoked]:
        """Nothing may be ordered any more."""
        fact = PermitRevoked(
            version=2, occurred_at=at, permit_id=self.id, sale_id=self.sale_id, reversal_id=reversal_id
        )
        return self._end(EndingKind.REVOKED, None, reversal_id, by, at), fact

    def _end(
        self, kind: EndingKind, order_id: str | None, reversal_id: UUID | None, by: str, at: datetime
    ) -> PermitEnding:
        about = {field.name: getattr(self, field.name) for field in fields(Ordered)}
        return PermitEnding(
            permit_id=self.id,
            sale_id=self.sale_id,
            kind=kind,
            order_id=order_id,
            reversal_id=reversal_id,
            **about,
            expires_at=self.expires_at,
            ended_by=by,
            ended_at=at,
        )


def signed_content(
    permit_id: UUID,
    sale_id: UUID,
    outlet_id: UUID,
    about: Ordered,
    issued_at: datetime,
    expires_at: datetime,
) -> Mapping[str, Plain]:
    """The payload of a permit's token, in JSON values."""
    return {
        "permit_id": str(permit_id),
        "sale_id": str(sale_id),
        "outlet_id": str(outlet_id),
        "customer_id": str(about.customer_id),
        "product_id": str(about.product_id),
        "product_version": about.product_version,
        "amount_minor": about.amount_minor,
        "currency": about.currency,
        "issued_at": to_json(issued_at),
        "expires_at": to_json(expires_at),
    }
