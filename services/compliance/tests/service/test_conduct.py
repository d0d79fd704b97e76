"""Conduct: incidents in confidence, and the alerts that stop a seller at the gate and tell staffing."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Employee, Json, etag, ok, refusal
from services.compliance.tests.selling import Deal, broken, filmed, make_ready, prepared

RAISED, CLEARED = "compliance.conduct.alert_raised.v1", "compliance.conduct.alert_cleared.v1"
OFF_BOOK = [("SAL-02", "OFF_BOOK_SALE_SUSPECTED")]


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now."""
    return await make_ready(kit)


def officer(kit: ServiceKit) -> Caller:
    """Who looks into incidents."""
    return kit.client("compliance_officer", subject="officer-1")


def report_body(seller_id: str | None, **given: Any) -> Json:
    """Somebody saw an off-book pitch."""
    body = {
        "kind": "OFF_BOOK_SALE_SUSPECTED",
        "seller_id": seller_id,
        "product_named": "Golden Harvest Private Fund",
        "account": "He offered it to the customer before me.",
    }
    return body | given


async def reported(deal: Deal, caller: Caller | None = None, **given: Any) -> Json:
    """A report about the deal's seller, by a teller's colleague at the outlet."""
    caller = caller or deal.kit.client("outlet_head", subject="head-9", outlets=(deal.outlet_id,))
    return ok(
        await caller.post("/v1/incidents", json=report_body(**({"seller_id": deal.employee.id} | given))), 1
    )


async def step(kit: ServiceKit, incident_id: str, kind: str, reason: str = "Looked into") -> httpx.Response:
    """One step by the officer, at the incident's present version."""
    path = f"/v1/incidents/{incident_id}"
    version = ok(await officer(kit).get(path))["version"]
    body = {"kind": kind, "reason": reason}
    return await officer(kit).post(f"{path}/steps", json=body, headers=etag(version))


async def steps(kit: ServiceKit, incident_id: str, *kinds: str) -> None:
    """Several steps, each of them taken."""
    for kind in kinds:
        ok(await step(kit, incident_id, kind))


@pytest.mark.rule("SAL-02", side="refuse")
async def test_a_pitch_of_an_unlisted_product_stops_its_seller_at_once(deal: Deal) -> None:
    incident = await reported(deal)
    assert broken(await deal.sell()) == OFF_BOOK
    check = await deal.check()
    assert [(item["rule"], item["code"]) for item in check["violations"]] == OFF_BOOK
    (fact,) = await deal.kit.facts(RAISED)
    assert (fact.topic, fact.key, fact.sequence) == ("compliance.conduct.v1", incident["id"], 1)
    assert fact.data["employee_id"] == deal.employee.id
    assert set(fact.data) == {"version", "occurred_at", "alert_id", "employee_id"}


@pytest.mark.rule("SAL-02", side="pass")
@pytest.mark.parametrize("field", ["code", "name"])
async def test_a_pitch_of_a_listed_product_is_no_off_book_sale(deal: Deal, field: str) -> None:
    body = report_body(deal.employee.id, product_named=f" {deal.product[field].lower()}")
    refused = await officer(deal.kit).post("/v1/incidents", json=body)
    assert refusal(refused) == (422, "PRODUCT_IS_LISTED")
    assert await deal.kit.facts(RAISED) == []
    assert (await deal.sell()).status_code == 201


@pytest.mark.rule("SAL-02", side="pass")
async def test_after_a_dismissal_the_seller_sells_again(deal: Deal) -> None:
    incident = await reported(deal)
    await steps(deal.kit, incident["id"], "TAKEN_UP")
    assert broken(await deal.sell()) == OFF_BOOK
    await steps(deal.kit, incident["id"], "DISMISSED")
    (fact,) = await deal.kit.facts(CLEARED)
    assert (fact.key, fact.sequence, fact.data["employee_id"]) == (incident["id"], 2, deal.employee.id)
    assert (await deal.sell()).status_code == 201


async def test_an_alert_and_its_clearance_bump_the_sellers_head(deal: Deal) -> None:
    """G1."""
    path = f"/v1/sellers/{deal.employee.id}"
    before = ok(await officer(deal.kit).get(path))["version"]
    incident = await reported(deal)
    assert ok(await officer(deal.kit).get(path))["version"] == before + 1
    await steps(deal.kit, incident["id"], "TAKEN_UP", "DISMISSED")
    assert ok(await officer(deal.kit).get(path))["version"] == before + 2


@pytest.mark.rule("SAL-02", side="pass")
async def test_another_seller_is_not_concerned(kit: ServiceKit) -> None:
    other = await prepared(kit, subject="seller-2", code="SH-0002")
    deal = await make_ready(kit)
    await reported(other)
    assert (await deal.sell()).status_code == 201


