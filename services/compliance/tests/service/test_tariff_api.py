"""The tariff through its routes: notice of prices, reductions, publicity, publication (FEE-03, FEE-04)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import BANK_ZONE
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.charging import (
    ACCEPTANCE,
    TRANSFER,
    append,
    introduce,
    price_body,
    priced,
    service_body,
    terms_body,
)
from services.compliance.tests.registers import etag, list_product, ok, open_outlet, refusal

DAY = timedelta(days=1)
#: Announced on 2026-03-02, the notice lasts through 2026-06-02.
LAST_DAY = date(2026, 6, 2)


async def tariff(kit: ServiceKit, **query: str) -> list[dict[str, Any]]:
    """The price list that everybody sees."""
    items: list[dict[str, Any]] = ok(await kit.client().get("/v1/public/tariff", params=query))["items"]
    return items


@pytest.mark.rule("FEE-03", side="refuse")
@pytest.mark.parametrize("applies_from", [LAST_DAY - DAY, LAST_DAY])
async def test_an_increase_without_three_months_notice(
    kit: ServiceKit, admin: Caller, applies_from: date
) -> None:
    service = await priced(admin)
    dearer = price_body(applies_from.isoformat(), acceptance=201)
    refused = await append(admin, service, "prices", dearer)
    assert refusal(refused) == (422, "FEE_NOTICE_TOO_SHORT")
    assert refused.json()["errors"][0]["pointer"] == "/applies_from"
    assert "2026-06-03" in refused.json()["messages"]["zh-CN"]
    assert ok(await admin.get(f"/v1/fee-services/{service['id']}"), 2)
    assert len(await kit.facts("compliance.fee_service.price_announced.v1")) == 1


@pytest.mark.rule("FEE-03", side="pass")
@pytest.mark.parametrize("applies_from", [LAST_DAY + DAY, LAST_DAY + 2 * DAY])
async def test_an_increase_with_three_months_notice(
    kit: ServiceKit, admin: Caller, applies_from: date
) -> None:
    service = await priced(admin)
    dearer = price_body(applies_from.isoformat(), acceptance=201)
    price = ok(await append(admin, service, "prices", dearer), 3)
    assert price["rises_on"] == price["applies_from"] == applies_from.isoformat()
    (now,) = await tariff(kit)
    assert now["price"]["standards"][0]["amount_minor"] == 200
    assert [one["applies_from"] for one in now["announced"]] == [applies_from.isoformat()]
    (before,) = await tariff(kit, on=(applies_from - DAY).isoformat())
    (then,) = await tariff(kit, on=applies_from.isoformat())
    assert before["price"] == now["price"]
    assert then["price"]["standards"][0]["amount_minor"] == 201
    (fact,) = (await kit.facts("compliance.fee_service.price_announced.v1"))[1:]
    assert (fact.key, fact.sequence, fact.data["rises_on"]) == (service["id"], 3, applies_from.isoformat())


async def test_the_month_ends_the_notice_where_it_has_no_such_day(kit: ServiceKit) -> None:
    kit.clock.instant = datetime(2026, 11, 30, 9, 0, tzinfo=BANK_ZONE)
    admin = kit.client("product_admin")
    service = await introduce(admin)
    ok(await append(admin, service, "prices", price_body("2026-11-30")), 2)
    short = await append(admin, service, "prices", price_body("2027-02-28", acceptance=201))
    assert refusal(short) == (422, "FEE_NOTICE_TOO_SHORT")
    ok(await append(admin, service, "prices", price_body("2027-03-01", acceptance=201)), 3)


@pytest.mark.parametrize(
    "given",
    [
        {"rate_bp": 51},
        {"min_minor": 101},
        {"max_minor": 5_001},
        {"max_minor": None},
        {"rate_bp": None, "min_minor": None, "max_minor": None, "amount_minor": 101},
    ],
)
async def test_whatever_costs_some_amount_more_is_an_increase(admin: Caller, given: dict[str, Any]) -> None:
    service = await priced(admin)
    refused = await append(admin, service, "prices", price_body(**given))
    assert refusal(refused) == (422, "FEE_NOTICE_TOO_SHORT")


@pytest.mark.parametrize(
    "given",
    [
        {"rate_bp": 49},
        {"min_minor": None},
        {"max_minor": 4_999},
        {"rate_bp": None, "min_minor": None, "max_minor": None, "amount_minor": 100},
        {"rate_bp": 0, "min_minor": None, "max_minor": None},
    ],
)
async def test_what_costs_no_amount_more_applies_at_once(admin: Caller, given: dict[str, Any]) -> None:
    service = await priced(admin)
    assert ok(await append(admin, service, "prices", price_body(**given)), 3)["rises_on"] is None


async def test_guided_prices_and_first_prices_need_no_notice(admin: Caller) -> None:
    service = await priced(admin, pricing="GUIDED")
    dearer = ok(await append(admin, service, "prices", price_body(acceptance=900)), 3)
    assert dearer["standards"][0]["amount_minor"] == 900


async def test_a_cheaper_price_does_not_hide_an_increase(kit: ServiceKit, admin: Caller) -> None:
    service = await priced(admin)
    ok(await append(admin, service, "prices", price_body("2026-03-10", acceptance=150)), 3)
    between = price_body("2026-03-05", acceptance=160)
    refused = await append(admin, service, "prices", between)
    assert refusal(refused) == (422, "FEE_NOTICE_TOO_SHORT")
    ok(await append(admin, service, "prices", price_body("2026-03-05", acceptance=100)), 4)
    kit.clock.instant += 10 * DAY
    admin = kit.client("product_admin")
    (entry,) = await tariff(kit)
    assert entry["price"]["standards"][0]["amount_minor"] == 100
    assert entry["announced"] == []
    back = await append(admin, service, "prices", price_body("2026-03-13", acceptance=150))
    assert refusal(back) == (422, "FEE_NOTICE_TOO_SHORT")


async def test_a_price_names_every_step_once_and_begins_today_at_the_earliest(
    kit: ServiceKit, admin: Caller
) -> None:
    service = await introduce(admin)
    whole = price_body()
    for standards in (whole["standards"][:1], [*whole["standards"], whole["standards"][0]]):
        refused = await append(admin, service, "prices", whole | {"standards": standards})
        assert refusal(refused) == (422, "FEE_STEPS_INVALID")
    past = await append(admin, service, "prices", price_body("2026-03-01"))
    assert refusal(past) == (422, "FEE_DATES_INVALID")
    for wrong in ({"min_minor": 5_001}, {"amount_minor": 1}, {"rate_bp": None}):
        refused = await append(admin, service, "prices", price_body(**wrong))
        assert refusal(refused) == (422, "FEE_STANDARD_INVALID")
    (entry,) = await tariff(kit)
    assert (entry["price"], entry["announced"]) == (None, [])


async def test_one_department_writes_the_tariff_and_everybody_reads_it(
    kit: ServiceKit, admin: Caller, seller: Caller, officer: Caller
) -> None:
    for caller in (seller, officer, kit.client("customer", outlets=(), subject="customer-1")):
        assert refusal(await caller.post("/v1/fee-services", json=service_body()))[0] == 403
    service = await priced(admin)
    taken = await admin.post("/v1/fee-services", json=service_body())
    assert refusal(taken) == (409, "FEE_SERVICE_CODE_TAKEN")
    twice = service_body(code="X", steps=[service["steps"][0]] * 2)
    assert refusal(await admin.post("/v1/fee-services", json=twice)) == (422, "FEE_STEPS_INVALID")
    dollars = service_body(code="X", currency="usd")
    assert refusal(await admin.post("/v1/fee-services", json=dollars)) == (422, "FEE_CURRENCY_INVALID")
    stale = await admin.post(f"/v1/fee-services/{service['id']}/prices", json=price_body(), headers=etag(1))
    assert refusal(stale) == (412, "VERSION_STALE")
    entry = ok(await kit.client().get("/v1/public/tariff/REMIT-01"))
    assert [entry] == await tariff(kit)
    assert "id" not in entry
    assert refusal(await kit.client().get("/v1/public/tariff/REMIT-02")) == (404, "NOT_FOUND")
    assert ok(await seller.get("/v1/fee-services"))["items"] == [service | {"version": 2}]
    listed = ok(await seller.get(f"/v1/fee-services/{service['id']}/prices"))["items"]
    assert [price["service_version"] for price in listed] == [2]


@pytest.mark.mechanism("M159")
async def test_publicity_says_what_the_tariff_grants_on_each_of_its_days(
    kit: ServiceKit, admin: Caller
) -> None:
    service = await priced(admin)
    claim = terms_body(medium="poster")
    none = await append(admin, service, "publicity", claim)
    assert refusal(none) == (422, "FEE_PUBLICITY_MISMATCH")
    waiver = ok(await append(admin, service, "waivers", terms_body()), 3)
    assert waiver["terms"]["relief"]
    for wrong in (
        {"discount_bp": 5_001},
        {"discount_bp": 4_999},
        {"customer_group": None},
        {"customer_group": "STUDENT"},
        {"steps": [ACCEPTANCE, TRANSFER]},
        {"ends_on": "2026-05-01"},
        {"starts_on": "2026-03-01"},
    ):
        refused = await append(admin, service, "publicity", claim | wrong)
        assert refusal(refused) == (422, "FEE_PUBLICITY_MISMATCH"), wrong
    late = (await append(admin, service, "publicity", claim | {"ends_on": "2026-05-01"})).json()
    assert "2026-05-01" in late["messages"]["en"]
    recorded = ok(await append(admin, service, "publicity", claim), 4)
    ok(await append(admin, service, "waivers", terms_body(starts_on="2026-05-01", ends_on="2026-05-31")), 5)
    ok(await append(admin, service, "publicity", claim | {"ends_on": "2026-05-31"}), 6)
    found = ok(await admin.get(f"/v1/fee-services/{service['id']}/publicity"))["items"]
    assert [found[0], len(found)] == [recorded, 2]


async def test_a_reduction_is_published_with_its_first_and_last_day(kit: ServiceKit, admin: Caller) -> None:
    service = await priced(admin)
    for wrong, code in (
        ({"starts_on": "2026-03-01"}, "FEE_DATES_INVALID"),
        ({"ends_on": "2026-03-01"}, "FEE_DATES_INVALID"),
        ({"steps": ["counting"]}, "FEE_STEPS_INVALID"),
        ({"steps": [TRANSFER, TRANSFER]}, "FEE_STEPS_INVALID"),
    ):
        refused = await append(admin, service, "waivers", terms_body(**wrong))
        assert refusal(refused) == (422, code)
    waiver = ok(await append(admin, service, "waivers", terms_body(starts_on="2026-03-03")), 3)
    shown = {
        on: (await tariff(kit, on=on))[0]["terms"]
        for on in ("2026-03-02", "2026-03-03", "2026-04-30", "2026-05-01")
    }
    assert [len(terms) for terms in shown.values()] == [0, 1, 1, 0]
    assert shown["2026-03-03"] == [waiver["terms"]]
    assert ok(await admin.get(f"/v1/fee-services/{service['id']}/waivers"))["items"] == [waiver]
    (fact,) = await kit.facts("compliance.fee_service.waiver_granted.v1")
    assert fact.data["waiver_id"] == waiver["id"]
    assert not {"name_zh", "name_en"} & set(fact.data)


async def test_a_product_is_linked_to_a_service_once(admin: Caller) -> None:
    service, product = await priced(admin), await list_product(admin)
    body = {"product_id": product["id"], "charged": True}
    never = await append(admin, service, "products", body | {"charged": False})
    assert refusal(never) == (409, "FEE_PRODUCT_LINK_UNCHANGED")
    ok(await append(admin, service, "products", body), 3)
    assert refusal(await append(admin, service, "products", body)) == (409, "FEE_PRODUCT_LINK_UNCHANGED")
    ok(await append(admin, service, "products", body | {"charged": False}), 4)
    links = ok(await admin.get(f"/v1/fee-services/{service['id']}/products"))["items"]
    assert [link["charged"] for link in links] == [True, False]
    assert ok(await admin.get(f"/v1/products/{product['id']}"), 1)


def shown(**given: Any) -> dict[str, Any]:
    """The price list and the complaint phone."""
    return {"price_list": True, "complaint_phone": "+86 21-95599"} | given


async def flags(caller: Caller, outlet_id: str | None) -> list[str]:
    """What an outlet, or the website, is found to lack."""
    if outlet_id is None:
        found = ok(await caller.get("/v1/fee-publications/website"))
    else:
        items = ok(await caller.get("/v1/fee-publications"))["items"]
        (found,) = [item for item in items if item["outlet_id"] == outlet_id]
    for flag in found["flags"]:
        assert (flag["rule"], flag["code"]) == ("FEE-04", "FEE_NOT_PUBLISHED")
        assert "商业银行服务价格管理办法" in flag["citation"]
    return [flag["messages"]["en"] for flag in found["flags"]]


@pytest.mark.rule("FEE-04", side="refuse")
@pytest.mark.parametrize("given", [None, {"price_list": False}, {"complaint_phone": None}])
@pytest.mark.parametrize("website", [False, True])
async def test_what_is_not_shown_is_flagged(
    kit: ServiceKit, admin: Caller, head: Caller, website: bool, given: dict[str, Any] | None
) -> None:
    await priced(admin)
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    ok(await head.post("/v1/fee-notices", json=shown(outlet_id=there)))
    path, place = ("/v1/fee-notices/website", None) if website else ("/v1/fee-notices", here)
    if given is not None:
        body = shown(**given) | ({} if website else {"outlet_id": here})
        ok(await (admin if website else head).post(path, json=body))
    found = await flags(admin, place)
    assert len(found) == (2 if given is None else 1)
    assert ("phone" in found[-1]) == (given is None or "complaint_phone" in given)
    assert await flags(admin, there) == []


@pytest.mark.rule("FEE-04", side="pass")
async def test_what_is_shown_is_not_flagged(kit: ServiceKit, admin: Caller, head: Caller) -> None:
    service = await priced(admin)
    here = await open_outlet(kit)
    none = ok(await kit.client().get("/v1/public/fee-contact"))
    assert none == {"complaint_phone": None, "shown_since": None}
    ok(await head.post("/v1/fee-notices", json=shown(outlet_id=here)))
    notice = ok(await admin.post("/v1/fee-notices/website", json=shown()))
    assert await flags(admin, here) == await flags(admin, None) == []
    contact = ok(await kit.client().get("/v1/public/fee-contact"))
    assert contact == {"complaint_phone": "+86 21-95599", "shown_since": notice["shown_at"]}
    # What is announced later is not on the list that hangs there.
    kit.clock.advance(timedelta(seconds=1))
    ok(await append(admin, service, "prices", price_body(acceptance=100)), 3)
    assert [len(await flags(admin, place)) for place in (here, None)] == [1, 1]
    ok(await head.post("/v1/fee-notices", json=shown(outlet_id=here)))
    assert await flags(admin, here) == []
    assert len(await flags(admin, None)) == 1


async def test_an_outlet_speaks_for_itself_alone(kit: ServiceKit, admin: Caller) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    head = kit.client("outlet_head", outlets=(here,))
    assert refusal(await head.post("/v1/fee-notices", json=shown(outlet_id=there))) == (404, "NOT_FOUND")
    assert refusal(await head.post("/v1/fee-notices/website", json=shown()))[0] == 403
    assert refusal(await admin.post("/v1/fee-notices", json=shown(outlet_id=here)))[0] == 403
    listed = ok(await head.get("/v1/fee-publications"))["items"]
    assert [item["outlet_id"] for item in listed] == [here]
