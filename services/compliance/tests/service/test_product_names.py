"""PRD-04 and PRD-09 through the routes: names that entice or mislead, and orders that would rank."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import etag, ok, product_body, refusal, terms_body


@pytest.fixture
def department(kit: ServiceKit) -> Caller:
    """The department that writes the registry."""
    return kit.client("product_admin")


BANNED = [
    ("稳健保本180天", "保本"),
    ("稳健 保·本 180天", "保本"),
    ("稳健保本(零风险)", "保本"),
    ("\uff11\uff10\uff10\uff05安全理财", "100%安全"),
    ("Guaranteed Growth 90", "guaranteed"),
    ("RISK-FREE Spring", "risk free"),
    ("高收益精选", "高收益"),
    ("全市场第一精选", "第一"),
]


@pytest.mark.rule("PRD-04", side="refuse")
@pytest.mark.parametrize(("name", "term"), BANNED)
async def test_a_name_of_the_list_is_neither_listed_nor_given_later(
    kit: ServiceKit, department: Caller, name: str, term: str
) -> None:
    refused = await department.post("/v1/products", json=product_body(name=name))
    assert refusal(refused) == (422, "PRODUCT_NAME_BANNED_TERM")
    body = refused.json()
    assert body["errors"][0]["pointer"] == "/name"
    assert term in body["messages"]["zh-CN"]
    assert term in body["messages"]["en"]
    product = ok(await department.post("/v1/products", json=product_body()), 1)
    changed = await department.put(
        f"/v1/products/{product['id']}", json=terms_body(name=name), headers=etag(1)
    )
    assert refusal(changed) == (422, "PRODUCT_NAME_BANNED_TERM")
    assert ok(await department.get(f"/v1/products/{product['id']}"), 1)["name"] == product["name"]
    assert len(await kit.facts()) == 1


@pytest.mark.rule("PRD-04", side="pass")
@pytest.mark.parametrize(
    "name", ["绿色环保本土精选", "稳健180天第一期", "Not risk-free: Balanced 90", "稳健增利180天"]
)
async def test_a_sober_name_is_listed_and_given(department: Caller, name: str) -> None:
    product = ok(await department.post("/v1/products", json=product_body(name=name)), 1)
    assert product["name"] == name
    path = f"/v1/products/{product['id']}"
    assert ok(await department.put(path, json=terms_body(name=name), headers=etag(1)), 2)["name"] == name


async def test_the_list_holds_from_its_first_day_on(kit: ServiceKit) -> None:
    kit.clock.instant = datetime(2015, 12, 31, 15, 59, tzinfo=UTC)
    body = product_body(name="稳健保本180天")
    assert ok(await kit.client("product_admin").post("/v1/products", json=body), 1)["version"] == 1
    kit.clock.instant = datetime(2015, 12, 31, 16, 0, tzinfo=UTC)
    again = body | {"code": "WM-0002"}
    refused = await kit.client("product_admin").post("/v1/products", json=again)
    assert refusal(refused) == (422, "PRODUCT_NAME_BANNED_TERM")


async def shelf(department: Caller) -> None:
    """Three agency products of a kind, listed in no order."""
    for code, name in (("AF-2", "Alder"), ("AF-3", "Cedar"), ("AF-1", "Birch")):
        given: dict[str, Any] = {"code": code, "name": name, "origin": "AGENCY", "issuer_risk_level": 2}
        ok(await department.post("/v1/products", json=product_body(**given)), 1)


@pytest.mark.rule("PRD-09", side="refuse")
@pytest.mark.parametrize("key", ["benchmark", "past_return", "yield"])
async def test_products_are_not_ranked_by_what_they_promise(
    kit: ServiceKit, department: Caller, key: str
) -> None:
    await shelf(department)
    refused = await kit.client().get("/v1/public/products", params={"sort": key})
    assert refusal(refused) == (422, "DISPLAY_SORT_FORBIDDEN")


@pytest.mark.rule("PRD-09", side="pass")
@pytest.mark.parametrize(
    ("sort", "shown"),
    [({}, "AF-1 AF-2 AF-3"), ({"sort": "code"}, "AF-1 AF-2 AF-3"), ({"sort": "name"}, "AF-2 AF-1 AF-3")],
)
async def test_products_of_a_kind_are_shown_by_one_rule(
    kit: ServiceKit, department: Caller, sort: dict[str, str], shown: str
) -> None:
    await shelf(department)
    anybody, seen, cursor = kit.client(), [], None
    while True:
        params = {**sort, "limit": "1"} | ({} if cursor is None else {"cursor": cursor})
        page = ok(await anybody.get("/v1/public/products", params=params))
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert " ".join(seen) == shown


async def test_another_order_is_named_as_unknown_and_a_cursor_belongs_to_its_own(
    kit: ServiceKit, department: Caller
) -> None:
    await shelf(department)
    anybody = kit.client()
    unknown = await anybody.get("/v1/public/products", params={"sort": "popularity"})
    assert refusal(unknown) == (422, "SORT_KEY_UNKNOWN")
    page = ok(await anybody.get("/v1/public/products", params={"limit": "1"}))
    other = {"limit": "1", "sort": "name", "cursor": page["next_cursor"]}
    assert refusal(await anybody.get("/v1/public/products", params=other)) == (400, "CURSOR_INVALID")
