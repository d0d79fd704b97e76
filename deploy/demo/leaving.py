"""A customer takes his money out where nothing could be sold: a way out is never barred (ADR 24)."""

from dataclasses import dataclass, field

from deploy.demo.branches import Branch
from deploy.demo.client import Actor
from deploy.demo.ledger import Op
from deploy.demo.sales import Sale
from deploy.demo.shelf import Shelf


@dataclass
class WayOut:
    """The counter at which holdings are redeemed, in a suspended zone without any recorder.

    ``wrong``: what should have come otherwise.
    """

    branch: Branch
    shelf: Shelf
    officer: Actor
    wrong: list[str] = field(default_factory=list)

    async def redeem(self, sale: Sale) -> None:
        """Half of what the sale brought is redeemed."""
        await self._look()
        seller = self.branch.sellers[0]
        money = {"amount_minor": sale.amount_minor // 2, "currency": "CNY"}
        body = {
            "customer_id": sale.customer.id,
            "product_id": sale.product.id,
            "seller_id": seller.employee_id,
            "outlet_id": self.branch.id,
            "zone_id": self.shelf.bare,
            "channel": "OUTLET",
            "transaction": "REDEMPTION",
            "holding_sale_id": sale.id,
            **money,
        }
        ids = {"customer_id": sale.customer.id, "outlet_id": self.branch.id}
        opened = await seller.actor.act(
            Op.CASE_OPEN, "compliance", "/v1/cases", body, ids=ids, learn={"case_id": "id"}
        )
        case = opened.expect("open a redemption")
        done = await seller.actor.act(
            Op.TRANSACTION,
            "compliance",
            f"/v1/cases/{case.body['id']}/transaction",
            {"confirmed": money},
            if_match=case.etag,
            ids=ids | {"case_id": str(case.body["id"]), "holding_sale_id": sale.id},
            learn={
                "transaction_id": "id",
                "decision_id": "decision_id",
                "attempt_id": "attempt_id",
                "kind": "kind",
            },
        )
        if not done.ok:
            self.wrong.append(f"redemption of sale {sale.id}: expected to be logged, came {done}")

    async def _look(self) -> None:
        """Nothing could be sold here: the zone is suspended, and nothing records in it."""
        path = f"/v1/zones/{self.shelf.bare}"
        zone = (await self.officer.get("compliance", path)).expect("zone")
        recorders = await self.officer.everything("compliance", f"{path}/recorders")
        if zone.body["state"] != "SUSPENDED" or recorders:
            self.wrong.append(
                f"zone {self.shelf.bare} is {zone.body['state']}, with {len(recorders)} recorders"
            )
