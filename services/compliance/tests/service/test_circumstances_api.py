"""What the bank knows about a customer through the routes: dated, added to only, read by few."""

from typing import Any

import pytest

from chassis.events import to_json
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    Json,
    circumstances_body,
    etag,
    ok,
    refusal,
    register,
    state_circumstances,
)

MEANS = {"household_annual_income_minor": 5, "liquid_assets_minor": 0, "currency": "CNY"}
QUALIFIED = {"investor_class": "QUALIFIED", "valid_until": "2026-12-31", "evidence_id": str(new_id())}


TOLD = {"birth_date", "capacity", "investor", "means", "bought_wealth_before"}


@pytest.fixture
async def who(crm: Caller) -> Json:
    """A customer of whom nothing is known, at version 1."""
    return await register(crm)


async def test_of_each_thing_the_newest_statement_counts(
    kit: ServiceKit, crm: Caller, customer: Caller, who: Json
) -> None:
    path = f"/v1/customers/{who['id']}"
    await state_circumstances(crm, who["id"], **circumstances_body())
    held = await state_circumstances(
        crm, who["id"], capacity="LIMITED", investor=QUALIFIED, bought_wealth_before=False
    )
    assert held == {
        "customer_id": who["id"],
        "customer_version": 3,
        "birth_date": "1986-03-02",
        "capacity": "LIMITED",
        "investor": QUALIFIED,
        "means": {
            "annual_income_minor": 100_000_000,
            "liquid_assets_minor": 1_000_000_000,
            "currency": "CNY",
        },
        "bought_wealth_before": False,
        "legal_form": None,
        "needs": None,
    }
    assert ok(await customer.get(f"{path}/circumstances"), 3) == held
    first, second = ok(await customer.get(f"{path}/stated_circumstances"))["items"]
    assert (first["customer_version"], first["capacity"], first["investor"]) == (2, "FULL", None)
    assert (second["customer_version"], second["birth_date"]) == (3, None)
    assert second["stated_at"] == to_json(kit.clock.now())
    assert await kit.facts() == [], "a birth date is for nobody else"


async def test_of_a_stranger_nothing_is_known(crm: Caller, who: Json) -> None:
    held = ok(await crm.get(f"/v1/customers/{who['id']}/circumstances"), 1)
    assert {
        held[name] for name in ("birth_date", "capacity", "investor", "means", "bought_wealth_before")
    } == {None}


@pytest.mark.parametrize("what", ["circumstances", "stated_circumstances"])
async def test_a_seller_sees_no_birth_date(kit: ServiceKit, crm: Caller, who: Json, what: str) -> None:
    await state_circumstances(crm, who["id"], **circumstances_body())
    for role in ("seller", "outlet_head", "product_admin", "operator"):
        response = await kit.client(role).get(f"/v1/customers/{who['id']}/{what}")
        assert response.status_code == 403
        assert "1986" not in response.text
    other = kit.client("customer", outlets=(), subject="customer-2")
    assert (await other.get(f"/v1/customers/{who['id']}/{what}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "PROFILE_STATEMENT_EMPTY"),
        ({"birth_date": "2026-03-03"}, "BIRTH_DATE_IMPLAUSIBLE"),
        ({"birth_date": "1895-12-31"}, "BIRTH_DATE_IMPLAUSIBLE"),
        ({"investor": {"investor_class": "QUALIFIED"}}, "INVESTOR_EVIDENCE_MISSING"),
        ({"investor": QUALIFIED | {"evidence_id": None}}, "INVESTOR_EVIDENCE_MISSING"),
        ({"investor": QUALIFIED | {"investor_class": "ORDINARY"}}, "INVESTOR_EVIDENCE_MISSING"),
        ({"means": MEANS | {"liquid_assets_minor": -1}}, "MEANS_INVALID"),
        ({"means": MEANS | {"household_annual_income_minor": 2**53}}, "MEANS_INVALID"),
        ({"means": MEANS | {"currency": "yen"}}, "AMOUNT_INVALID"),
        ({"name": "A"}, "PAYLOAD_INVALID"),
    ],
)
async def test_what_cannot_be_stated(crm: Caller, who: Json, body: Any, code: str) -> None:
    path = f"/v1/customers/{who['id']}/stated_circumstances"
    assert refusal(await crm.post(path, json=body, headers=etag(1))) == (422, code)


@pytest.mark.parametrize(
    "body",
    [
        {"birth_date": "2026-03-02"},
        {"birth_date": "1896-01-01"},
        {"means": MEANS},
        {"investor": {"investor_class": "ORDINARY"}},
    ],
)
async def test_what_can_just_be_stated(crm: Caller, who: Json, body: Any) -> None:
    stated = await state_circumstances(crm, who["id"], **body)
    (said,) = body
    known = ok(await crm.get(f"/v1/customers/{who['id']}/circumstances"), 2)
    assert known[said] is not None
    assert {name: known[name] for name in known if stated.get(name) != known[name]} == {}
    assert all(known[name] is None for name in TOLD - {said})


async def test_the_legal_representative_agrees_to_one_thing(crm: Caller, who: Json) -> None:
    path = f"/v1/customers/{who['id']}/guardian_consents"
    one, evidence = {"product_id": str(new_id())}, {"given": True, "evidence_id": str(new_id())}
    for scope in ({}, one | {"case_id": str(new_id())}):
        response = await crm.post(path, json=scope | evidence, headers=etag(1))
        assert refusal(response) == (422, "GUARDIAN_CONSENT_UNCLEAR")
    given = ok(await crm.post(path, json=one | evidence, headers=etag(1)), 2)
    assert refusal(await crm.post(path, json=one | evidence, headers=etag(1))) == (412, "VERSION_STALE")
    assert ok(await crm.get(path))["items"] == [given]
