"""Customers and their assessments through the routes (SUI-01, SUI-09, SUI-12)."""

from datetime import timedelta

import pytest

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, etag, ok, refusal, register


async def assess(caller: Caller, who: Json, version: int, level: int = 3) -> Json:
    path = f"/v1/customers/{who['id']}/assessments"
    return ok(await caller.post(path, json={"level": level}, headers=etag(version)), version + 1)


def imported(completed_at: str, level: int = 3) -> Json:
    return {"level": level, "completed_at": completed_at, "source": "crm"}


async def test_a_customer_is_an_opaque_id_and_a_subject(kit: ServiceKit, seller: Caller) -> None:
    response = await seller.post("/v1/customers", json={"subject": "customer-1"})
    found = ok(response, 1)
    assert (response.status_code, response.headers["location"]) == (201, f"/v1/customers/{found['id']}")
    assert found == {
        "id": found["id"],
        "version": 1,
        "subject": "customer-1",
        "assessment": None,
        "awaits_confirmation": False,
        "change_reported_at": None,
    }
    again = await seller.post("/v1/customers", json={"subject": "customer-1"})
    assert refusal(again) == (409, "CUSTOMER_SUBJECT_TAKEN")
    first, second = await register(seller, None), await register(seller, None)
    assert first["id"] != second["id"]
    assert await kit.facts() == []


async def test_the_assessment_completed_last_counts(kit: ServiceKit, crm: Caller, customer: Caller) -> None:
    who, now = await register(crm), kit.clock.now()
    path = f"/v1/customers/{who['id']}"

    async def bring(version: int, days_ago: int, level: int) -> Json:
        body = imported(to_json(now - timedelta(days=days_ago)), level)
        return ok(await crm.post(f"{path}/imported_assessments", json=body, headers=etag(version)))

    assert (await bring(1, 30, 2))["assessment"]["level"] == 2
    assert (await bring(2, 400, 5))["assessment"]["level"] == 2, "an older one changes nothing"
    assert (await bring(3, 30, 4))["assessment"]["level"] == 4, "of two at one instant the one recorded later"
    mine = (await assess(customer, who, 4, 1))["assessment"]
    assert (mine["level"], mine["completed_at"], mine["imported"], mine["source"]) == (
        1, to_json(now), False, None,
    )  # fmt: skip
    assert (await bring(5, 1, 5))["assessment"]["level"] == 1

    listed = ok(await customer.get(f"{path}/assessments"))["items"]
    assert [(item["customer_version"], item["level"], item["imported"]) for item in listed] == [
        (2, 2, True), (3, 5, True), (4, 4, True), (5, 1, False), (6, 5, True),
    ]  # fmt: skip
    assert listed[1]["completed_at"] == to_json(now - timedelta(days=400))
    assert {item["recorded_at"] for item in listed} == {to_json(now)}


async def test_the_future_is_not_imported(kit: ServiceKit, crm: Caller) -> None:
    who = await register(crm)
    path = f"/v1/customers/{who['id']}/imported_assessments"
    body = imported(to_json(kit.clock.now() + timedelta(microseconds=1)))
    assert refusal(await crm.post(path, json=body, headers=etag(1))) == (422, "ASSESSMENT_IN_FUTURE")
    naive = imported("2026-01-01T00:00:00")
    assert refusal(await crm.post(path, json=naive, headers=etag(1))) == (422, "PAYLOAD_INVALID")


@pytest.mark.rule("SUI-09", side="refuse")
@pytest.mark.parametrize("level", [0, 6])
async def test_levels_outside_the_scale(crm: Caller, customer: Caller, level: int) -> None:
    who = await register(crm)
    refused = await customer.post(
        f"/v1/customers/{who['id']}/assessments", json={"level": level}, headers=etag(1)
    )
    assert refusal(refused) == (422, "TOLERANCE_LEVEL_OUT_OF_RANGE")
    assert ok(await customer.get(f"/v1/customers/{who['id']}"), 1)["assessment"] is None


@pytest.mark.rule("SUI-09", side="pass")
@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
async def test_levels_of_the_scale(crm: Caller, customer: Caller, level: int) -> None:
    who = await register(crm)
    assert (await assess(customer, who, 1, level))["assessment"]["level"] == level


async def test_nobody_is_assessed_by_somebody_else(kit: ServiceKit, crm: Caller, seller: Caller) -> None:
    who = await register(crm)
    path = f"/v1/customers/{who['id']}"
    body = {"level": 5}
    for staff in (seller, crm):
        refused = await staff.post(f"{path}/assessments", json=body, headers=etag(1))
        assert refusal(refused) == (403, "ACTION_FORBIDDEN")
    for stranger in (
        kit.client("customer", outlets=("*",), subject="customer-2"),
        kit.client("customer", "seller", subject="seller-1"),
    ):
        refused = await stranger.post(f"{path}/assessments", json=body, headers=etag(1))
        assert refusal(refused) == (404, "NOT_FOUND")
    refused = await seller.post(f"{path}/imported_assessments", json=body, headers=etag(1))
    assert refusal(refused) == (403, "ACTION_FORBIDDEN")
    # Without a subject nobody is the customer himself.
    unnamed = await register(crm, None)
    refused = await kit.client("customer", subject="None").post(
        f"/v1/customers/{unnamed['id']}/assessments", json=body, headers=etag(1)
    )
    assert refusal(refused) == (404, "NOT_FOUND")


async def test_a_change_is_told_by_the_customer_or_noted_by_the_seller(
    kit: ServiceKit, crm: Caller, customer: Caller
) -> None:
    who = await register(crm)
    path = f"/v1/customers/{who['id']}"
    first = ok(await customer.post(f"{path}/reported_changes", headers=etag(1)), 2)
    assert first["change_reported_at"] == to_json(kit.clock.now())
    kit.clock.advance(timedelta(minutes=1))
    noting = kit.client("seller")
    second = ok(await noting.post(f"{path}/reported_changes", headers=etag(2)), 3)
    assert second["change_reported_at"] == to_json(kit.clock.now())


async def test_a_customer_finds_himself_and_nobody_else(
    crm: Caller, customer: Caller, officer: Caller, seller: Caller
) -> None:
    mine, other = await register(crm), await register(crm, "customer-2")
    entries = [{name: who[name] for name in ("id", "version", "subject")} for who in (mine, other)]
    assert ok(await customer.get("/v1/customers"))["items"] == entries[:1]
    query = {"subject": "customer-2"}
    assert ok(await customer.get("/v1/customers", params=query))["items"] == entries[:1]
    assert ok(await officer.get("/v1/customers", params=query))["items"] == entries[1:]
    assert ok(await officer.get("/v1/customers"))["items"] == entries
    assert refusal(await seller.get("/v1/customers")) == (403, "ACTION_FORBIDDEN")
    assert refusal(await customer.get(f"/v1/customers/{other['id']}")) == (404, "NOT_FOUND")
