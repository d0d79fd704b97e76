"""Questions about what a product is: answered from the registry, logged without a word about who asks."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, admit, admit_product, etag, list_product, ok, refusal

PHONE = "13900001111"


async def ask(kit: ServiceKit, code: str, **given: Any) -> Json:
    return ok(await kit.client().post("/v1/public/product_enquiries", json={"code": code, **given}))


@pytest.mark.mechanism("M139")
async def test_the_registry_answers_what_a_product_is(kit: ServiceKit, admin: Caller) -> None:
    partner = await admit(admin, kinds=["WEALTH"])
    product = await list_product(
        admin, origin="AGENCY", issuer="Sun Fund", issuer_risk_level=3, partner_id=partner["id"]
    )
    answer = await ask(kit, product["code"])
    assert answer["answer"] == "NOT_ADMITTED", "an agency product is admitted first (AGY-05)"
    assert all(
        word in answer["messages"][tongue] for tongue, word in (("zh-CN", "不得销售"), ("en", "not admitted"))
    )
    admitted = await admit_product(kit, product, resolution="2026-7")
    answer = await ask(kit, product["code"], channel="HOTLINE")
    assert {name: answer[name] for name in ("answer", "code", "issuer", "origin", "kind", "risk_level")} == {
        "answer": "MAY_BE_SOLD",
        "code": product["code"],
        "issuer": "Sun Fund",
        "origin": "AGENCY",
        "kind": "WEALTH",
        "risk_level": 3,
    }
    assert "代销" in answer["messages"]["zh-CN"]
    assert "R3" in answer["messages"]["en"]
    body = {"status": "EXISTING", "reason": "Sold out"}
    path, version = f"/v1/products/{product['id']}/withdrawal", admitted["version"]
    ok(await admin.post(path, json=body, headers=etag(version)))
    answer = await ask(kit, product["code"])
    assert (answer["answer"], answer["status"]) == ("NO_LONGER_SOLD", "EXISTING")
    own = await list_product(admin, code="OWN-1", bank_risk_level=None)
    assert "自有" in (await ask(kit, own["code"]))["messages"]["zh-CN"]


@pytest.mark.mechanism("M139")
async def test_what_is_not_listed_must_not_be_sold_and_what_was_typed_is_not_kept(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    product = await list_product(admin)
    for _ in range(2):
        await ask(kit, product["code"], channel="APP")
    answer = await ask(kit, PHONE, channel="APP")
    assert (answer["answer"], answer["code"], answer["name"]) == ("NOT_LISTED", None, None)
    assert "不得销售" in answer["messages"]["zh-CN"]
    async with kit.sessions() as session:
        kept = await session.scalar(text("SELECT string_agg(e::text, ';') FROM product_enquiries e"))
    assert kept.count(";") == 2
    assert PHONE not in kept
    counts = ok(await officer.get("/v1/product_enquiries"))["items"]
    assert [(one["product_code"], one["answer"], one["enquiries"]) for one in counts] == [
        (None, "NOT_LISTED", 1),
        (product["code"], "MAY_BE_SOLD", 2),
    ]
    assert {(one["asked_on"], one["channel"]) for one in counts} == {("2026-03-02", "APP")}


async def test_counts_by_day_and_product_page_by_page(kit: ServiceKit, admin: Caller) -> None:
    product = await list_product(admin)
    await ask(kit, product["code"])
    kit.clock.advance(timedelta(hours=15))
    await ask(kit, product["code"])
    await ask(kit, "NOTHING")
    officer, seen, cursor = kit.client("auditor"), [], None
    while True:
        params = {"limit": "1"} | ({} if cursor is None else {"cursor": cursor})
        page = ok(await officer.get("/v1/product_enquiries", params=params))
        seen += [(item["asked_on"], item["product_code"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [("2026-03-02", "WM-0001"), ("2026-03-03", None), ("2026-03-03", "WM-0001")]
    days = {"first_day": "2026-03-03", "last_day": "2026-03-03", "product_code": "WM-0001"}
    assert len(ok(await officer.get("/v1/product_enquiries", params=days))["items"]) == 1
    malformed = await kit.client().post("/v1/public/product_enquiries", json={"code": "欧阳"})
    assert refusal(malformed) == (422, "PAYLOAD_INVALID")
