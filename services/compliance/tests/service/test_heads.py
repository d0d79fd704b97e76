"""G1: what a decision rests on does not change under it: each head is held, and every append bumps it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.events import to_json
from chassis.ids import new_id
from chassis.reads import InOrder, Reads
from chassis.testing import Caller, ServiceKit
from compliance.cases.commands import lock_case
from compliance.circumstances.queries import circumstance_facts
from compliance.consents.queries import consent_facts
from compliance.customers.commands import customer_facts
from compliance.partners.commands import partner_facts
from compliance.products.commands import product_facts
from compliance.rulebook.facts import ProductStatus, ZoneFacts, ZoneState
from compliance.rulebook.seller_facts import SellerFacts
from compliance.safeguards.domain import safeguard_facts
from compliance.safeguards.queries import SAFEGUARDS
from compliance.sales.queries import sold_wealth
from compliance.sellers import queries as sellers
from compliance.zones import queries as zones
from services.compliance.tests.ordering import ask_reversal, decide, officer, sold
from services.compliance.tests.registers import (
    UNKNOWN,
    Employee,
    Json,
    admit,
    case_body,
    checklist_body,
    consent_body,
    etag,
    list_product,
    ok,
    open_outlet,
    prepare_zone,
    register,
    state_circumstances,
)

#: A wait for a row is a wait for the transaction that holds it, which belongs to no database.
WAITING = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")

SECOND = timedelta(seconds=1)

Change = Callable[[], Coroutine[object, object, object]]
Held = Callable[[AsyncSession], Awaitable[object]]


async def held_zone(session: AsyncSession, zone_id: UUID) -> ZoneFacts | None:
    """The zone as the gate holds and reads it."""
    await InOrder(zone_ids=zones.HEADS).hold(session, zone_ids=[zone_id])
    return zones.ready(await Reads(*zones.READY).read(session, zone_ids=[zone_id]), zone_id)


async def held_seller(session: AsyncSession, seller_id: UUID, at: datetime) -> SellerFacts | None:
    """The seller as the gate holds and reads him, in a case that he opened."""
    await InOrder(seller_ids=sellers.HEADS).hold(session, seller_ids=[seller_id])
    found = await Reads(*sellers.STANDING).read(session, seller_ids=[seller_id])
    seller = sellers.standing(found, seller_id)
    return None if seller is None else seller.facts(at, "seller-1")


async def check_waits(kit: ServiceKit, hold: Held, change: Change) -> None:
    """While a decision holds the head, the change waits; it comes a second later, when that is over."""
    async with kit.session() as watching, asyncio.TaskGroup() as tasks, kit.session() as deciding:
        before = await hold(deciding)
        assert before is not None
        changing = tasks.create_task(change())
        async with asyncio.timeout(10):
            while not await watching.scalar(WAITING):
                assert not changing.done()
        assert await hold(deciding) == before
        assert not changing.done()
        kit.clock.advance(SECOND)
    async with kit.session() as later:
        assert await hold(later) != before


async def test_a_product_is_not_graded_under_a_decision(kit: ServiceKit, admin: Caller) -> None:
    product = await list_product(admin)
    body = {"issuer_risk_level": None, "bank_risk_level": 5, "reason": "Review"}

    async def grade() -> None:
        ok(await admin.post(f"/v1/products/{product['id']}/risk_levels", json=body, headers=etag(1)))

    await check_waits(kit, lambda session: product_facts(session, UUID(product["id"])), grade)


async def test_a_script_is_not_set_under_a_decision(kit: ServiceKit, admin: Caller) -> None:
    product = await list_product(admin)
    body = {"segment": "PITCH", "document": "script-1", "sha256": "cd" * 32}

    async def script() -> None:
        ok(await admin.post(f"/v1/products/{product['id']}/scripts", json=body, headers=etag(1)))

    await check_waits(kit, lambda session: product_facts(session, UUID(product["id"])), script)


async def test_a_partner_does_not_leave_under_a_decision(kit: ServiceKit, admin: Caller) -> None:
    partner = await admit(admin)

    async def leave() -> None:
        body = {"reason": "Unsound"}
        ok(await admin.post(f"/v1/partners/{partner['id']}/exit", json=body, headers=etag(1)))

    await check_waits(kit, lambda session: partner_facts(session, UUID(partner["id"])), leave)


async def test_a_zone_is_not_suspended_under_a_decision(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    zone = await prepare_zone(head, await open_outlet(kit))
    path = f"/v1/zones/{zone['id']}"
    ok(await officer.post(f"{path}/inspections", json=checklist_body(), headers=etag(1)))

    async def fail() -> None:
        body = checklist_body(zone_sign=False)
        ok(await officer.post(f"{path}/inspections", json=body, headers=etag(2)))

    await check_waits(kit, lambda session: held_zone(session, UUID(zone["id"])), fail)


async def test_a_right_is_not_revoked_under_a_decision(kit: ServiceKit) -> None:
    employee, right = Employee(kit, await open_outlet(kit)), new_id()
    await kit.deliver(employee.joined(), employee.granted(right))
    now = kit.clock.now()

    async def hold(session: AsyncSession) -> object:
        return await held_seller(session, UUID(employee.id), now)

    async def revoke() -> None:
        await kit.deliver(employee.revoked(right))

    await check_waits(kit, hold, revoke)


@pytest.fixture
async def who(crm: Caller, customer: Caller) -> Json:
    """A customer of level 3, at version 2."""
    registered = await register(crm)
    path = f"/v1/customers/{registered['id']}/assessments"
    return ok(await customer.post(path, json={"level": 3}, headers=etag(1)), 2)


async def test_no_assessment_comes_under_a_decision(kit: ServiceKit, customer: Caller, who: Json) -> None:
    async def assess() -> None:
        path = f"/v1/customers/{who['id']}/assessments"
        ok(await customer.post(path, json={"level": 1}, headers=etag(2)))

    await check_waits(kit, lambda session: customer_facts(session, UUID(who["id"])), assess)


async def test_no_change_is_reported_under_a_decision(kit: ServiceKit, customer: Caller, who: Json) -> None:
    async def report() -> None:
        ok(await customer.post(f"/v1/customers/{who['id']}/reported_changes", headers=etag(2)))

    await check_waits(kit, lambda session: customer_facts(session, UUID(who["id"])), report)
    told = ok(await customer.get(f"/v1/customers/{who['id']}"))
    assert told["change_reported_at"] == to_json(kit.clock.now()), (
        "dated before the decision that it waited for"
    )


async def test_nothing_is_stated_of_a_customer_under_a_decision(
    kit: ServiceKit, crm: Caller, who: Json
) -> None:
    async def hold(session: AsyncSession) -> object:
        await customer_facts(session, UUID(who["id"]))
        about = (UUID(who["id"]), UUID(UNKNOWN), UUID(UNKNOWN))
        return await circumstance_facts(session, *about, kit.clock.now(), sold_wealth=False)

    async def state() -> None:
        await state_circumstances(crm, who["id"], capacity="NONE")

    await check_waits(kit, hold, state)


async def test_no_care_is_recorded_under_a_decision(kit: ServiceKit, seller: Caller, who: Json) -> None:
    case = ok(await seller.post("/v1/cases", json=case_body(await open_outlet(kit), who["id"])))
    items = ("risks_explained", "loss_understood", "companion_offered", "lower_risk_offered")

    async def hold(session: AsyncSession) -> object:
        await lock_case(session, UUID(case["id"]))
        found = await Reads(SAFEGUARDS).read(session, case_ids=[UUID(case["id"])])
        return safeguard_facts(found.of(SAFEGUARDS, UUID(case["id"])))

    async def care() -> None:
        path = f"/v1/cases/{case['id']}/elderly_care"
        ok(await seller.post(path, json=dict.fromkeys(items, True), headers=etag(1)))

    await check_waits(kit, hold, care)


async def test_no_consent_is_taken_back_under_a_decision(
    kit: ServiceKit, customer: Caller, seller: Caller, who: Json
) -> None:
    case = ok(await seller.post("/v1/cases", json=case_body(await open_outlet(kit), who["id"])))
    consent = ok(await customer.post("/v1/consents", json=consent_body(case["id"])))
    started = kit.clock.now() + SECOND

    async def hold(session: AsyncSession) -> object:
        await customer_facts(session, UUID(who["id"]))
        return await consent_facts(session, UUID(who["id"]), UUID(case["session_id"]), started)

    async def take_back() -> None:
        ok(await customer.post(f"/v1/consents/{consent['id']}/withdrawal", headers=etag(1)))

    await check_waits(kit, hold, take_back)
    taken_back = ok(await customer.get(f"/v1/consents/{consent['id']}"))
    assert taken_back["withdrawn_at"] == to_json(kit.clock.now()), (
        "dated before the decision that it waited for"
    )


async def test_no_purchase_is_taken_back_under_a_decision(kit: ServiceKit) -> None:
    deal, sale, _ = await sold(kit)
    request, customer_id = ok(await ask_reversal(kit, sale), 1), UUID(deal.customer["id"])

    async def hold(session: AsyncSession) -> object:
        await customer_facts(session, customer_id)
        return await sold_wealth(session, customer_id)

    async def take_back() -> None:
        ok(await decide(kit, request), 2)

    await check_waits(kit, hold, take_back)
    reversal = ok(await officer(kit).get(f"/v1/sales/{sale['id']}/reversal"))
    assert reversal["reversed_at"] == to_json(kit.clock.now()), "dated before the decision that it waited for"


async def test_two_decisions_hold_the_same_heads(
    kit: ServiceKit, admin: Caller, head: Caller, who: Json
) -> None:
    """Locks for reading: a bestseller, a zone or a seller serves many sales at once."""
    product, zone = await list_product(admin), await prepare_zone(head, await open_outlet(kit))
    employee = Employee(kit, zone["outlet_id"])
    await kit.deliver(employee.joined())

    async def hold(session: AsyncSession) -> list[object]:
        return [
            await customer_facts(session, UUID(who["id"])),
            await held_seller(session, UUID(employee.id), kit.clock.now()),
            await product_facts(session, UUID(product["id"])),
            await held_zone(session, UUID(zone["id"])),
        ]

    async with kit.session() as one, kit.session() as other, asyncio.timeout(2):
        assert await hold(one) == await hold(other)


async def test_what_the_gate_sees(
    kit: ServiceKit, admin: Caller, head: Caller, officer: Caller, who: Json
) -> None:
    product, zone = await list_product(admin), await prepare_zone(head, await open_outlet(kit))
    ok(await officer.post(f"/v1/zones/{zone['id']}/inspections", json=checklist_body(), headers=etag(1)))
    async with kit.session() as session:
        listed = await product_facts(session, UUID(product["id"]))
        ready = await held_zone(session, UUID(zone["id"]))
        assessed = await customer_facts(session, UUID(who["id"]))
        for unknown in (
            await product_facts(session, UUID(UNKNOWN)),
            await held_zone(session, UUID(UNKNOWN)),
            await held_seller(session, UUID(UNKNOWN), kit.clock.now()),
            await consent_facts(session, UUID(who["id"]), UUID(UNKNOWN), None),
        ):
            assert unknown is None
    assert listed is not None
    assert (listed.status, listed.effective_level, listed.version) == (ProductStatus.ON_SALE, 2, 1)
    assert ready is not None
    assert ready.state is ZoneState.ACTIVE
    assert ready.checklist is not None
    assert ready.checklist.inspected_at == kit.clock.now()
    assert assessed is not None
    assert (assessed.level, assessed.completed_at) == (3, kit.clock.now())
    assert assessed.change_reported_at is None