async def test_each_of_two_alerts_stops_the_seller(deal: Deal) -> None:
    first, second = await reported(deal), await reported(deal, product_named="Another one")
    await steps(deal.kit, first["id"], "TAKEN_UP", "DISMISSED")
    assert broken(await deal.sell()) == OFF_BOOK
    await steps(deal.kit, second["id"], "TAKEN_UP", "DISMISSED")
    assert (await deal.sell()).status_code == 201


async def test_a_confirmed_seller_stays_stopped_until_an_officer_clears_him(deal: Deal) -> None:
    incident = await reported(deal)
    await steps(deal.kit, incident["id"], "TAKEN_UP", "CONFIRMED", "CLOSED")
    assert broken(await deal.sell()) == OFF_BOOK
    await steps(deal.kit, incident["id"], "ALERT_CLEARED")
    assert (await deal.sell()).status_code == 201
    assert refusal(await step(deal.kit, incident["id"], "ALERT_CLEARED")) == (409, "ALERT_NOT_OPEN")
    assert len(await deal.kit.facts(CLEARED)) == 1


async def test_an_alert_about_a_seller_unknown_as_yet_waits_for_him(kit: ServiceKit) -> None:
    """N4."""
    deal = await prepared(kit)
    stranger = Employee(kit, deal.outlet_id, "seller-2")
    ok(await officer(kit).post("/v1/incidents", json=report_body(stranger.id)))
    right = new_id()
    await kit.deliver(stranger.joined(), stranger.granted(right), *stranger.prepared())
    deal.employee, deal.qualification_id = stranger, right
    assert broken(await (await filmed(deal)).sell()) == OFF_BOOK


async def test_the_decision_names_the_alert_and_is_replayed_after_it_is_over(deal: Deal) -> None:
    incident = await reported(deal)
    refused = await deal.sell()
    decision_id = refused.json()["record"]["decision_id"]
    await steps(deal.kit, incident["id"], "TAKEN_UP", "DISMISSED")
    path = f"/v1/decisions/{decision_id}"
    inputs = ok(await officer(deal.kit).get(path))["inputs"]
    assert [alert["alert_id"] for alert in inputs["alerts"]] == [incident["id"]]
    assert ok(await officer(deal.kit).get(f"{path}/replay"))["same"] is True


# --- M136 --------------------------------------------------------------------------------------------------


@pytest.mark.mechanism("M136")
async def test_illegal_fundraising_stops_the_seller_and_closes_only_once_reported(deal: Deal) -> None:
    incident = await reported(deal, kind="ILLEGAL_FUNDRAISING", product_named=None)
    refused = await deal.sell()
    assert broken(refused) == OFF_BOOK
    (violation,) = refused.json()["violations"]
    assert "unlawful finance" in violation["messages"]["en"]
    await steps(deal.kit, incident["id"], "TAKEN_UP", "CONFIRMED")
    assert refusal(await step(deal.kit, incident["id"], "CLOSED")) == (409, "INCIDENT_NOT_REPORTED")
    await steps(deal.kit, incident["id"], "AUTHORITY_TOLD", "CLOSED")


@pytest.mark.mechanism("M136")
async def test_fundraising_by_strangers_on_the_premises_is_an_incident_without_an_alert(deal: Deal) -> None:
    body = report_body(None, kind="ILLEGAL_FUNDRAISING", outlet_id=deal.outlet_id, product_named=None)
    ok(await officer(deal.kit).post("/v1/incidents", json=body))
    assert await deal.kit.facts(RAISED) == []
    assert (await deal.sell()).status_code == 201


async def test_a_dismissed_suspicion_of_fundraising_closes_without_a_report(deal: Deal) -> None:
    incident = await reported(deal, kind="ILLEGAL_FUNDRAISING", product_named=None)
    await steps(deal.kit, incident["id"], "TAKEN_UP", "DISMISSED", "CLOSED")
    path = f"/v1/incidents/{incident['id']}"
    assert ok(await officer(deal.kit).get(path), 4)["state"] == "CLOSED"
    taken = ok(await officer(deal.kit).get(f"{path}/steps"))["items"]
    assert "AUTHORITY_TOLD" not in [one["kind"] for one in taken]


# --- Incidents ---------------------------------------------------------------------------------------------


async def test_the_history_says_who_did_what_and_why(deal: Deal) -> None:
    incident = await reported(deal, kind="OTHER", product_named=None)
    ok(await step(deal.kit, incident["id"], "TAKEN_UP", "Camera of the zone"))
    deal.kit.clock.advance(timedelta(minutes=1))
    ok(await step(deal.kit, incident["id"], "CONFIRMED", "Seen on camera"))
    path = f"/v1/incidents/{incident['id']}"
    auditor = deal.kit.client("auditor", subject="auditor-1")
    shown = ok(await auditor.get(path), 3)
    assert (shown["state"], shown["outlet_id"]) == ("CONFIRMED", deal.outlet_id)
    history = ok(await auditor.get(f"{path}/steps"))["items"]
    assert [
        (item["incident_version"], item["kind"], item["reason"], item["taken_by"]) for item in history
    ] == [
        (2, "TAKEN_UP", "Camera of the zone", "officer-1"),
        (3, "CONFIRMED", "Seen on camera", "officer-1"),
    ]


