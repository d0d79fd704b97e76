"""Sale cases and consents through their routes (REC-04)."""

from datetime import timedelta

import pytest

from chassis.events import to_json
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    UNKNOWN,
    Employee,
    Json,
    case_body,
    consent_body,
    etag,
    hire,
    ok,
    open_outlet,
    refusal,
    register,
)


@pytest.fixture
async def outlet(kit: ServiceKit) -> str:
    """An open outlet."""
    return await open_outlet(kit)


@pytest.fixture
async def who(crm: Caller) -> Json:
    """The customer of the tests."""
    return await register(crm)


@pytest.fixture
async def case(kit: ServiceKit, seller: Caller, outlet: str, who: Json) -> Json:
    """An open case of the seller's."""
    employee = await hire(kit, outlet)
    body = case_body(outlet, who["id"], seller_id=employee.id)
    return ok(await seller.post("/v1/cases", json=body), 1)


async def test_a_case_is_opened(
    kit: ServiceKit, seller: Caller, customer: Caller, outlet: str, who: Json
) -> None:
    employee = await hire(kit, outlet)
    body = case_body(outlet, who["id"], seller_id=employee.id, session_id=str(new_id()))
    response = await seller.post("/v1/cases", json=body)
    case = ok(response, 1)
    assert (response.status_code, response.headers["location"]) == (201, f"/v1/cases/{case['id']}")
    assert case == body | {
        "id": case["id"],
        "version": 1,
        "staff_assisted": None,
        "risk_page_shown": None,
        "state": "OPEN",
        "opened_at": to_json(kit.clock.now()),
        "sale_id": None,
        "entry_mode": "SYSTEM",
        "transaction": "SUBSCRIPTION",
        "source_product_id": None,
        "holding_sale_id": None,
        "standing": "OPEN",
        # Opened on 2026-03-02: through 1 April.
        "expires_at": "2026-04-01T16:00:00Z",
        "ended_at": None,
        "abandoned_for": None,
    }
    for reader in (seller, customer):
        assert ok(await reader.get(f"/v1/cases/{case['id']}"), 1) == case
    other = ok(await seller.post("/v1/cases", json=case_body(outlet, who["id"], seller_id=employee.id)))
    assert other["session_id"] != case["session_id"]
    stranger = kit.client("customer", outlets=("*",), subject="customer-2")
    assert refusal(await stranger.get(f"/v1/cases/{case['id']}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("given", "problem", "pointer"),
    [
        ({"amount_minor": 0}, (422, "AMOUNT_INVALID"), "/amount_minor"),
        ({"amount_minor": 2**53}, (422, "AMOUNT_INVALID"), "/amount_minor"),
        ({"amount_minor": 1.5}, (422, "PAYLOAD_INVALID"), "/amount_minor"),
        ({"currency": "yuan"}, (422, "AMOUNT_INVALID"), "/currency"),
        ({"customer_id": UNKNOWN}, (422, "CASE_CUSTOMER_UNKNOWN"), "/customer_id"),
        ({"channel": "STREET"}, (422, "PAYLOAD_INVALID"), "/channel"),
        ({"outlet_id": UNKNOWN}, (404, "OUTLET_UNKNOWN"), None),
    ],
)
async def test_what_is_no_intention(
    seller: Caller, outlet: str, who: Json, given: Json, problem: tuple[int, str], pointer: str | None
) -> None:
    refused = await seller.post("/v1/cases", json=case_body(outlet, who["id"]) | given)
    assert refusal(refused) == problem
    errors = refused.json().get("errors", [])
    assert [error["pointer"] for error in errors] == ([] if pointer is None else [pointer])
    assert ok(await seller.get("/v1/cases"))["items"] == []


async def test_a_case_is_opened_in_ones_own_name(
    kit: ServiceKit, seller: Caller, outlet: str, who: Json
) -> None:
    colleague = await hire(kit, outlet, "seller-2")
    body = case_body(outlet, who["id"], seller_id=colleague.id)
    assert refusal(await seller.post("/v1/cases", json=body)) == (403, "CASE_IN_FOREIGN_NAME")
    unnamed = Employee(kit, outlet, None)
    await kit.deliver(unnamed.joined())
    body = case_body(outlet, who["id"], seller_id=unnamed.id)
    assert refusal(await seller.post("/v1/cases", json=body)) == (403, "CASE_IN_FOREIGN_NAME")


async def test_a_seller_who_is_not_known_yet_may_open_a_case(
    kit: ServiceKit, seller: Caller, outlet: str, who: Json
) -> None:
    """The gate fails closed on him; what is missing is then on record (N4)."""
    ok(await seller.post("/v1/cases", json=case_body(outlet, who["id"])), 1)
    late = Employee(kit, outlet)
    first, second = late.joined(subject="seller-9"), late.changed(subject="seller-1")
    await kit.deliver(second)
    case = ok(await seller.post("/v1/cases", json=case_body(outlet, who["id"], seller_id=late.id)), 1)
    await kit.deliver(first)
    assert ok(await seller.get(f"/v1/cases/{case['id']}"))["seller_id"] == str(late.id)


async def test_cases_are_listed_by_outlet(kit: ServiceKit, seller: Caller, case: Json) -> None:
    there = await open_outlet(kit, "SH-0002")
    abroad = kit.client("seller", outlets=(there,))
    assert ok(await abroad.get("/v1/cases"))["items"] == []
    assert refusal(await abroad.get(f"/v1/cases/{case['id']}")) == (404, "NOT_FOUND")
    for query in (
        {},
        {"state": "OPEN"},
        {"standing": "OPEN"},
        {"customer_id": case["customer_id"]},
        {"seller_id": case["seller_id"]},
    ):
        assert ok(await seller.get("/v1/cases", params=query))["items"] == [case], query
    for query in (
        {"state": "LOGGED"},
        {"standing": "LOGGED"},
        {"standing": "ABANDONED"},
        {"customer_id": UNKNOWN},
        {"seller_id": UNKNOWN},
    ):
        assert ok(await seller.get("/v1/cases", params=query))["items"] == [], query


async def test_the_customer_answers_himself(
    kit: ServiceKit, seller: Caller, customer: Caller, case: Json
) -> None:
    response = await customer.post("/v1/consents", json=consent_body(case["id"]))
    consent = ok(response, 1)
    path = f"/v1/consents/{consent['id']}"
    assert (response.status_code, response.headers["location"]) == (201, path)
    assert consent == consent_body(case["id"]) | {
        "id": consent["id"],
        "version": 1,
        "customer_id": case["customer_id"],
        "session_id": case["session_id"],
        "answered_at": to_json(kit.clock.now()),
        "withdrawn_at": None,
    }
    for reader in (customer, seller):
        assert ok(await reader.get(path), 1) == consent
        assert ok(await reader.get(f"/v1/cases/{case['id']}/consents"))["items"] == [consent]
    assert refusal(await seller.post("/v1/consents", json=consent_body(case["id"]))) == (
        403, "ACTION_FORBIDDEN",
    )  # fmt: skip
    stranger = kit.client("customer", outlets=("*",), subject="customer-2")
    for refused in (
        await stranger.post("/v1/consents", json=consent_body(case["id"])),
        await stranger.get(path),
        await stranger.get(f"/v1/cases/{case['id']}/consents"),
        await stranger.post(f"{path}/withdrawal", headers=etag(1)),
        await customer.post("/v1/consents", json=consent_body(UNKNOWN)),
    ):
        assert refusal(refused) == (404, "NOT_FOUND")


async def test_a_consent_is_taken_back_once(kit: ServiceKit, customer: Caller, case: Json) -> None:
    consent = ok(await customer.post("/v1/consents", json=consent_body(case["id"])), 1)
    path = f"/v1/consents/{consent['id']}"
    kit.clock.advance(timedelta(minutes=1))
    taken_back = ok(await customer.post(f"{path}/withdrawal", headers=etag(1)), 2)
    assert taken_back["withdrawn_at"] == to_json(kit.clock.now())
    assert ok(await customer.get(path), 2) == taken_back
    again = await customer.post(f"{path}/withdrawal", headers=etag(2))
    assert refusal(again) == (409, "CONSENT_WITHDRAWN")
    assert refusal(await customer.post(f"{path}/withdrawal", headers=etag(1)))[0] == 412


async def test_a_refusal_takes_back_what_the_session_had(
    kit: ServiceKit, seller: Caller, customer: Caller, case: Json
) -> None:
    more = {name: case[name] for name in case_body("", "")} | {"session_id": case["session_id"]}
    second = ok(await seller.post("/v1/cases", json=more), 1)
    elsewhere = ok(await seller.post("/v1/cases", json=more | {"session_id": str(new_id())}), 1)
    given = [
        ok(await customer.post("/v1/consents", json=consent_body(one["id"]))) for one in (case, elsewhere)
    ]
    kit.clock.advance(timedelta(minutes=1))
    refused = ok(await customer.post("/v1/consents", json=consent_body(second["id"], given=False)), 1)
    assert (refused["given"], refused["withdrawn_at"]) == (False, None)
    after = [ok(await customer.get(f"/v1/consents/{one['id']}"))["withdrawn_at"] for one in given]
    assert after == [to_json(kit.clock.now()), None]
    nothing = await customer.post(f"/v1/consents/{refused['id']}/withdrawal", headers=etag(1))
    assert refusal(nothing) == (409, "CONSENT_NOT_GIVEN")


async def test_each_answer_and_withdrawal_bumps_the_customer(customer: Caller, who: Json, case: Json) -> None:
    path = f"/v1/customers/{who['id']}"
    first = ok(await customer.post("/v1/consents", json=consent_body(case["id"])))
    assert await version_of(customer, path) == 2
    ok(await customer.post(f"/v1/consents/{first['id']}/withdrawal", headers=etag(1)))
    assert await version_of(customer, path) == 3
    ok(await customer.post("/v1/consents", json=consent_body(case["id"])))
    # The refusal, and the consent that it takes back.
    ok(await customer.post("/v1/consents", json=consent_body(case["id"], given=False)))
    assert await version_of(customer, path) == 6


async def version_of(caller: Caller, path: str) -> int:
    """The version of the object at ``path``, the same in its body and its ETag."""
    answer = await caller.get(path)
    version = ok(answer)["version"]
    assert answer.headers["etag"] == f'"{version}"'
    return int(version)
