"""Every operation × every role, and every kind of object of another outlet: nothing leaks."""

from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import grant, join, open_outlet, outlet_body
from services.staffing.tests.security.policy import POLICY
from tests.security.authorisation import World, check_functions, check_objects


async def test_functions(kit: ServiceKit) -> None:
    await check_functions(kit, POLICY)


async def test_objects(kit: ServiceKit, planner: Caller) -> None:
    here, elsewhere = await open_outlet(planner), await open_outlet(planner, "SH-0002")
    employee = await join(planner, here["id"])
    held = await grant(planner, employee, 1)
    world = World(
        kit,
        here["id"],
        elsewhere["id"],
        ids={
            "outlet_id": here["id"],
            "employee_id": employee["id"],
            "qualification_id": held["id"],
        },
        bodies={
            "open_outlet": outlet_body(code="SH-0003"),
            "change_outlet": outlet_body(),
            "join_employee": {"staff_number": "100002", "subject": "seller-2"},
        },
    )
    await check_objects(world, POLICY)
