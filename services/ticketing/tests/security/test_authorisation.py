"""Every operation × every role, and every kind of object of another outlet: nothing leaks."""

import pytest

from chassis.testing import ServiceKit
from services.ticketing.tests.hall import ELSEWHERE, HERE, TODAY, Hall, call, names, ok, sit_down
from services.ticketing.tests.security.policy import POLICY
from tests.security.attacks import check_attacks
from tests.security.authorisation import World, check_functions, check_objects
from tests.security.fuzzing import check_fuzzed
from tests.security.personal import check_credentials, check_personal_data


async def test_functions(kit: ServiceKit) -> None:
    await check_functions(kit, POLICY)


@pytest.fixture
async def world(hall: Hall) -> World:
    seat = await sit_down(hall)
    async with hall.kit.client("customer", outlets=(), subject="owner") as customer:
        ok(await customer.post(f"/v1/outlets/{HERE}/tickets", json={"service_code": "cash"}))
    ticket = await call(hall)
    return World(
        hall.kit,
        str(HERE),
        str(ELSEWHERE),
        ids={
            "outlet_id": str(HERE),
            "queue_id": hall.queues["A"],
            "counter_id": hall.counters["1"],
            "session_id": seat["id"],
            "ticket_id": ticket["id"],
            "code": "cash",
        },
        subjects={"customer": "owner"},
        bodies={
            "issue_ticket": {"service_code": "cash"},
            "set_up_queue": {"letter": "Q", "service_codes": ["cash"], **names("q")},
            "change_queue": {"service_codes": ["cash"]},
            "close_day": {"business_date": TODAY},
        },
    )


async def test_objects(world: World) -> None:
    await check_objects(world, POLICY)


async def test_personal_data(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await check_personal_data(world, POLICY, caplog, {})


async def test_attacks(world: World) -> None:
    await check_attacks(world, POLICY)


async def test_fuzzed(world: World) -> None:
    await check_fuzzed(world, POLICY)


@pytest.mark.rule("PRI-08", side="refuse")
@pytest.mark.rule("PRI-08", side="pass")
async def test_credentials(world: World) -> None:
    await check_credentials(world, POLICY)
