"""Core banking's order desk: it takes an order on a permit alone, which it checks by itself (ADR 26)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.demo.client import Actor, Answer
from deploy.demo.ledger import Op
from deploy.demo.outside import CoreBanking
from deploy.demo.sales import Sale
from deploy.permit_tokens import signed_content

KEYS = "/v1/public/permit_keys"
ORDERED = ("customer_id", "product_id", "product_version", "amount_minor", "currency")


@dataclass(frozen=True)
class Order:
    """An order that was taken, with the ids by which everybody knows it."""

    id: str
    ids: Mapping[str, str]


@dataclass
class OrderDesk:
    """Core banking where it takes orders. ``wrong``: what it should have been told otherwise."""

    clerk: Actor
    bank: CoreBanking
    wrong: list[str] = field(default_factory=list)
    _keys: Sequence[Mapping[str, Any]] = ()

    async def take(self, sale: Sale) -> Order:
        """The order of a sale on its permit, placed and confirmed."""
        order_id = f"O-{uuid.uuid4().hex[:16]}"
        content, ids = await self._permit(sale)
        taken = await self._redeem(content, ids, order_id)
        taken.expect("redeem a permit")
        amount = {name: content[name] for name in ("amount_minor", "currency")}
        for step in ("placed", "confirmed"):
            await self.bank.report(step, order_id, ids, **amount)
        return Order(order_id, ids)

    async def undo(self, order: Order) -> None:
        """The order is cancelled; what was paid goes back."""
        await self.bank.report("cancelled", order.id, dict(order.ids))

    async def try_again(self, sale: Sale, code: str) -> None:
        """An order that the permit of the sale no longer allows, by the code of its refusal."""
        content, ids = await self._permit(sale)
        refused = await self._redeem(content, ids, f"O-{uuid.uuid4().hex[:16]}")
        if refused.code != code:
            self.wrong.append(f"order on the permit of sale {sale.id}: expected {code}, came {refused}")

    async def _permit(self, sale: Sale) -> tuple[Mapping[str, Any], dict[str, str]]:
        """What the permit of a sale says, its signature checked, and its ids."""
        read = (await self.clerk.get("compliance", f"/v1/sales/{sale.id}/permit")).expect("permit")
        content = signed_content(read.body["token"], await self._published())
        ids = {"permit_id": read.body["id"], "sale_id": sale.id, "outlet_id": sale.branch.id}
        return content, ids

    async def _published(self) -> Sequence[Mapping[str, Any]]:
        """The public keys, as everybody reads them: without a token."""
        if not self._keys:

            async def once(_: Mapping[str, str]) -> httpx.Response:
                return await self.clerk.request("compliance", "GET", KEYS, {}, {})

            answer = (await self.clerk.repeat(once)).expect("the keys of permits")
            self.clerk.write(Op.PERMIT_KEYS, answer, request=None, ids=None)
            self._keys = answer.body["keys"]
        return self._keys

    async def _redeem(self, content: Mapping[str, Any], ids: Mapping[str, str], order_id: str) -> Answer:
        return await self.clerk.act(
            Op.PERMIT_REDEEM,
            "compliance",
            f"/v1/permits/{ids['permit_id']}/redemptions",
            {"order_id": order_id} | {name: content[name] for name in ORDERED},
            ids={**ids, "order_id": order_id},
        )
