"""Staffing's facts as they come: in order, twice, out of order, before anything is known (N1, N4, S1)."""

from datetime import timedelta
from itertools import permutations

import pytest

from chassis.events import to_json
from chassis.ids import new_id
from chassis.inbox import Poison
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    EMPLOYEES,
    OUTLETS,
    Employee,
    hire,
    ok,
    open_outlet,
    outlet_state,
    refusal,
    zone_body,
)


async def test_a_seller_is_what_staffing_says(kit: ServiceKit, officer: Caller) -> None:
    outlet, right = await open_outlet(kit), new_id()
    employee = Employee(kit, outlet)
    await kit.deliver(employee.joined(employer="partner"), employee.granted(right, kind="agency_fund"))
    response = await officer.get(f"/v1/sellers/{employee.id}")
    assert ok(response, 2) == {
        "id": employee.id,
        "version": 2,
        "sequence": 2,
        "complete": True,
        "waiting": 0,
        "outlet_id": outlet,
        "staff_number": "100001",
        "employer": "partner",
        "active": True,
        "qualifications": [
            {
                "id": str(right),
                "kind": "agency_fund",
                "valid_from": "2026-01-01",
                "valid_to": "2026-12-31",
                "suspended_from": None,
                "suspended_until": None,
                "revoked_at": None,
            }
        ],
        "trainings": [],
        "selling_since": None,
    }
    assert ok(await officer.get("/v1/sellers"))["items"] == [ok(response)]


async def test_a_right_is_suspended_reinstated_and_revoked(kit: ServiceKit, officer: Caller) -> None:
    employee, right, now = Employee(kit, await open_outlet(kit)), new_id(), kit.clock.now()
    path = f"/v1/sellers/{employee.id}"
    until = now + timedelta(days=3)
    await kit.deliver(employee.joined(), employee.granted(right))

    await kit.deliver(employee.suspended(right, now, until))
    held = ok(await officer.get(path), 3)["qualifications"][0]
    assert (held["suspended_from"], held["suspended_until"]) == (to_json(now), to_json(until))
    await kit.deliver(employee.reinstated(right))
    held = ok(await officer.get(path), 4)["qualifications"][0]
    assert (held["suspended_from"], held["suspended_until"]) == (None, None)
    await kit.deliver(employee.revoked(right, at=now + timedelta(seconds=1)))
    held = ok(await officer.get(path), 5)["qualifications"][0]
    assert held["revoked_at"] == to_json(now + timedelta(seconds=1))


async def test_training_and_experience_are_kept_beside_the_rights(kit: ServiceKit, officer: Caller) -> None:
    """SAL-10: in one order with his rights, and in nothing else of the register."""
    employee, first, second = Employee(kit, await open_outlet(kit)), new_id(), new_id()
    await kit.deliver(
        employee.joined(),
        employee.trained(training_id=first),
        employee.trained(training_id=second, kind="investment_insurance", minutes=90),
        employee.experienced("2024-05-01"),
        employee.granted(new_id()),
        employee.experienced("2023-05-01"),
        employee.training_annulled(first),
    )
    found = ok(await officer.get(f"/v1/sellers/{employee.id}"), 7)
    course = {"kind": "investment_insurance", "minutes": 90, "completed_on": "2026-01-01"}
    assert found["trainings"] == [{"id": str(second)} | course]
    assert (found["selling_since"], found["complete"], len(found["qualifications"])) == (
        "2023-05-01",
        True,
        1,
    )
    assert ok(await officer.get("/v1/sellers"))["items"] == [found]


async def test_a_training_behind_a_gap_waits_with_the_rest(kit: ServiceKit, officer: Caller) -> None:
    outlet = await open_outlet(kit)
    for order in permutations(range(3)):
        employee, training = Employee(kit, outlet), new_id()
        facts = [employee.joined(), employee.trained(training_id=training), employee.experienced()]
        for place in order[:2]:
            await kit.deliver(facts[place])
        # Nothing that waits has been learnt yet.
        found = ok(await officer.get(f"/v1/sellers/{employee.id}"))
        assert found["complete"] == (order[2] == 2)
        await kit.deliver(facts[order[2]])
        found = ok(await officer.get(f"/v1/sellers/{employee.id}"), 3)
        assert (found["complete"], found["sequence"], found["selling_since"]) == (True, 3, "2020-01-01")
        assert [one["id"] for one in found["trainings"]] == [str(training)]
        # The same facts again teach nothing.
        assert await kit.deliver(*facts) == 0
        assert ok(await officer.get(f"/v1/sellers/{employee.id}"), 3) == found


