"""Conduct alerts, from compliance's topic to the register that decisions to sell rest on (SAL-02)."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.events import to_json
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import (
    Json,
    etag,
    grant,
    join,
    ok,
    open_outlet,
    qualification_body,
    refusal,
    suspension_body,
)

TOPIC = "compliance.conduct.v1"
SUSPENDED, REINSTATED = "staffing.qualification.suspended.v1", "staffing.qualification.reinstated.v1"


def told(kit: ServiceKit, what: str, employee_id: str, alert_id: str) -> Record:
    """The fact as compliance publishes it."""
    data = {"occurred_at": kit.clock.now(), "alert_id": alert_id, "employee_id": employee_id}
    sequence = 1 if what == "raised" else 2
    type_ = f"compliance.conduct.alert_{what}.v1"
    return kit.record(TOPIC, type_, alert_id, to_json(data | {"version": sequence}), sequence=sequence)


@pytest.fixture
async def employee(planner: Caller) -> Json:
    """Who may sell wealth products and funds; at version 3."""
    found = await join(planner, (await open_outlet(planner))["id"])
    await grant(planner, found, 1)
    await grant(planner, found, 2, kind="agency_fund")
    return found


async def state(planner: Caller, employee: Json) -> tuple[int, list[str]]:
    """Version, and the states of the qualifications by kind."""
    shown = ok(await planner.get(f"/v1/employees/{employee['id']}"))
    held = sorted(shown["qualifications"], key=lambda one: str(one["kind"]))
    return shown["version"], [one["state"] for one in held]


async def facts(kit: ServiceKit) -> list[tuple[str, int, Any]]:
    """What was told about suspensions: type, version, end of the suspension."""
    return [
        (fact.type, fact.sequence, fact.data.get("suspended_until"))
        for fact in await kit.facts()
        if fact.type in (SUSPENDED, REINSTATED)
    ]


@pytest.mark.rule("SAL-02", side="refuse")
async def test_an_alert_rests_every_right_to_sell(kit: ServiceKit, planner: Caller, employee: Json) -> None:
    assert await kit.deliver(told(kit, "raised", employee["id"], str(new_id()))) == 1
    assert await state(planner, employee) == (5, ["suspended", "suspended"])
    assert await facts(kit) == [(SUSPENDED, 4, None), (SUSPENDED, 5, None)]


@pytest.mark.rule("SAL-02", side="pass")
async def test_once_it_is_cleared_they_count_again(kit: ServiceKit, planner: Caller, employee: Json) -> None:
    alert = str(new_id())
    await kit.deliver(told(kit, "raised", employee["id"], alert))
    kit.clock.advance(timedelta(minutes=1))
    await kit.deliver(told(kit, "cleared", employee["id"], alert))
    assert await state(planner, employee) == (7, ["valid", "valid"])
    assert [type_ for type_, *_ in await facts(kit)] == [SUSPENDED] * 2 + [REINSTATED] * 2


async def test_each_fact_changes_things_once(kit: ServiceKit, planner: Caller, employee: Json) -> None:
    """N1, and the same alert under another fact."""
    alert = str(new_id())
    raised, cleared = (told(kit, what, employee["id"], alert) for what in ("raised", "cleared"))
    assert await kit.deliver(raised, raised, told(kit, "raised", employee["id"], alert)) == 2
    assert (await state(planner, employee))[0] == 5
    assert await kit.deliver(cleared, told(kit, "cleared", employee["id"], alert)) == 2
    assert await state(planner, employee) == (7, ["valid", "valid"])
    assert await kit.deliver(told(kit, "raised", employee["id"], alert)) == 1
    assert await state(planner, employee) == (7, ["valid", "valid"])


async def test_a_clearance_that_comes_first_makes_its_alert_void(
    kit: ServiceKit, planner: Caller, employee: Json
) -> None:
    alert = str(new_id())
    await kit.deliver(told(kit, "cleared", employee["id"], alert), told(kit, "raised", employee["id"], alert))
    assert await state(planner, employee) == (3, ["valid", "valid"])


async def test_the_last_of_two_alerts_decides(kit: ServiceKit, planner: Caller, employee: Json) -> None:
    first, second = str(new_id()), str(new_id())
    await kit.deliver(*(told(kit, "raised", employee["id"], alert) for alert in (first, second)))
    assert await state(planner, employee) == (5, ["suspended", "suspended"])
    await kit.deliver(told(kit, "cleared", employee["id"], first))
    assert await state(planner, employee) == (5, ["suspended", "suspended"])
    await kit.deliver(told(kit, "cleared", employee["id"], second))
    assert await state(planner, employee) == (7, ["valid", "valid"])


@pytest.mark.rule("SAL-02", side="refuse")
async def test_meanwhile_nothing_is_granted_or_reinstated(
    kit: ServiceKit, planner: Caller, compliance: Caller, employee: Json
) -> None:
    alert = str(new_id())
    await kit.deliver(told(kit, "raised", employee["id"], alert))
    path = f"/v1/employees/{employee['id']}/qualifications"
    new = qualification_body(kind="agency_trust")
    assert refusal(await planner.post(path, json=new, headers=etag(5))) == (409, "CONDUCT_ALERT_OPEN")
    held = ok(await planner.get(f"/v1/employees/{employee['id']}"))["qualifications"][0]
    again = await compliance.post(f"{path}/{held['id']}/reinstatement", headers=etag(5))
    assert refusal(again) == (409, "CONDUCT_ALERT_OPEN")
    await kit.deliver(told(kit, "cleared", employee["id"], alert))
    ok(await planner.post(path, json=new, headers=etag(7)))


async def suspend(planner: Caller, employee: Json, version: int, **given: Any) -> None:
    """The planner suspends the right to sell wealth products."""
    shown = ok(await planner.get(f"/v1/employees/{employee['id']}"))
    (held,) = (one["id"] for one in shown["qualifications"] if one["kind"] == "wealth")
    path = f"/v1/employees/{employee['id']}/qualifications/{held}/suspension"
    ok(await planner.post(path, json=to_json(suspension_body(**given)), headers=etag(version)))


async def test_what_rests_until_it_is_reinstated_stays_so(
    kit: ServiceKit, planner: Caller, employee: Json
) -> None:
    alert = str(new_id())
    await suspend(planner, employee, 3)
    await kit.deliver(told(kit, "raised", employee["id"], alert))
    assert await state(planner, employee) == (5, ["suspended", "suspended"])
    await kit.deliver(told(kit, "cleared", employee["id"], alert))
    assert await state(planner, employee) == (6, ["valid", "suspended"])


@pytest.mark.parametrize(("minutes", "wealth"), [(2, "suspended"), (3, "valid"), (4, "valid")])
async def test_a_suspension_with_an_end_comes_back_for_what_is_left_of_it(
    kit: ServiceKit, planner: Caller, employee: Json, minutes: int, wealth: str
) -> None:
    """An alert outlives the end that was set before it; its clearance does not shorten what was."""
    alert, ends = str(new_id()), kit.clock.now() + timedelta(minutes=3)
    await suspend(planner, employee, 3, suspended_until=ends)
    await kit.deliver(told(kit, "raised", employee["id"], alert))
    kit.clock.advance(timedelta(minutes=minutes))
    assert await state(planner, employee) == (6, ["suspended", "suspended"])
    await kit.deliver(told(kit, "cleared", employee["id"], alert))
    assert (await state(planner, employee))[1] == ["valid", wealth]
    left = [end for type_, _, end in await facts(kit) if type_ == SUSPENDED][-1]
    assert left == (to_json(ends) if wealth == "suspended" else None)


async def test_a_suspension_to_come_begins_at_its_time(
    kit: ServiceKit, planner: Caller, employee: Json
) -> None:
    alert, begins = str(new_id()), kit.clock.now() + timedelta(minutes=3)
    await suspend(planner, employee, 3, suspended_from=begins)
    await kit.deliver(told(kit, "raised", employee["id"], alert))
    assert (await state(planner, employee))[1] == ["suspended", "suspended"]
    await kit.deliver(told(kit, "cleared", employee["id"], alert))
    assert (await state(planner, employee))[1] == ["valid", "valid"]
    kit.clock.advance(timedelta(minutes=3))
    assert (await state(planner, employee))[1] == ["valid", "suspended"]


async def test_an_alert_about_somebody_unknown_or_gone_changes_nothing(
    kit: ServiceKit, planner: Caller, employee: Json
) -> None:
    """N4: it is kept, and no error."""
    stranger = told(kit, "raised", str(new_id()), str(new_id()))
    assert await kit.deliver(stranger) == 1
    assert await state(planner, employee) == (3, ["valid", "valid"])
    ok(await planner.post(f"/v1/employees/{employee['id']}/departure", headers=etag(3)))
    before = len(await kit.facts())
    assert await kit.deliver(told(kit, "raised", employee["id"], str(new_id()))) == 1
    assert len(await kit.facts()) == before
