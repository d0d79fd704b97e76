"""Outlets through the API."""

from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import etag, ok, open_outlet, outlet_body, refusal


async def test_open_read_change_close(kit: ServiceKit, planner: Caller) -> None:
    opened = await planner.post("/v1/outlets", json=outlet_body(code="SH-0001"))
    outlet = ok(opened)
    path = f"/v1/outlets/{outlet['id']}"
    assert (opened.status_code, opened.headers["etag"], opened.headers["location"]) == (201, '"1"', path)
    assert outlet["status"] == "open"
    assert outlet["calendar"]["week"][0] == {"opens": "09:00:00", "closes": "17:00:00"}

    read = await planner.get(path)
    assert (ok(read), read.headers["etag"]) == (outlet, '"1"')

    changed = await planner.put(path, json=outlet_body(grade=11, outlet_class="A"), headers=etag(1))
    assert (ok(changed)["grade"], ok(changed)["outlet_class"], changed.headers["etag"]) == (11, "A", '"2"')

    closed = await planner.post(f"{path}/closure", json={"reason": "Merged"}, headers=etag(2))
    assert (ok(closed)["status"], closed.headers["etag"]) == ("closed", '"3"')
    again = await planner.post(f"{path}/closure", json={"reason": "Merged"}, headers=etag(3))
    assert refusal(again) == (409, "OUTLET_CLOSED")
    assert refusal(await planner.put(path, json=outlet_body(), headers=etag(3))) == (409, "OUTLET_CLOSED")

    facts = await kit.facts()
    assert [(fact.type, fact.sequence) for fact in facts] == [
        ("staffing.outlet.opened.v1", 1),
        ("staffing.outlet.changed.v1", 2),
        ("staffing.outlet.closed.v1", 3),
    ]
    assert {fact.key for fact in facts} == {outlet["id"]}
    assert {fact.topic for fact in facts} == {"staffing.outlets.v1"}
    assert facts[0].data["outlet"]["week"] == outlet["calendar"]["week"]
    assert facts[0].data["outlet"]["exceptions"] == {"2026-10-01": None}
    assert facts[2].data["outlet"] == facts[1].data["outlet"]
    assert facts[2].data["reason"] == "Merged"


async def test_a_code_is_taken_once(kit: ServiceKit, planner: Caller) -> None:
    await open_outlet(planner)
    again = await planner.post("/v1/outlets", json=outlet_body(code="SH-0001"))
    assert refusal(again) == (409, "OUTLET_CODE_TAKEN")
    assert len(await kit.facts()) == 1


async def test_a_repeated_key_opens_one_outlet(kit: ServiceKit, planner: Caller) -> None:
    key = {"Idempotency-Key": "open-1"}
    first = await planner.post("/v1/outlets", json=outlet_body(code="SH-0001"), headers=key)
    second = await planner.post("/v1/outlets", json=outlet_body(code="SH-0001"), headers=key)
    assert ok(first) == ok(second)
    assert len(await kit.facts()) == 1


@pytest.mark.rule("STF-02", side="refuse")
@pytest.mark.parametrize("grade", [7, 15])
async def test_a_grade_outside_the_standard(kit: ServiceKit, planner: Caller, grade: int) -> None:
    opened = await planner.post("/v1/outlets", json=outlet_body(code="SH-0001", grade=grade))
    assert refusal(opened) == (422, "GRADE_OUT_OF_RANGE")
    outlet = await open_outlet(planner)
    path = f"/v1/outlets/{outlet['id']}"
    changed = await planner.put(path, json=outlet_body(grade=grade), headers=etag(1))
    assert refusal(changed) == (422, "GRADE_OUT_OF_RANGE")
    assert len(await kit.facts()) == 1


@pytest.mark.rule("STF-02", side="pass")
@pytest.mark.parametrize("grade", [8, 14])
async def test_a_grade_at_the_end_of_the_standard(planner: Caller, grade: int) -> None:
    outlet = await open_outlet(planner, grade=grade)
    path = f"/v1/outlets/{outlet['id']}"
    assert ok(await planner.put(path, json=outlet_body(grade=22 - grade), headers=etag(1)))["version"] == 2


@pytest.mark.mechanism("M001")
@pytest.mark.parametrize("outlet_class", ["A", "B", "C"])
async def test_an_outlet_has_its_corporate_class(kit: ServiceKit, planner: Caller, outlet_class: str) -> None:
    outlet = await open_outlet(planner, outlet_class=outlet_class)
    assert outlet["outlet_class"] == outlet_class
    (fact,) = await kit.facts("staffing.outlet.opened.v1")
    assert fact.data["outlet"]["outlet_class"] == outlet_class
    unknown = await planner.post("/v1/outlets", json=outlet_body(code="SH-0002", outlet_class="D"))
    assert refusal(unknown) == (422, "PAYLOAD_INVALID")


@pytest.mark.parametrize(
    "calendar",
    [
        {"timezone": "Asia/Nowhere"},
        {"timezone": "Asia"},
        {"cutover_hour": 24},
        {"week": [{"opens": "17:00", "closes": "09:00"}] + [None] * 6},
        {"week": [{"opens": "09:00:30", "closes": "17:00"}] + [None] * 6},
        {"week": [{"opens": "09:00+08:00", "closes": "17:00+08:00"}] + [None] * 6},
        {"exceptions": {"2026-10-01": {"opens": "09:00Z", "closes": "17:00"}}},
    ],
)
async def test_a_calendar_that_no_clock_can_show(planner: Caller, calendar: dict[str, Any]) -> None:
    body = outlet_body(code="SH-0001")
    body["calendar"] |= calendar
    assert refusal(await planner.post("/v1/outlets", json=body)) == (422, "CALENDAR_INVALID")


async def test_the_list_shows_the_outlets_of_the_token_by_code(kit: ServiceKit, planner: Caller) -> None:
    opened = {code: await open_outlet(planner, code) for code in ("SH-0003", "SH-0001", "SH-0002")}
    found, cursor = [], None
    while True:
        page = ok(
            await planner.get("/v1/outlets", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        )
        found += [outlet["code"] for outlet in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ["SH-0001", "SH-0002", "SH-0003"]
    head = kit.client("outlet_head", outlets=(opened["SH-0002"]["id"],))
    assert [outlet["code"] for outlet in ok(await head.get("/v1/outlets"))["items"]] == ["SH-0002"]