async def test_the_same_fact_twice_is_one_change(kit: ServiceKit, officer: Caller) -> None:
    employee = Employee(kit, await open_outlet(kit))
    joined, granted = employee.joined(), employee.granted(new_id())
    assert await kit.deliver(joined, granted) == 2
    assert await kit.deliver(joined, granted) == 0
    # The same version under another id, as a producer that was restored from a backup might send it.
    employee.version = 1
    assert await kit.deliver(employee.granted(new_id())) == 1
    found = ok(await officer.get(f"/v1/sellers/{employee.id}"), 2)
    assert len(found["qualifications"]) == 1


async def test_any_order_ends_alike_and_a_gap_shows(kit: ServiceKit, officer: Caller) -> None:
    outlet = await open_outlet(kit)
    for order in permutations(range(3)):
        employee, right = Employee(kit, outlet), new_id()
        facts = [employee.joined(), employee.granted(right), employee.revoked(right)]
        for place in order[:2]:
            await kit.deliver(facts[place])
        found = ok(await officer.get(f"/v1/sellers/{employee.id}"))
        assert found["complete"] == (order[2] == 2)
        register = ok(await officer.get("/v1/seller_register"))
        assert register["incomplete"] == (0 if found["complete"] else 1)
        await kit.deliver(facts[order[2]])
        found = ok(await officer.get(f"/v1/sellers/{employee.id}"), 3)
        assert (found["complete"], found["waiting"], found["sequence"]) == (True, 0, 3)
        assert found["qualifications"][0]["revoked_at"] is not None


async def test_a_seller_before_his_outlet(kit: ServiceKit, officer: Caller) -> None:
    employee = await hire(kit, str(new_id()))
    assert ok(await officer.get(f"/v1/sellers/{employee.id}"))["outlet_id"] == employee.outlet_id


async def test_a_fact_without_its_version_is_parked_not_guessed(kit: ServiceKit) -> None:
    employee = Employee(kit, await open_outlet(kit), version=-1)
    with pytest.raises(Poison):
        await kit.deliver(employee.joined())


async def test_an_outlet_of_which_only_the_end_is_known(kit: ServiceKit, head: Caller) -> None:
    outlet = str(new_id())
    closed = {"outlet_id": outlet, "reason": "Merged"}
    await kit.deliver(kit.record(OUTLETS, "staffing.outlet.closed.v1", outlet, closed, sequence=2))
    refused = await head.post("/v1/zones", json=zone_body(outlet))
    assert refusal(refused) == (409, "OUTLET_CLOSED")
    opened = {"outlet_id": outlet, "outlet": outlet_state()}
    await kit.deliver(kit.record(OUTLETS, "staffing.outlet.opened.v1", outlet, opened))
    refused = await head.post("/v1/zones", json=zone_body(outlet))
    assert refusal(refused) == (409, "OUTLET_CLOSED")
    assert "SH-0001" in refused.json()["messages"]["en"]


async def test_several_facts_of_one_outlet_in_one_batch(kit: ServiceKit, head: Caller) -> None:
    outlet = str(new_id())
    states = [
        kit.record(
            OUTLETS, kind, outlet, {"outlet_id": outlet, "outlet": outlet_state(code=code)}, sequence=n
        )
        for n, kind, code in (
            (1, "staffing.outlet.opened.v1", "SH-0001"),
            (3, "staffing.outlet.changed.v1", "SH-0003"),
            (2, "staffing.outlet.changed.v1", "SH-0002"),
        )
    ]
    assert await kit.deliver(*states) == 3
    await kit.deliver(
        kit.record(
            OUTLETS, "staffing.outlet.closed.v1", outlet, {"outlet_id": outlet, "reason": "x"}, sequence=4
        )
    )
    refused = await head.post("/v1/zones", json=zone_body(outlet))
    assert "SH-0003" in refused.json()["messages"]["en"]


async def test_the_register_says_whether_it_is_fresh(kit: ServiceKit) -> None:
    async def fresh() -> bool:
        operator = kit.client("operator")
        found = ok(await operator.get("/v1/seller_register"))
        assert found["checked_at"] == to_json(kit.clock.now())
        return bool(found["fresh"])

    assert not await fresh()
    await kit.beat(EMPLOYEES)
    assert await fresh()
    kit.clock.advance(timedelta(seconds=15))
    assert await fresh()
    kit.clock.advance(timedelta(microseconds=1))
    assert not await fresh()
    await kit.beat(EMPLOYEES, seq=10**6)
    assert not await fresh(), "the producer has sent what we have not read"


async def test_sellers_are_listed_by_outlet(kit: ServiceKit, officer: Caller) -> None:
    here, there = await open_outlet(kit), await open_outlet(kit, "SH-0002")
    mine, yours = await hire(kit, here), await hire(kit, there, "seller-2")
    colleague = kit.client("outlet_head", outlets=(here,))
    assert [item["id"] for item in ok(await colleague.get("/v1/sellers"))["items"]] == [mine.id]
    assert {item["id"] for item in ok(await officer.get("/v1/sellers"))["items"]} == {mine.id, yours.id}
