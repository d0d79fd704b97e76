"""Employees and their qualifications through the API, and the facts about them."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import (
    UNKNOWN,
    employee_body,
    etag,
    grant,
    join,
    ok,
    open_outlet,
    qualification_body,
    refusal,
    suspension_body,
)

TOPIC = "staffing.employees.v1"


async def test_the_register_hears_of_every_change_in_order(
    kit: ServiceKit, planner: Caller, compliance: Caller
) -> None:
    outlet, other = await open_outlet(planner), await open_outlet(planner, "SH-0002")
    joined = await planner.post("/v1/employees", json=employee_body(outlet["id"], staff_number="100001"))
    employee = ok(joined)
    path = f"/v1/employees/{employee['id']}"
    assert (joined.status_code, joined.headers["etag"], joined.headers["location"]) == (201, '"1"', path)
    now = to_json(kit.clock.now())

    granted = await planner.post(f"{path}/qualifications", json=qualification_body(), headers=etag(1))
    held = ok(granted)
    qualification = f"{path}/qualifications/{held['id']}"
    assert (granted.status_code, granted.headers["etag"]) == (201, '"2"')
    assert granted.headers["location"] == qualification
    assert ok(await planner.get(qualification)) == held
    assert held["state"] == "valid"

    body = suspension_body()
    suspended = await compliance.post(f"{qualification}/suspension", json=body, headers=etag(2))
    assert (ok(suspended)["state"], suspended.headers["etag"]) == ("suspended", '"3"')
    assert ok(suspended)["suspensions"] == [
        {"suspended_from": now, "suspended_until": None, "lifted_at": None, "reason": body["reason"]}
    ]
    reinstated = await compliance.post(f"{qualification}/reinstatement", headers=etag(3))
    assert (ok(reinstated)["state"], reinstated.headers["etag"]) == ("valid", '"4"')
    assert ok(reinstated)["suspensions"][0]["lifted_at"] == now
    why = {"reason": "Mis-selling"}
    revoked = await compliance.post(f"{qualification}/revocation", json=why, headers=etag(4))
    assert (ok(revoked)["state"], revoked.headers["etag"]) == ("revoked", '"5"')

    moved = employee_body(other["id"], subject="seller-2", employer="partner", posts=["lobby_guide"])
    changed = await planner.put(path, json=moved, headers=etag(5))
    assert (ok(changed)["outlet_id"], changed.headers["etag"]) == (other["id"], '"6"')
    left = await planner.post(f"{path}/departure", headers=etag(6))
    assert (ok(left)["active"], ok(left)["left_at"], left.headers["etag"]) == (False, now, '"7"')
    assert ok(await planner.get(path)) == ok(left)

    facts = [fact for fact in await kit.facts() if fact.topic == TOPIC]
    assert {fact.key for fact in facts} == {employee["id"]}
    assert [fact.data["version"] for fact in facts] == [fact.sequence for fact in facts] == list(range(1, 8))
    assert {fact.data["occurred_at"] for fact in facts} == {now}
    known = {
        "employee_id": employee["id"], "outlet_id": outlet["id"], "staff_number": "100001",
        "subject": "seller-1", "employer": "bank", "active": True,
    }  # fmt: skip
    moved_entry = known | {"outlet_id": other["id"], "subject": "seller-2", "employer": "partner"}
    about = {"employee_id": employee["id"], "qualification_id": held["id"], "kind": "wealth"}
    assert [(fact.type.removeprefix("staffing."), without_place(fact.data)) for fact in facts] == [
        ("employee.joined.v1", known),
        ("qualification.granted.v1", about | {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}),
        (
            "qualification.suspended.v1",
            about | {"suspended_from": now, "suspended_until": None, "reason": body["reason"]},
        ),
        ("qualification.reinstated.v1", about),
        ("qualification.revoked.v1", about | why),
        ("employee.changed.v1", moved_entry),
        ("employee.left.v1", moved_entry | {"subject": None, "active": False}),
    ]


def without_place(data: dict[str, Any]) -> dict[str, Any]:
    """What a fact says, beside its version and time."""
    return {name: value for name, value in data.items() if name not in ("version", "occurred_at")}


async def test_the_state_shown_is_that_of_the_moment(kit: ServiceKit, planner: Caller) -> None:
    employee = await join(planner, (await open_outlet(planner))["id"])
    await grant(planner, employee, 1, valid_from="2026-03-03", valid_to="2026-03-03")
    await grant(planner, employee, 2, kind="agency_fund", valid_from="2026-03-02", valid_to="2026-03-02")
    shown = []
    for _ in range(3):
        # 09:00 on 2, 3 and 4 March in Shanghai: a client of the day, for tokens end after ten minutes.
        reader = kit.client("auditor")
        items = ok(await reader.get(f"/v1/employees/{employee['id']}"))["qualifications"]
        shown.append({item["kind"]: item["state"] for item in items})
        kit.clock.advance(timedelta(days=1))
    assert shown == [
        {"wealth": "pending", "agency_fund": "valid"},
        {"wealth": "valid", "agency_fund": "expired"},
        {"wealth": "expired", "agency_fund": "expired"},
    ]


async def test_a_suspension_to_come(kit: ServiceKit, planner: Caller, compliance: Caller) -> None:
    employee = await join(planner, (await open_outlet(planner))["id"])
    held = await grant(planner, employee, 1)
    path = f"/v1/employees/{employee['id']}/qualifications/{held['id']}/suspension"
    start, end = kit.clock.now() + timedelta(hours=1), kit.clock.now() + timedelta(hours=2)

    backdated = suspension_body(suspended_from=to_json(kit.clock.now() - timedelta(seconds=1)))
    refused = await compliance.post(path, json=backdated, headers=etag(2))
    assert refusal(refused) == (422, "SUSPENSION_INVALID")
    naive = suspension_body(suspended_from="2026-03-02T10:00:00")
    assert refusal(await compliance.post(path, json=naive, headers=etag(2))) == (422, "PAYLOAD_INVALID")

    body = suspension_body(suspended_from=to_json(start), suspended_until=to_json(end))
    assert ok(await compliance.post(path, json=body, headers=etag(2)))["state"] == "valid"
    again = await compliance.post(path, json=suspension_body(), headers=etag(3))
    assert refusal(again) == (409, "QUALIFICATION_SUSPENDED")
    (fact,) = await kit.facts("staffing.qualification.suspended.v1")
    assert (fact.data["suspended_from"], fact.data["suspended_until"]) == (to_json(start), to_json(end))


async def test_a_revocation_is_final(planner: Caller, compliance: Caller) -> None:
    employee = await join(planner, (await open_outlet(planner))["id"])
    held = await grant(planner, employee, 1)
    path = f"/v1/employees/{employee['id']}/qualifications/{held['id']}"
    ok(await compliance.post(f"{path}/revocation", json={"reason": "Mis-selling"}, headers=etag(2)))
    for change, body in (
        ("revocation", {"reason": "again"}),
        ("suspension", suspension_body()),
        ("reinstatement", None),
    ):
        refused = await compliance.post(f"{path}/{change}", json=body, headers=etag(3))
        assert refusal(refused) == (409, "QUALIFICATION_REVOKED")
    ok(await planner.get(path))
    new = await grant(planner, employee, 3)
    assert (new["state"], new["id"] != held["id"]) == ("valid", True)


async def test_one_qualification_of_a_kind_at_a_time(planner: Caller, compliance: Caller) -> None:
    employee = await join(planner, (await open_outlet(planner))["id"])
    held = await grant(planner, employee, 1)
    path = f"/v1/employees/{employee['id']}/qualifications"
    overlapping = qualification_body(valid_from="2026-12-31", valid_to=None)
    refused = await planner.post(path, json=overlapping, headers=etag(2))
    assert refusal(refused) == (409, "QUALIFICATION_OVERLAPS")
    upside_down = qualification_body(valid_from="2027-02-01", valid_to="2027-01-31")
    assert refusal(await planner.post(path, json=upside_down, headers=etag(2))) == (422, "VALIDITY_INVALID")
    ok(await compliance.post(f"{path}/{held['id']}/suspension", json=suspension_body(), headers=etag(2)))
    renewal = qualification_body(valid_from="2027-01-01", valid_to=None)
    assert refusal(await planner.post(path, json=renewal, headers=etag(3))) == (
        409,
        "QUALIFICATION_SUSPENDED",
    )
    ok(await compliance.post(f"{path}/{held['id']}/reinstatement", headers=etag(3)))
    assert refusal(await compliance.post(f"{path}/{held['id']}/reinstatement", headers=etag(4))) == (
        409,
        "QUALIFICATION_NOT_SUSPENDED",
    )
    ok(await planner.post(path, json=renewal, headers=etag(4)))


async def test_numbers_and_tokens_belong_to_one_employee(planner: Caller) -> None:
    outlet = await open_outlet(planner)
    first = await join(planner, outlet["id"], "100001")
    second = await join(planner, outlet["id"], "100002")
    taken = employee_body(outlet["id"], staff_number="100001", subject=None)
    assert refusal(await planner.post("/v1/employees", json=taken)) == (409, "STAFF_NUMBER_TAKEN")
    taken = employee_body(outlet["id"], staff_number="100003", subject="seller-100001")
    assert refusal(await planner.post("/v1/employees", json=taken)) == (409, "SUBJECT_TAKEN")
    taken = employee_body(outlet["id"], subject="seller-100001")
    path = f"/v1/employees/{second['id']}"
    assert refusal(await planner.put(path, json=taken, headers=etag(1))) == (409, "SUBJECT_TAKEN")
    ok(await planner.put(path, json=employee_body(outlet["id"], subject="seller-100002"), headers=etag(1)))

    ok(await planner.post(f"/v1/employees/{first['id']}/departure", headers=etag(1)))
    ok(await planner.put(path, json=taken, headers=etag(2)))
    again = employee_body(outlet["id"], staff_number="100001", subject=None)
    assert refusal(await planner.post("/v1/employees", json=again)) == (409, "STAFF_NUMBER_TAKEN")


async def test_the_home_outlet_is_an_open_one(planner: Caller) -> None:
    outlet, other = await open_outlet(planner), await open_outlet(planner, "SH-0002")
    employee = await join(planner, outlet["id"])
    ok(await planner.post(f"/v1/outlets/{other['id']}/closure", json={"reason": "Merged"}, headers=etag(1)))
    path = f"/v1/employees/{employee['id']}"
    for home, expected in (
        (UNKNOWN, (422, "HOME_OUTLET_UNKNOWN")),
        (other["id"], (409, "HOME_OUTLET_CLOSED")),
    ):
        joined = await planner.post("/v1/employees", json=employee_body(home, staff_number="2", subject="x"))
        assert refusal(joined) == expected
        moved = await planner.put(path, json=employee_body(home), headers=etag(1))
        assert refusal(moved) == expected
    assert ok(await planner.get(path))["version"] == 1


async def test_nobody_is_moved_to_a_foreign_outlet(kit: ServiceKit, planner: Caller) -> None:
    home, foreign = await open_outlet(planner), await open_outlet(planner, "SH-0002")
    employee = await join(planner, home["id"])
    local = kit.client("staffing_planner", outlets=(home["id"],))
    path = f"/v1/employees/{employee['id']}"
    moved = await local.put(path, json=employee_body(foreign["id"]), headers=etag(1))
    assert refusal(moved) == (404, "NOT_FOUND")
    assert ok(await local.get(path)) == employee


async def test_who_has_left_does_not_change(planner: Caller, compliance: Caller) -> None:
    outlet = await open_outlet(planner)
    employee = await join(planner, outlet["id"])
    held = await grant(planner, employee, 1)
    path = f"/v1/employees/{employee['id']}"
    ok(await planner.post(f"{path}/departure", headers=etag(2)))
    qualification = f"{path}/qualifications/{held['id']}"
    for caller, method, place, body in (
        (planner, "PUT", path, employee_body(outlet["id"])),
        (planner, "POST", f"{path}/departure", None),
        (planner, "POST", f"{path}/qualifications", qualification_body(kind="agency_fund")),
        (compliance, "POST", f"{qualification}/revocation", {"reason": "late"}),
        (compliance, "POST", f"{qualification}/suspension", suspension_body()),
        (compliance, "POST", f"{qualification}/reinstatement", None),
    ):
        refused = await caller.request(method, place, json=body, headers=etag(3))
        assert refusal(refused) == (409, "EMPLOYEE_LEFT"), place


@pytest.mark.parametrize(
    "wrong",
    [
        {"staff_number": "no spaces"},
        {"staff_number": ""},
        {"posts": []},
        {"posts": ["astronaut"]},
        {"employer": "none"},
        {"subject": ""},
        {"name": "Zhang San"},
    ],
)
async def test_a_body_that_breaks_the_schema(kit: ServiceKit, planner: Caller, wrong: dict[str, Any]) -> None:
    outlet = await open_outlet(planner)
    body = employee_body(outlet["id"], staff_number="100001") | wrong
    assert refusal(await planner.post("/v1/employees", json=body)) == (422, "PAYLOAD_INVALID")


async def test_a_post_named_twice_is_held_once(planner: Caller) -> None:
    outlet = await open_outlet(planner)
    employee = await join(planner, outlet["id"], posts=["teller", "lobby_manager", "teller"])
    assert employee["posts"] == ["teller", "lobby_manager"]


async def test_the_list_by_staff_number(kit: ServiceKit, planner: Caller) -> None:
    outlet, other = await open_outlet(planner), await open_outlet(planner, "SH-0002")
    for number, home in (("3", outlet), ("1", outlet), ("2", other)):
        await join(planner, home["id"], number)
    third = ok(await planner.get("/v1/employees", params={"outlet_id": outlet["id"]}))["items"][1]
    ok(await planner.post(f"/v1/employees/{third['id']}/departure", headers=etag(1)))

    async def numbers(caller: Caller, **params: Any) -> list[str]:
        page = ok(await caller.get("/v1/employees", params=params))
        return [employee["staff_number"] for employee in page["items"]]

    assert await numbers(planner) == ["1", "2", "3"]
    assert await numbers(planner, active=True) == ["1", "2"]
    assert await numbers(planner, active=False) == ["3"]
    assert await numbers(planner, outlet_id=other["id"]) == ["2"]
    head = kit.client("outlet_head", outlets=(other["id"],))
    assert await numbers(head) == ["2"]
    assert await numbers(head, outlet_id=outlet["id"]) == []
    first = ok(await planner.get("/v1/employees", params={"limit": 2}))
    assert [employee["staff_number"] for employee in first["items"]] == ["1", "2"]
    assert await numbers(planner, limit=2, cursor=first["next_cursor"]) == ["3"]
