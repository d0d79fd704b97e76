"""ZON-04 through the routes: who may sell at an outlet is published there, and the list is kept true."""

from uuid import UUID

import pytest

from chassis.events import to_json
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    EMPLOYEES,
    UNKNOWN,
    Employee,
    Json,
    ok,
    open_outlet,
    refusal,
)


async def employed(
    kit: ServiceKit, outlet_id: str, number: str, *, kind: str | None = "wealth", **given: str
) -> tuple[Employee, UUID]:
    """An employee of the outlet, with a qualification where a kind is given."""
    employee, right = Employee(kit, outlet_id, f"seller-{number}"), new_id()
    await kit.deliver(employee.joined(staff_number=number, **given))
    if kind is not None:
        await kit.deliver(employee.granted(right, kind=kind))
    await kit.beat(EMPLOYEES)
    return employee, right


async def standing(caller: Caller, outlet_id: str) -> Json:
    """The list that hangs at the outlet, beside who is qualified."""
    return ok(await caller.get(f"/v1/outlets/{outlet_id}/staff_list"))


def flagged(found: Json) -> list[tuple[str, str]]:
    """Rule and code of each flag."""
    return [(flag["rule"], flag["code"]) for flag in found["flags"]]


FLAG = [("ZON-04", "STAFF_LIST_NOT_PUBLISHED")]


@pytest.mark.rule("ZON-04", side="pass")
async def test_the_list_of_the_qualified_is_published_for_everybody(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    second, _ = await employed(kit, outlet, "100002")
    first, _ = await employed(kit, outlet, "100001", kind="agency_fund")
    path = f"/v1/outlets/{outlet}/staff_lists"
    published = ok(await head.post(path, json={"seller_ids": [second.id, first.id]}), 1)
    assert published == {
        "id": published["id"],
        "outlet_id": outlet,
        "entries": [
            {"seller_id": first.id, "staff_number": "100001"},
            {"seller_id": second.id, "staff_number": "100002"},
        ],
        "published_by": "head-1",
        "published_at": to_json(kit.clock.now()),
    }
    found = await standing(officer, outlet)
    assert (found["published"], found["flags"]) == (published, [])
    anybody = ok(await kit.client().get(f"/v1/public/outlets/{outlet}/staff_list"))
    assert anybody == {
        "outlet_id": outlet,
        "staff_numbers": ["100001", "100002"],
        "published_at": published["published_at"],
    }
    assert ok(await head.get(path))["items"] == [published]


@pytest.mark.rule("ZON-04", side="refuse")
@pytest.mark.parametrize("who", ["unqualified", "outsider", "foreign", "revoked", "unknown", "gone"])
async def test_nobody_is_published_who_may_not_sell_there(kit: ServiceKit, head: Caller, who: str) -> None:
    outlet = await open_outlet(kit)
    good, _ = await employed(kit, outlet, "100001")
    if who == "unknown":
        bad = UNKNOWN
    elif who == "foreign":
        bad = (await employed(kit, await open_outlet(kit, "SH-0002"), "100002"))[0].id
    else:
        employee, right = await employed(
            kit,
            outlet,
            "100002",
            kind=None if who == "unqualified" else "wealth",
            employer="insurer" if who == "outsider" else "bank",
        )
        if who == "revoked":
            await kit.deliver(employee.revoked(right))
        if who == "gone":
            await kit.deliver(employee.left(staff_number="100002"))
        bad = employee.id
    refused = await head.post(f"/v1/outlets/{outlet}/staff_lists", json={"seller_ids": [good.id, bad]})
    assert refusal(refused) == (422, "SALESPERSON_NOT_QUALIFIED")
    assert bad in refused.json()["detail"]
    assert good.id not in refused.json()["detail"]
    assert ok(await head.get(f"/v1/outlets/{outlet}/staff_lists"))["items"] == []


async def test_a_list_that_differs_from_the_qualified_is_flagged(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    assert (await standing(officer, outlet))["flags"] == []
    employee, right = await employed(kit, outlet, "100001")
    found = await standing(officer, outlet)
    assert (flagged(found), found["absent"], found["published"]) == (FLAG, [employee.id], None)
    missing = await kit.client().get(f"/v1/public/outlets/{outlet}/staff_list")
    assert refusal(missing) == (404, "STAFF_LIST_NOT_PUBLISHED")
    ok(await head.post(f"/v1/outlets/{outlet}/staff_lists", json={"seller_ids": [employee.id]}))
    assert (await standing(officer, outlet))["flags"] == []
    await kit.deliver(employee.suspended(right, kit.clock.now()))
    found = await standing(officer, outlet)
    assert (flagged(found), found["absent"], found["outdated"]) == (FLAG, [], [employee.id])
    assert employee.id in found["flags"][0]["messages"]["en"]
    ok(await head.post(f"/v1/outlets/{outlet}/staff_lists", json={"seller_ids": []}))
    assert (await standing(officer, outlet))["flags"] == []


async def test_nothing_is_published_on_a_stale_register(kit: ServiceKit, head: Caller) -> None:
    outlet = await open_outlet(kit)
    employee = Employee(kit, outlet)
    await kit.deliver(employee.joined(), employee.granted(new_id()))
    path = f"/v1/outlets/{outlet}/staff_lists"
    refused = await head.post(path, json={"seller_ids": [employee.id]})
    assert refusal(refused) == (422, "REGISTER_STALE")
    await kit.beat(EMPLOYEES)
    ok(await head.post(path, json={"seller_ids": [employee.id]}), 1)


async def test_lists_belong_to_a_known_outlet_and_its_own_head(kit: ServiceKit, head: Caller) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    body: Json = {"seller_ids": []}
    unknown = await head.post(f"/v1/outlets/{UNKNOWN}/staff_lists", json=body)
    assert refusal(unknown) == (404, "OUTLET_UNKNOWN")
    neighbour = kit.client("outlet_head", outlets=(there,))
    hidden = await neighbour.post(f"/v1/outlets/{here}/staff_lists", json=body)
    assert refusal(hidden) == (404, "NOT_FOUND")