@pytest.mark.parametrize(
    ("taken", "impossible"),
    [
        ((), "CONFIRMED"),
        ((), "DISMISSED"),
        ((), "CLOSED"),
        ((), "ALERT_CLEARED"),
        ((), "AUTHORITY_TOLD"),
        (("TAKEN_UP",), "TAKEN_UP"),
        (("TAKEN_UP",), "ALERT_CLEARED"),
        (("TAKEN_UP", "DISMISSED"), "CONFIRMED"),
        (("TAKEN_UP", "DISMISSED"), "ALERT_CLEARED"),
        (("TAKEN_UP", "CONFIRMED", "CLOSED"), "CLOSED"),
    ],
)
async def test_each_step_has_its_place(deal: Deal, taken: tuple[str, ...], impossible: str) -> None:
    incident = await reported(deal)
    await steps(deal.kit, incident["id"], *taken)
    before = len(await deal.kit.facts())
    assert refusal(await step(deal.kit, incident["id"], impossible)) == (409, "INCIDENT_STEP_IMPOSSIBLE")
    assert len(await deal.kit.facts()) == before


async def test_a_step_needs_the_present_version(deal: Deal) -> None:
    incident = await reported(deal)
    path = f"/v1/incidents/{incident['id']}/steps"
    body = {"kind": "TAKEN_UP", "reason": "Mine"}
    assert (await officer(deal.kit).post(path, json=body)).status_code == 428
    assert refusal(await officer(deal.kit).post(path, json=body, headers=etag(2))) == (412, "VERSION_STALE")


async def test_an_off_book_report_names_the_product(deal: Deal) -> None:
    body = report_body(deal.employee.id, product_named=None)
    refused = await officer(deal.kit).post("/v1/incidents", json=body)
    assert refusal(refused) == (422, "OFF_BOOK_PRODUCT_MISSING")


@pytest.mark.rule("SAL-04", side="refuse")
@pytest.mark.rule("SAL-04", side="pass")
@pytest.mark.parametrize("role", ["seller", "outlet_head", "customer", "product_admin", "operator"])
async def test_a_reporter_learns_nothing_and_is_shown_to_the_officer_alone(deal: Deal, role: str) -> None:
    outlets = () if role == "customer" else (deal.outlet_id,)
    witness = deal.kit.client(role, subject="witness-1", outlets=outlets)
    receipt = await reported(deal, witness)
    assert set(receipt) == {"id", "received_at"}
    path = f"/v1/incidents/{receipt['id']}"
    for read in ("/v1/incidents", path, f"{path}/steps", f"{path}/reporter"):
        assert (await witness.get(read)).status_code == 403
    auditor = deal.kit.client("auditor", subject="auditor-1")
    assert (await auditor.get(f"{path}/reporter")).status_code == 403
    for shown in ("/v1/incidents", path, f"{path}/steps"):
        assert "witness-1" not in (await auditor.get(shown)).text
    assert ok(await officer(deal.kit).get(f"{path}/reporter"))["subject"] == "witness-1"


async def test_incidents_are_listed_by_state_and_seller(deal: Deal) -> None:
    first, second = await reported(deal), await reported(deal, kind="OTHER", seller_id=None)
    await steps(deal.kit, first["id"], "TAKEN_UP")

    async def found(**params: str) -> list[str]:
        page = ok(await officer(deal.kit).get("/v1/incidents", params=params))
        return [item["id"] for item in page["items"]]

    assert await found() == [first["id"], second["id"]]
    assert await found(state="OPENED") == [second["id"]]
    assert await found(seller_id=deal.employee.id) == [first["id"]]
    local = deal.kit.client("compliance_officer", subject="officer-2", outlets=(deal.outlet_id,))
    assert [item["id"] for item in ok(await local.get("/v1/incidents"))["items"]] == [first["id"]]


async def test_an_incident_of_no_outlet_is_for_those_who_see_every_outlet(deal: Deal) -> None:
    body = report_body(None, kind="ILLEGAL_FUNDRAISING", outlet_id=None, product_named=None)
    incident = ok(await officer(deal.kit).post("/v1/incidents", json=body))
    local = deal.kit.client("compliance_officer", subject="officer-2", outlets=(deal.outlet_id,))
    path = f"/v1/incidents/{incident['id']}"
    assert ok(await local.get("/v1/incidents"))["items"] == []
    for answer in (
        await local.get(path),
        await local.get(f"{path}/steps"),
        await local.get(f"{path}/reporter"),
        await local.post(f"{path}/steps", json={"kind": "TAKEN_UP", "reason": "Mine"}, headers=etag(1)),
    ):
        assert refusal(answer) == (404, "NOT_FOUND")
    assert ok(await officer(deal.kit).get(path), 1)["outlet_id"] is None
