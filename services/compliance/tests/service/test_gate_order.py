"""G1: the gate takes its locks in one order, whatever is asked of it, so that no two wait for each other."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.customers.commands import lock_customer
from compliance.rulebook.facts import SaleFacts
from compliance.sales.gate import judge
from services.compliance.tests.footage import supplement
from services.compliance.tests.racing import started, waiting
from services.compliance.tests.registers import Employee
from services.compliance.tests.selling import SECOND, make_ready, prepared

ORDER = ("customers", "sellers", "products", "partners", "outlets", "zones", "recordings", "parts", "cases")


async def heads_of(kit: ServiceKit) -> dict[str, UUID]:
    """Those of a deal whose product a partner supplies and whose recording has a part."""
    deal = await make_ready(kit, origin="AGENCY", issuer_risk_level=2)
    part = await supplement(deal, "RISK_DISCLOSURE")
    assert deal.partner is not None
    assert deal.zone is not None
    assert deal.recording is not None
    assert deal.case is not None
    found = (
        deal.customer["id"],
        deal.employee.id,
        deal.product["id"],
        deal.partner["id"],
        deal.outlet_id,
        deal.zone["id"],
        deal.recording["id"],
        part["id"],
        deal.case["id"],
    )
    return dict(zip(ORDER, map(UUID, map(str, found)), strict=True))


async def is_free(session: AsyncSession, kind: str, head: UUID) -> bool:
    """Whether nobody has locked the head."""
    table = "recordings" if kind == "parts" else kind
    wanted = text(f"SELECT id FROM {table} WHERE id = :id FOR UPDATE SKIP LOCKED")
    found = await session.scalar(wanted, {"id": head})
    await session.rollback()
    return found is not None


@pytest.mark.parametrize("share", [True, False], ids=["to look", "to log a sale"])
async def test_the_heads_are_locked_in_order(kit: ServiceKit, share: bool) -> None:
    heads = await heads_of(kit)

    async def look() -> object:
        async with kit.session() as session:
            about = (heads["cases"], heads["recordings"])
            return (await judge(session, kit.clock, kit.settings, *about, share=share)).decision.result

    async with kit.sessions() as looking:
        for place, kind in enumerate(ORDER):
            table = "recordings" if kind == "parts" else kind
            async with kit.session() as holding:
                await holding.execute(
                    text(f"SELECT id FROM {table} WHERE id = :id FOR UPDATE"), {"id": heads[kind]}
                )
                judging = started(look())
                has_waited = await waiting(kit, 1, judging)
                free = [await is_free(looking, other, heads[other]) for other in ORDER]
            await judging
            assert has_waited, f"nobody waits for {kind}"
            expected = [number > place for number in range(len(ORDER))]
            assert free == expected, f"while {kind} is held by somebody else"


@pytest.mark.parametrize("share", [True, False], ids=["two look", "two would log a sale"])
async def test_who_looks_shares_and_who_sells_keeps_the_recording(kit: ServiceKit, share: bool) -> None:
    heads = await heads_of(kit)
    about = (heads["cases"], heads["recordings"])
    async with kit.session() as one, kit.session() as other:
        await judge(one, kit.clock, kit.settings, *about, share=share)
        for kind in ("products", "recordings"):
            wanted = text(f"SELECT id FROM {kind} WHERE id = :id FOR SHARE SKIP LOCKED")
            shared = await other.scalar(wanted, {"id": heads[kind]}) is not None
            assert shared is (share or kind == "products"), kind


async def test_a_sale_is_few_statements(kit: ServiceKit) -> None:
    """What the gate reads is one, however much there is; the first sale of a recording begins its keeping."""
    deal = await prepared(kit)
    further = await deal.open_case()
    await deal.open_case(session_id=further["session_id"])
    await deal.consent()
    await deal.record()
    await deal.beat()

    async def statements() -> int:
        with kit.asked() as asked:
            assert (await deal.sell()).status_code == 201
        # The deal looks at its case before it asks for the sale, which begins with its key.
        (begun,) = (at for at, one in enumerate(asked) if "INSERT INTO idempotency" in one.statement)
        return len(asked) - begun

    first = await statements()
    deal.case = further
    assert (first, await statements()) == (14, 12)


async def test_what_comes_while_the_gate_waits_is_not_read_unlocked(kit: ServiceKit) -> None:
    """A seller of whom nobody had heard when the locks were asked for, heard of before they were granted."""
    deal = await make_ready(kit)
    newcomer = Employee(kit, deal.outlet_id, subject="seller-2")
    deal.employee = newcomer
    await deal.open_case()
    assert deal.case is not None
    case_id, customer_id = UUID(deal.case["id"]), UUID(deal.customer["id"])

    async def look() -> SaleFacts:
        async with kit.session() as session:
            return (await judge(session, kit.clock, kit.settings, case_id, None, share=True)).facts

    async with kit.session() as holding:
        await lock_customer(holding, customer_id)
        judging = asyncio.create_task(look())
        assert await waiting(kit, 1, judging)
        await kit.deliver(newcomer.joined(), newcomer.granted(new_id()))
    assert (await judging).seller is None
    assert (await look()).seller is not None


async def test_the_clock_is_read_behind_the_facts(kit: ServiceKit) -> None:
    """What no lock holds and is seen, as another sale to the customer, is not later than the decision."""
    deal = await make_ready(kit)
    assert deal.case is not None
    assert deal.recording is not None

    def tick(*given: Any) -> None:
        kit.clock.advance(SECOND)

    event.listen(kit.engine.sync_engine, "after_cursor_execute", tick)
    try:
        async with kit.session() as session:
            about = (UUID(deal.case["id"]), UUID(deal.recording["id"]))
            judged = await judge(session, kit.clock, kit.settings, *about, share=True)
    finally:
        event.remove(kit.engine.sync_engine, "after_cursor_execute", tick)
    assert judged.decision.decided_at == kit.clock.now()
