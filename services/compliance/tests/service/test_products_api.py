"""The product registry through its routes: anyone may query it, one department writes it (PRD-01, PRD-02)."""

from typing import Any

import pytest

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from compliance.access import Role
from services.compliance.tests.registers import (
    UNKNOWN,
    Json,
    admit,
    etag,
    list_product,
    ok,
    product_body,
    refusal,
    terms_body,
)

TOPIC = "compliance.products.v1"


@pytest.fixture
def public(kit: ServiceKit) -> Caller:
    """Anybody, without a token."""
    return kit.client()


async def codes(caller: Caller, path: str = "/v1/public/products", **query: Any) -> list[str]:
    return [item["code"] for item in ok(await caller.get(path, params=query))["items"]]


async def test_each_change_is_one_version_and_one_fact(kit: ServiceKit, admin: Caller) -> None:
    listed = await admin.post("/v1/products", json=product_body())
    product = ok(listed, 1)
    path = f"/v1/products/{product['id']}"
    assert (listed.status_code, listed.headers["location"]) == (201, path)
    assert product == product_body() | {
        "id": product["id"],
        "version": 1,
        "risk_level": 2,
        "status": "ON_SALE",
        "partner": None,
        "partner_id": None,
        **dict.fromkeys(("asset_class", "instalment", "payment_years", "benefit_certain")),
    }
    assert ok(await admin.get(path), 1) == product

    changed = ok(await admin.put(path, json=terms_body(), headers=etag(1)), 2)
    assert (changed["name"], changed["term_months"]) == ("Steady Spring 181", 7)
    grading = {"issuer_risk_level": 4, "bank_risk_level": 2, "reason": "Issuer's review"}
    graded = ok(await admin.post(f"{path}/risk_levels", json=grading, headers=etag(2)), 3)
    assert graded["risk_level"] == 4
    body = {"status": "EXISTING", "reason": "Sold out"}
    withdrawn = ok(await admin.post(f"{path}/withdrawal", json=body, headers=etag(3)), 4)
    assert withdrawn["status"] == "EXISTING"
    ended = {"status": "ENDED", "reason": "Matured"}
    assert ok(await admin.post(f"{path}/withdrawal", json=ended, headers=etag(4)), 5)["status"] == "ENDED"

    facts = await kit.facts()
    assert {(fact.topic, fact.key) for fact in facts} == {(TOPIC, product["id"])}
    assert [fact.sequence for fact in facts] == [fact.data["version"] for fact in facts] == [1, 2, 3, 4, 5]
    assert [fact.type.split(".")[2] for fact in facts] == [
        "listed", "changed", "risk_changed", "withdrawn", "withdrawn",
    ]  # fmt: skip
    assert {fact.data["occurred_at"] for fact in facts} == {to_json(kit.clock.now())}
    entry = {name: product[name] for name in product_body()}
    listed_as = {"effective_risk_level": 2, "status": "ON_SALE", "partner_id": None}
    assert facts[0].data["product"] == entry | listed_as
    assert facts[1].data["product"] == facts[0].data["product"] | terms_body()
    assert (facts[2].data["previous_risk_level"], facts[2].data["effective_risk_level"]) == (2, 4)
    assert [fact.data["status"] for fact in facts[3:]] == ["EXISTING", "ENDED"]


@pytest.mark.parametrize(
    ("route", "body", "problem"),
    [
        ("withdrawal", {"status": "EXISTING", "reason": "Again"}, (409, "PRODUCT_NOT_ON_SALE")),
        ("withdrawal", {"status": "ON_SALE", "reason": "Back"}, (422, "PAYLOAD_INVALID")),
        (
            "risk_levels",
            {"issuer_risk_level": None, "bank_risk_level": 2, "reason": "Same"},
            (422, "RISK_LEVEL_UNCHANGED"),
        ),
        (
            "risk_levels",
            {"issuer_risk_level": None, "bank_risk_level": 6, "reason": "High"},
            (422, "RISK_LEVEL_OUT_OF_RANGE"),
        ),
    ],
)
async def test_what_does_not_follow_is_refused(
    kit: ServiceKit, admin: Caller, route: str, body: Json, problem: tuple[int, str]
) -> None:
    product = await list_product(admin)
    path = f"/v1/products/{product['id']}"
    withdrawn = {"status": "EXISTING", "reason": "Sold out"}
    ok(await admin.post(f"{path}/withdrawal", json=withdrawn, headers=etag(1)), 2)
    assert refusal(await admin.post(f"{path}/{route}", json=body, headers=etag(2))) == problem
    assert (ok(await admin.get(path), 2)["status"], len(await kit.facts())) == ("EXISTING", 2)


