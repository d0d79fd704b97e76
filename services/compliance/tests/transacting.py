"""Transactions that are no sale, and what a holding comes from, made through REST."""

from typing import Any

import httpx

from chassis.clock import BANK_ZONE
from chassis.ids import new_id
from services.compliance.tests.registers import Json, etag, list_product, ok
from services.compliance.tests.selling import Deal, filmed

#: The kinds that are logged as sales, each with its recording.
SALES = ("SUBSCRIPTION", "TOP_UP", "CONVERSION", "PLAN")
#: The kinds that go without one.
OTHERS = ("ROLLOVER", "REDEMPTION", "SUCCESSION")


async def another_product(deal: Deal, **given: Any) -> Json:
    """Another product on sale, of level 2 unless something else is given."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    body = {"code": f"P-{new_id().hex[-12:]}"} | given
    return await list_product(admin, **body)


async def meant(deal: Deal, kind: str, *, source: Json | None = None, **given: Any) -> Json:
    """A case of this kind, with the product that it comes from where there has to be one."""
    if kind in {"CONVERSION", "ROLLOVER"}:
        source = source or await another_product(deal, bank_risk_level=3)
        given = {"source_product_id": source["id"]} | given
    return await deal.open_case(told=kind in SALES, transaction=kind, **given)


async def consent(deal: Deal, *, given: bool = True) -> httpx.Response:
    """The customer answers whether his holding is rolled over."""
    body = {"given": given, "notice_version": "rollover-2026-1"}
    return await deal.guard("rollover_consent", deal.buyer, body)


async def identify(deal: Deal, subject: str = "head-1") -> httpx.Response:
    """An outlet head identifies the heir."""
    head = deal.kit.client("outlet_head", subject=subject, outlets=(deal.outlet_id,))
    return await deal.guard("heir", head, {"evidence_id": str(new_id())})


async def entitle(deal: Deal, kind: str) -> None:
    """What the kind needs beside its case."""
    if kind == "ROLLOVER":
        ok(await consent(deal))
    if kind == "SUCCESSION":
        ok(await identify(deal))


async def transact(deal: Deal, **given: Any) -> httpx.Response:
    """The seller asks the gate to log the transaction."""
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}"
    version = ok(await deal.seller.get(path))["version"]
    return await deal.seller.post(f"{path}/transaction", json=given, headers=etag(version))


def refused(response: httpx.Response) -> list[tuple[str, str]]:
    """Rule and code of each violation of a recorded refusal; nothing where the gate has logged it."""
    if response.status_code == 201:
        return []
    assert response.status_code == 422, response.text
    body = response.json()
    assert body["code"] in {"SALE_REFUSED", "TRANSACTION_REFUSED"}, body
    for item in body["violations"]:
        assert item["citation"]
        assert set(item["messages"]) == {"zh-CN", "en"}
    return [(item["rule"], item["code"]) for item in body["violations"]]


async def one_of_each_logged(deal: Deal) -> dict[str, str]:
    """The ids of what was logged without being a sale, by the name of the path parameter."""
    await filmed(deal, transaction="PLAN")
    sale = ok(await deal.sell())
    today = deal.kit.clock.now().astimezone(BANK_ZONE).date().isoformat()
    body = {"case_id": sale["case_id"], "rhythm": "MONTHLY", "first_debit_on": today}
    plan = ok(await deal.seller.post("/v1/plans", json=body), 1)
    await meant(deal, "REDEMPTION")
    return {"transaction_id": ok(await transact(deal), 1)["id"], "plan_id": plan["id"]}
