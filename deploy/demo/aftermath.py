"""What follows a sale: pay-outs; complaints, and the holds that compliance places and releases for them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from deploy.demo.branches import ZONE
from deploy.demo.client import Actor, Answer
from deploy.demo.ledger import Op
from deploy.demo.outside import CoreBanking
from deploy.demo.sales import Sale

WAIT_SECONDS = 120.0
#: How far the first complaints go: the first one to its settlement, the second to its decision.
DECIDED, SETTLED = 2, 1
COMPLAINTS = 3


async def pay_out_some(bank: CoreBanking, sales: Sequence[Sale]) -> None:
    """Pay-outs of sold wealth products: to the first in part and then finally, to the second finally."""
    wealth = [sale for sale in sales if sale.product.kind == "WEALTH"]
    today = datetime.now(ZONE).date()
    for number, sale in enumerate(wealth[:2]):
        if number == 0:
            await bank.pay_out(sale.id, on=today, final=False, amount_minor=1_000_000)
        await bank.pay_out(sale.id, on=today, final=True, amount_minor=4_000_000)


class ComplaintDesk:
    """Customers who complain, and the handler who decides."""

    def __init__(self, handler: Actor, officer: Actor) -> None:
        self._handler = handler
        self._officer = officer

    async def play(self, sales: Sequence[Sale]) -> None:
        """Complaints about the first sales; raises ``TimeoutError`` when a hold does not come or go."""
        for number, sale in enumerate(sales[:COMPLAINTS]):
            await self._complain(sale, decide=number < DECIDED, settle=number < SETTLED)

    async def _complain(self, sale: Sale, *, decide: bool, settle: bool) -> None:
        ids = {"sale_id": sale.id, "outlet_id": sale.branch.id}
        opened = await sale.customer.actor.act(
            Op.COMPLAINT_OPEN,
            "feedback",
            "/v1/complaints",
            {
                "outlet_id": sale.branch.id,
                "sale_id": sale.id,
                "category": "sale",
                "summary": "产品风险说明不清楚。",
            },
            ids=ids,
            learn={"complaint_id": "id", "reference": "reference"},
        )
        complaint = opened.expect("open a complaint").body
        ids |= {"complaint_id": complaint["id"], "reference": complaint["reference"]}
        await self._until_held(sale, complaint["id"], held=True)
        if decide:
            body = {"outcome": "partly_upheld", "told_via": "phone", "findings": "已补充说明。"}
            decided = await self._step(Op.COMPLAINT_DECIDE, ids, "decision", body, opened.etag)
            if settle:
                note = {"note": "双方已达成一致。"}
                await self._step(Op.COMPLAINT_SETTLE, ids, "settlement", note, decided.etag)
                await self._until_held(sale, complaint["id"], held=False)

    async def _step(
        self, op: Op, ids: dict[str, str], what: str, body: dict[str, str], version: int
    ) -> Answer:
        path = f"/v1/complaints/{ids['complaint_id']}/{what}"
        answer = await self._handler.act(op, "feedback", path, body, if_match=version, ids=ids)
        return answer.expect(what)

    async def _until_held(self, sale: Sale, complaint_id: str, *, held: bool) -> None:
        path = f"/v1/recordings/{sale.recording_id}/holds"
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                holds = await self._officer.everything("compliance", path)
                mine = [one for one in holds if one["matter_id"] == complaint_id]
                if mine and all((one["released_at"] is None) is held for one in mine):
                    return
                await asyncio.sleep(0.1)