async def test_an_ended_product_stays_as_it_was(admin: Caller) -> None:
    product = await list_product(admin)
    path = f"/v1/products/{product['id']}"
    ended = {"status": "ENDED", "reason": "Matured"}
    ok(await admin.post(f"{path}/withdrawal", json=ended, headers=etag(1)), 2)
    grading = {"issuer_risk_level": None, "bank_risk_level": 3, "reason": "Late"}
    for refused in (
        await admin.put(path, json=terms_body(), headers=etag(2)),
        await admin.post(f"{path}/risk_levels", json=grading, headers=etag(2)),
        await admin.post(f"{path}/withdrawal", json=ended, headers=etag(2)),
    ):
        assert refusal(refused) == (409, "PRODUCT_ENDED")


async def test_codes_are_unique_for_good(admin: Caller) -> None:
    product = await list_product(admin)
    ended = {"status": "ENDED", "reason": "Matured"}
    ok(await admin.post(f"/v1/products/{product['id']}/withdrawal", json=ended, headers=etag(1)))
    assert refusal(await admin.post("/v1/products", json=product_body())) == (409, "PRODUCT_CODE_TAKEN")


@pytest.mark.mechanism("M117")
@pytest.mark.rule("PRD-02", side="pass")
async def test_anyone_may_query_what_one_department_has_written(admin: Caller, public: Caller) -> None:
    await list_product(admin, code="WM-1", name="Own")
    partner = await admit(admin, code="CF-1", name="Cedar Funds", kinds=["FUND"], authority="CSRC")
    agency = {
        "origin": "AGENCY",
        "kind": "FUND",
        "issuer_risk_level": 3,
        "partner_id": partner["id"],
    }
    await list_product(admin, code="FD-1", name="Agency", **agency)
    assert await codes(public) == ["FD-1", "WM-1"]
    assert await codes(public, origin="OWN") == ["WM-1"]
    assert await codes(public, origin="AGENCY") == ["FD-1"]
    found = await public.get("/v1/public/products/FD-1")
    assert ok(found, 1) == {
        "code": "FD-1",
        "name": "Agency",
        "issuer": "City Bank",
        "origin": "AGENCY",
        "kind": "FUND",
        "form": "CLOSED_END",
        "offering": "PUBLIC",
        "term_months": 6,
        "risk_level": 3,
        "status": "ON_SALE",
        "partner": {"code": "CF-1", "name": "Cedar Funds"},
    }


@pytest.mark.rule("PRD-02", side="refuse")
async def test_nobody_else_writes_and_nothing_is_listed_without_its_origin(
    kit: ServiceKit, admin: Caller, public: Caller
) -> None:
    assert refusal(await public.post("/v1/products", json=product_body())) == (401, "TOKEN_MISSING")
    for role in set(Role) - {Role.PRODUCT_ADMIN}:
        refused = await kit.client(role).post("/v1/products", json=product_body())
        assert refusal(refused) == (403, "ACTION_FORBIDDEN"), role
    body = product_body()
    del body["origin"]
    refused = await admin.post("/v1/products", json=body)
    assert refusal(refused) == (422, "PAYLOAD_INVALID")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/origin"]
    assert await codes(public) == []
    assert await kit.facts() == []


