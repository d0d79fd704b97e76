"""What the tests of publicity send: materials, benchmarks, campaigns, and the calls that make them."""

from typing import Any

import httpx

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, etag, ok

CAVEAT = "业绩比较基准不是预期收益率,不构成收益承诺。"


def material_body(product_id: str | None, **given: Any) -> Json:
    """A leaflet and website text about a wealth product, with nothing wrong in it."""
    body = {
        "outlet_id": None,
        "product_id": product_id,
        "channels": ["LEAFLET", "WEBSITE"],
        "title": "稳健增利180天",
        "text": "固定收益类产品,非保本浮动收益。理财非存款、产品有风险、投资须谨慎。",
        "features": "封闭式,期限180天,投资于债券。",
        "risks": "风险等级R2;不保证本金和收益,净值可能下跌。",
        "declared_kind": "WEALTH",
    }
    return body | given


def benchmark_shown(**given: Any) -> Json:
    """A benchmark as a material shows it, in full."""
    body = {
        "value": "2.80%-3.40%",
        "reason": "与投资范围和期限相符",
        "basis": "中债综合指数",
        "method": "按持仓比例加权",
        "caveat": CAVEAT,
        "caveat_beside": True,
    }
    return body | given


def benchmark_body(**given: Any) -> Json:
    """A benchmark as it is proposed."""
    body = {
        "value": "2.80%-3.40%",
        "reason": "与投资范围和期限相符",
        "basis": "中债综合指数",
        "method": None,
        "change_reason": None,
    }
    return body | given


def campaign_body(**given: Any) -> Json:
    """Points of card purchases for gifts of a supermarket, tied to no product."""
    body = {
        "outlet_id": None,
        "name": "积分换礼",
        "partner": "城市超市",
        "partner_kind": "MERCHANT",
        "incentives": ["POINTS_FOR_GIFTS", "INSTALMENTS"],
        "kinds": [],
        "terms": "信用卡消费积分可兑换礼品,消费可分期付款。",
        "starts_on": "2026-03-01",
        "ends_on": "2026-03-31",
    }
    return body | given


def innovation_body(**given: Any) -> Json:
    """Tablets in the queue, with one risk under control."""
    body = {
        "outlet_id": None,
        "title": "Tablets in the queue",
        "description": "Visitors fill in forms while they wait.",
        "risks": [{"risk": "Somebody looks on", "control": "Screens are shielded"}],
        "waives": [],
    }
    return body | given


async def submit(caller: Caller, product_id: str | None, **given: Any) -> httpx.Response:
    """The answer to a material."""
    return await caller.post("/v1/materials", json=material_body(product_id, **given))


async def approve(officer: Caller, path: str, version: int = 1) -> Json:
    """What the officer approves."""
    return ok(await officer.post(f"{path}/approval", json={"note": None}, headers=etag(version)), version + 1)


async def released(
    admin: Caller, officer: Caller, product_id: str | None, channel: str, **given: Any
) -> httpx.Response:
    """The answer to the release of a material that was submitted and approved."""
    material = ok(await submit(admin, product_id, **given), 1)
    path = f"/v1/materials/{material['id']}"
    await approve(officer, path)
    return await admin.post(f"{path}/releases", json={"channel": channel}, headers=etag(2))


async def measured(admin: Caller, officer: Caller, product_id: str, **given: Any) -> Json:
    """An approved benchmark of the product."""
    proposed = ok(await admin.post(f"/v1/products/{product_id}/benchmarks", json=benchmark_body(**given)), 1)
    return await approve(officer, f"/v1/benchmarks/{proposed['id']}")


def violations(response: httpx.Response) -> list[tuple[str, str]]:
    """Rule and code of each broken rule; fails the test unless the refusal is on record, in two languages."""
    assert response.status_code == 422, response.text
    body = response.json()
    assert body["record"]["id"]
    for one in body["violations"]:
        assert one["citation"]
        assert set(one["messages"]) == {"zh-CN", "en"}
    return [(one["rule"], one["code"]) for one in body["violations"]]


async def graded(admin: Caller, product: Json, level: int) -> Json:
    """The product, graded anew by the bank."""
    body = {"issuer_risk_level": None, "bank_risk_level": level, "reason": "Markets fell"}
    path = f"/v1/products/{product['id']}/risk_levels"
    return ok(await admin.post(path, json=body, headers=etag(product["version"])))


async def one_of_each_shown(kit: ServiceKit, outlet_id: str, product_id: str) -> dict[str, str]:
    """The ids of a benchmark, a campaign, a material, a notice and a proposal, by path parameter."""
    admin = kit.client("product_admin", subject="admin-1")
    proposed = await admin.post(f"/v1/products/{product_id}/benchmarks", json=benchmark_body())
    campaign = await admin.post("/v1/campaigns", json=campaign_body(outlet_id=outlet_id))
    material = await submit(admin, product_id, outlet_id=outlet_id)
    innovation = await admin.post("/v1/innovations", json=innovation_body(outlet_id=outlet_id))
    await graded(admin, ok(await admin.get(f"/v1/products/{product_id}")), 1)
    (notice,) = ok(await admin.get("/v1/risk_notices", params={"product_id": product_id}))["items"]
    return {
        "benchmark_id": ok(proposed)["id"],
        "campaign_id": ok(campaign)["id"],
        "material_id": ok(material)["id"],
        "innovation_id": ok(innovation)["id"],
        "risk_notice_id": notice["id"],
    }
