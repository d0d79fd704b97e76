"""Sales zones through their routes (ZON-02, ZON-03)."""

import pytest

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    UNKNOWN,
    checklist_body,
    etag,
    ok,
    open_outlet,
    prepare_zone,
    refusal,
    zone_body,
)
from services.compliance.tests.selling import broken, filmed, prepared

REASON = {"reason": "Sign fell down"}


@pytest.mark.mechanism("M118")
async def test_a_zone_opens_with_its_first_passing_inspection(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    response = await head.post("/v1/zones", json=zone_body(outlet))
    zone = ok(response, 1)
    path = f"/v1/zones/{zone['id']}"
    now = to_json(kit.clock.now())
    assert (response.status_code, response.headers["location"]) == (201, path)
    assert zone == zone_body(outlet) | {
        "id": zone["id"],
        "version": 1,
        "area": "SALES_ZONE",
        "rules": ["ZON-01", "ZON-02", "ZON-03", "ZON-05", "ZON-06"],
        "state": "PREPARING",
        "opened_at": now,
    }
    missing = checklist_body(report_hotline=False)
    found = ok(await officer.post(f"{path}/inspections", json=missing, headers=etag(1)), 2)
    assert found["state"] == "PREPARING"
    found = ok(await officer.post(f"{path}/inspections", json=checklist_body(), headers=etag(2)), 3)
    assert found["state"] == "ACTIVE"
    found = ok(await head.post(f"{path}/suspension", json=REASON, headers=etag(3)), 4)
    assert found["state"] == "SUSPENDED"
    refused = await head.post(f"{path}/suspension", json=REASON, headers=etag(4))
    assert refusal(refused) == (409, "ZONE_NOT_ACTIVE")
    found = ok(await officer.post(f"{path}/inspections", json=checklist_body(), headers=etag(4)), 5)
    assert found["state"] == "ACTIVE"
    found = ok(await officer.post(f"{path}/inspections", json=missing, headers=etag(5)), 6)
    assert found["state"] == "SUSPENDED"
    closed = ok(await head.post(f"{path}/closure", json=REASON, headers=etag(6)), 7)
    assert closed["state"] == "CLOSED"
    for refused in (
        await officer.post(f"{path}/inspections", json=checklist_body(), headers=etag(7)),
        await head.post(f"{path}/suspension", json=REASON, headers=etag(7)),
        await head.post(f"{path}/closure", json=REASON, headers=etag(7)),
    ):
        assert refusal(refused) == (409, "ZONE_CLOSED")
    assert ok(await head.get(path), 7) == closed

    inspections = ok(await head.get(f"{path}/inspections"))["items"]
    assert [(item["zone_version"], item["passed"]) for item in inspections] == [
        (2, False), (3, True), (5, True), (6, False),
    ]  # fmt: skip
    assert (inspections[0]["checklist"], inspections[0]["inspected_by"]) == (missing, "officer-1")
    assert {item["inspected_at"] for item in inspections} == {now}
    orders = ok(await head.get(f"{path}/orders"))["items"]
    assert [(item["zone_version"], item["kind"], item["ordered_by"]) for item in orders] == [
        (4, "SUSPEND", "head-1"), (7, "CLOSE", "head-1"),
    ]  # fmt: skip


async def test_the_outlet_does_not_inspect_its_own_zone(kit: ServiceKit, head: Caller) -> None:
    zone = await prepare_zone(head, await open_outlet(kit))
    path = f"/v1/zones/{zone['id']}/inspections"
    refused = await head.post(path, json=checklist_body(), headers=etag(1))
    assert refusal(refused) == (403, "ACTION_FORBIDDEN")


async def test_an_item_that_nobody_looked_at_is_no_inspection(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    zone = await prepare_zone(head, await open_outlet(kit))
    path = f"/v1/zones/{zone['id']}"
    for item in checklist_body():
        for body in (checklist_body() | {item: None}, checklist_body() | {item: 1}):
            refused = await officer.post(f"{path}/inspections", json=body, headers=etag(1))
            assert refusal(refused) == (422, "PAYLOAD_INVALID")
    assert ok(await officer.get(path), 1)["state"] == "PREPARING"


@pytest.mark.rule("ZON-02", side="refuse")
async def test_a_fixed_counter_without_its_reason(kit: ServiceKit, head: Caller) -> None:
    outlet = await open_outlet(kit)
    for reason in (None, "", "  "):
        body = zone_body(outlet, zone_type="FIXED_COUNTER", type_reason=reason)
        refused = await head.post("/v1/zones", json=body)
        assert refusal(refused)[0] == 422
        if reason is None:
            assert refusal(refused)[1] == "ZONE_TYPE_REASON_MISSING"
    assert ok(await head.get("/v1/zones"))["items"] == []


@pytest.mark.rule("ZON-02", side="pass")
async def test_a_fixed_counter_with_its_reason(kit: ServiceKit, head: Caller, officer: Caller) -> None:
    body = {"zone_type": "FIXED_COUNTER", "type_reason": "Forty square metres in all"}
    zone = await prepare_zone(head, await open_outlet(kit), **body)
    assert (zone["zone_type"], zone["type_reason"]) == (body["zone_type"], body["type_reason"])
    path = f"/v1/zones/{zone['id']}/inspections"
    assert ok(await officer.post(path, json=checklist_body(), headers=etag(1)))["state"] == "ACTIVE"


async def test_zones_belong_to_a_known_outlet_and_have_their_code(kit: ServiceKit, head: Caller) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    assert refusal(await head.post("/v1/zones", json=zone_body(UNKNOWN))) == (404, "OUTLET_UNKNOWN")
    await prepare_zone(head, here)
    assert refusal(await head.post("/v1/zones", json=zone_body(here))) == (409, "ZONE_CODE_TAKEN")
    await prepare_zone(head, there)


async def test_zones_are_listed_by_outlet(kit: ServiceKit, head: Caller) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    zones = [await prepare_zone(head, outlet) for outlet in (here, there)]
    assert ok(await head.get("/v1/zones"))["items"] == zones
    mine = kit.client("seller", outlets=(here,))
    assert ok(await mine.get("/v1/zones"))["items"] == zones[:1]


@pytest.mark.mechanism("M040")
@pytest.mark.parametrize("area", ["WEALTH_AREA", "VIP_ROOM"])
async def test_a_wealth_area_or_vip_room_sells_after_the_checks_of_a_zone(kit: ServiceKit, area: str) -> None:
    deal = await prepared(kit)
    head = kit.client("outlet_head", subject="head-1")
    deal.zone = await prepare_zone(head, deal.outlet_id, code="V1", area=area)
    assert {"ZON-01", "ZON-02", "ZON-03"} <= set(deal.zone["rules"])
    await deal.equip()
    ok(await deal.inspect_zone(risk_warning=False))
    await filmed(deal)
    assert {code for _, code in broken(await deal.sell())} == {"OUTSIDE_SALES_ZONE", "ZONE_NOT_READY"}
    ok(await deal.inspect_zone())
    ok(await deal.sell())


@pytest.mark.mechanism("M040")
async def test_in_the_demonstration_area_nothing_is_sold(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    head = kit.client("outlet_head", subject="head-1")
    deal.zone = await prepare_zone(head, deal.outlet_id, code="E1", area="EBANKING_DEMO")
    assert "ZON-03" not in deal.zone["rules"]
    assert refusal(await deal.inspect_zone()) == (409, "ZONE_AREA_SELLS_NOTHING")
    await filmed(deal)
    assert ("ZON-01", "OUTSIDE_SALES_ZONE") in broken(await deal.sell())
