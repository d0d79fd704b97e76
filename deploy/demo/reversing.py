"""Two officers take a logged sale back: one asks, another approves; the sale itself stays (ADR 26)."""

import asyncio
from dataclasses import dataclass, field

from deploy.demo.client import Actor, Answer
from deploy.demo.ledger import Op
from deploy.demo.sales import Sale

WAIT_SECONDS = 120.0
OWN, NOT_YET = "REVIEWER_IS_AUTHOR", "ORDER_NOT_CANCELLED"


@dataclass
class Officers:
    """Who asks, and who approves. ``wrong``: what they should have been told otherwise."""

    asking: Actor
    approving: Actor
    wrong: list[str] = field(default_factory=list)

    async def reverse(self, sale: Sale) -> None:
        """Takes the sale back, as soon as its order is known to be cancelled; nobody approves his own."""
        ids = {"sale_id": sale.id, "outlet_id": sale.branch.id}
        asked = await self.asking.act(
            Op.REVERSAL_REQUEST,
            "compliance",
            f"/v1/sales/{sale.id}/reversal_requests",
            {"reason": "CUSTOMER_CANCELLED"},
            ids=ids,
            learn={"request_id": "id"},
        )
        request = asked.expect("ask for a reversal")
        ids["request_id"] = str(request.body["id"])
        own = await self._approve(self.asking, ids, request.etag)
        if own.code != OWN:
            self.wrong.append(f"reversal of sale {sale.id}: approved by who asked, came {own}")
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                approved = await self._approve(self.approving, ids, request.etag)
                if approved.code != NOT_YET:
                    break
                await asyncio.sleep(0.1)
        approved.expect("approve a reversal")

    async def _approve(self, officer: Actor, ids: dict[str, str], version: int) -> Answer:
        return await officer.act(
            Op.REVERSAL_APPROVE,
            "compliance",
            f"/v1/reversal_requests/{ids['request_id']}/approval",
            if_match=version,
            ids=ids,
            learn={"reversal_id": "reversal_id"},
            unwritten=frozenset({NOT_YET}),
        )
