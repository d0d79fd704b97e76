"""Every operation × every role, and every kind of object of another outlet: nothing leaks."""

import pytest

from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import (
    grant,
    join,
    open_outlet,
    outlet_body,
    train,
    training_body,
)
from services.staffing.tests.security.policy import POLICY
from tests.security.attacks import check_attacks
from tests.security.authorisation import World, check_functions, check_objects
from tests.security.fuzzing import check_fuzzed
from tests.security.personal import check_credentials, check_personal_data

#: Fields of facts whose text the bank itself chose, and what it is.
NAMED_BY_BANK = {
    "staffing.outlet.opened.v1 outlet": "the outlet's name",
    "staffing.outlet.changed.v1 outlet": "the outlet's name",
    "staffing.employee.joined.v1 subject": "the identity provider's opaque id of the employee",
    "staffing.employee.changed.v1 subject": "the identity provider's opaque id of the employee",
}


async def test_functions(kit: ServiceKit) -> None:
    await check_functions(kit, POLICY)


@pytest.fixture
async def world(kit: ServiceKit, planner: Caller) -> World:
    here, elsewhere = await open_outlet(planner), await open_outlet(planner, "SH-0002")
    employee = await join(planner, here["id"])
    held = await grant(planner, employee, 1)
    learnt = await train(planner, employee, 2)
    return World(
        kit,
        here["id"],
        elsewhere["id"],
        ids={
            "outlet_id": here["id"],
            "employee_id": employee["id"],
            "qualification_id": held["id"],
            "training_id": learnt["id"],
        },
        bodies={
            "open_outlet": outlet_body(code="SH-0003"),
            "change_outlet": outlet_body(),
            "record_training": training_body(),
            "join_employee": {"staff_number": "100002", "subject": "seller-2"},
        },
    )


async def test_objects(world: World) -> None:
    await check_objects(world, POLICY)


async def test_personal_data(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await check_personal_data(world, POLICY, caplog, NAMED_BY_BANK)


async def test_attacks(world: World) -> None:
    await check_attacks(world, POLICY)


async def test_fuzzed(world: World) -> None:
    await check_fuzzed(world, POLICY)


@pytest.mark.rule("PRI-08", side="refuse")
@pytest.mark.rule("PRI-08", side="pass")
async def test_credentials(world: World) -> None:
    await check_credentials(world, POLICY)
