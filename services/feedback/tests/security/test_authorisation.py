"""Every operation × every role, and every kind of object of another outlet: nothing leaks."""

from uuid import uuid4

import pytest

from chassis.testing import ServiceKit
from services.feedback.tests.security.policy import POLICY
from services.feedback.tests.visits import (
    OTHER_OUTLET,
    OUTLET,
    complaint_body,
    completion_fact,
    ok,
    outlet_fact,
    sale_fact,
)
from tests.security.attacks import check_attacks
from tests.security.authorisation import World, check_functions, check_objects
from tests.security.fuzzing import check_fuzzed
from tests.security.personal import check_credentials, check_personal_data


async def test_functions(kit: ServiceKit) -> None:
    await check_functions(kit, POLICY)


@pytest.fixture
async def world(kit: ServiceKit) -> World:
    ticket_id, sale_id = uuid4(), uuid4()
    await kit.deliver(outlet_fact(kit), outlet_fact(kit, OTHER_OUTLET, code="0002"))
    await kit.deliver(completion_fact(kit, ticket_id, visitor="owner"))
    await kit.deliver(sale_fact(kit, sale_id))
    async with kit.client("evaluator_hq") as hq:
        offers = ok(await hq.get("/v1/evaluations", params={"ticket_id": str(ticket_id)}))
    async with kit.client("teller", subject="owner") as teller:
        given = complaint_body(sale_id=str(sale_id), complainant="owner")
        complaint = ok(await teller.post("/v1/complaints", json=given))
    return World(
        kit,
        str(OUTLET),
        str(OTHER_OUTLET),
        ids={
            "outlet_id": str(OUTLET),
            "evaluation_id": offers["items"][0]["id"],
            "complaint_id": complaint["id"],
            "ticket_id": str(ticket_id),
            "sale_id": str(sale_id),
        },
        bodies={"submit_evaluation": {"score": 4, "dimensions": ["attitude"], "comment": "很快"}},
        subjects=dict.fromkeys(("customer", "lobby_manager", "teller", "seller"), "owner"),
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