async def test_what_has_ended_is_shown_when_asked_for(admin: Caller, public: Caller) -> None:
    for code, status in (("A", None), ("B", "EXISTING"), ("C", "ENDED")):
        product = await list_product(admin, code=code)
        if status is not None:
            path = f"/v1/products/{product['id']}/withdrawal"
            ok(await admin.post(path, json={"status": status, "reason": "Over"}, headers=etag(1)))
    for caller, path in ((public, "/v1/public/products"), (admin, "/v1/products")):
        assert await codes(caller, path) == ["A", "B"]
        for status, expected in (("ON_SALE", ["A"]), ("EXISTING", ["B"]), ("ENDED", ["C"])):
            assert await codes(caller, path, status=status) == expected
    assert ok(await public.get("/v1/public/products/C"))["status"] == "ENDED"


async def test_private_offerings_are_checked_by_code_but_never_advertised(
    admin: Caller, public: Caller
) -> None:
    product = await list_product(admin, code="PV-1", offering="PRIVATE")
    assert await codes(public) == await codes(public, q="PV-1") == []
    assert await codes(admin, "/v1/products") == ["PV-1"]
    assert ok(await public.get("/v1/public/products/PV-1"))["name"] == product["name"]


async def test_the_search_knows_kinds_and_levels(admin: Caller, public: Caller) -> None:
    await list_product(admin, code="A", kind="FUND", bank_risk_level=3)
    await list_product(admin, code="B", kind="FUND", issuer_risk_level=3, bank_risk_level=2)
    await list_product(admin, code="C", bank_risk_level=None)
    await list_product(admin, code="D", issuer_risk_level=4, bank_risk_level=None)
    for caller, path in ((public, "/v1/public/products"), (admin, "/v1/products")):
        assert await codes(caller, path, kind="FUND") == ["A", "B"]
        assert await codes(caller, path, risk_level=3) == ["A", "B"]
        assert await codes(caller, path, risk_level=2) == []
        assert await codes(caller, path, risk_level=4) == ["D"]
        assert await codes(caller, path, kind="WEALTH", risk_level=4, origin="OWN") == ["D"]
        assert (await caller.get(path, params={"risk_level": 6})).status_code == 422


async def test_the_search_takes_its_text_literally(admin: Caller, public: Caller) -> None:
    await list_product(admin, code="WM-100", name="稳健春华 100%")
    await list_product(admin, code="WM-200", name="Growth_Plus")
    assert await codes(public, q="春华") == ["WM-100"]
    assert await codes(public, q="growth") == ["WM-200"]
    assert await codes(public, q="wm-") == ["WM-100", "WM-200"]
    assert await codes(public, q="%") == ["WM-100"]
    assert await codes(public, q="_") == ["WM-200"]
    assert await codes(public, q="\\") == []


async def test_the_search_goes_by_the_name_of_today(admin: Caller, public: Caller) -> None:
    product = await list_product(admin, code="WM-100", name="Old Harbour")
    body = terms_body(name="New Harbour")
    ok(await admin.put(f"/v1/products/{product['id']}", json=body, headers=etag(1)), 2)
    assert await codes(public, q="new harbour") == ["WM-100"]
    assert await codes(public, q="OLD") == []


async def test_pages_follow_one_another(admin: Caller, public: Caller) -> None:
    for code in ("B", "A", "C"):
        await list_product(admin, code=code)
    first = ok(await public.get("/v1/public/products", params={"limit": 2}))
    assert [item["code"] for item in first["items"]] == ["A", "B"]
    query = {"limit": 2, "cursor": first["next_cursor"]}
    second = ok(await public.get("/v1/public/products", params=query))
    assert ([item["code"] for item in second["items"]], second["next_cursor"]) == (["C"], None)


async def test_nobody_asks_for_an_order_of_his_own(public: Caller) -> None:
    refused = await public.get("/v1/public/products", params={"sort": "risk_level"})
    assert refusal(refused) == (422, "SORT_KEY_UNKNOWN")


async def test_an_unknown_code_says_so_to_everybody(public: Caller, admin: Caller) -> None:
    assert refusal(await public.get("/v1/public/products/NO-1"))[0] == 404
    assert refusal(await admin.get(f"/v1/products/{UNKNOWN}"))[0] == 404
