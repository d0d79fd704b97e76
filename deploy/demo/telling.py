"""What the customer is told before he buys: the matching opinion and the risks; he acknowledges both."""

from hashlib import sha256

from deploy.demo.client import Actor
from deploy.demo.ledger import Op

#: The document with key attributes and risks that lies on the seller's desk.
DOCUMENT = "产品说明书与风险揭示书 2026-1"


async def tell(seller: Actor, customer: Actor, ids: dict[str, str], *, matched: bool) -> None:
    """Both, told and acknowledged; without an opinion where the product is none that could be matched."""
    if matched:
        await match(seller, customer, ids)
    shown = {"document": DOCUMENT, "sha256": sha256(DOCUMENT.encode()).hexdigest()}
    await _told(seller, customer, ids, "risk_disclosures", Op.DISCLOSURE, shown)


async def match(seller: Actor, customer: Actor, ids: dict[str, str]) -> None:
    """The opinion whether the product suits as it is graded now, told and acknowledged."""
    await _told(seller, customer, ids, "matching_opinions", Op.OPINION, None)


async def _told(
    seller: Actor, customer: Actor, ids: dict[str, str], what: str, op: Op, body: dict[str, str] | None
) -> None:
    path = f"/v1/cases/{ids['case_id']}/{what}"
    told = (await seller.act(op, "compliance", path, body, ids=ids)).expect(what)
    acknowledged = await customer.act(
        Op.ACKNOWLEDGEMENT,
        "compliance",
        f"/v1/{what}/{told.body['id']}/acknowledgement",
        if_match=told.etag,
        ids=ids,
    )
    acknowledged.expect(f"acknowledge {what}")
