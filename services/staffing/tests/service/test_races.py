"""Many at once: one version has one winner, one staff number one employee, nobody joins a closing outlet."""

import asyncio

from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import employee_body, etag, join, open_outlet, qualification_body

TOGETHER = 8


async def test_one_change_of_a_version_wins(kit: ServiceKit, planner: Caller) -> None:
    employee = await join(planner, (await open_outlet(planner))["id"])
    path = f"/v1/employees/{employee['id']}/qualifications"
    answers = await asyncio.gather(
        *(planner.post(path, json=qualification_body(), headers=etag(1)) for _ in range(TOGETHER))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * (TOGETHER - 1)
    facts = await kit.facts("staffing.qualification.granted.v1")
    assert [fact.sequence for fact in facts] == [2]


async def test_one_employee_gets_a_staff_number(kit: ServiceKit, planner: Caller) -> None:
    body = employee_body((await open_outlet(planner))["id"], staff_number="100001")
    answers = await asyncio.gather(*(planner.post("/v1/employees", json=body) for _ in range(TOGETHER)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (TOGETHER - 1)
    assert len(await kit.facts("staffing.employee.joined.v1")) == 1


async def test_nobody_joins_an_outlet_that_has_closed(kit: ServiceKit, planner: Caller) -> None:
    """G1: in the archive, no employee joined after the outlet closed."""
    outlet = (await open_outlet(planner))["id"]
    bodies = [
        employee_body(outlet, staff_number=str(number), subject=f"seller-{number}")
        for number in range(TOGETHER)
    ]
    joins = [planner.post("/v1/employees", json=body) for body in bodies]
    closing = planner.post(f"/v1/outlets/{outlet}/closure", json={"reason": "Merged"}, headers=etag(1))
    half = TOGETHER // 2
    answers = await asyncio.gather(*joins[:half], closing, *joins[half:])
    assert answers[half].status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    types = [fact.type for fact in await kit.facts()]
    assert types.index("staffing.outlet.closed.v1") == len(types) - 1
