"""The gate beside others: one sale for one case, and facts of one moment (G1)."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from chassis.testing import ServiceKit
from compliance.cases.queries import case as case_of
from compliance.consents.commands import answer_consent
from compliance.consents.domain import Purpose
from compliance.customers.commands import lock_customer
from compliance.sales.audit import suspicions
from services.compliance.tests.registers import etag, ok
from services.compliance.tests.selling import Deal, broken, make_ready, prepared

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database() AND usename = current_user"
)


async def somebody_waits(kit: ServiceKit) -> None:
    """Returns once somebody waits for a lock of this database."""
    async with asyncio.timeout(20):
        while True:
            async with kit.session() as session:
                if await session.scalar(WAITING):
                    return


async def test_two_requests_for_one_case_log_one_sale(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    answers = await asyncio.gather(deal.sell(), deal.sell())
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert len(await kit.facts("compliance.sale.logged.v1")) == 1
    async with kit.session() as session:
        assert await suspicions(session) == []


async def test_one_key_from_sixteen_connections_logs_one_sale(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    answers = await asyncio.gather(*(deal.sell(key="one") for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await kit.facts("compliance.sale.logged.v1")) == 1


async def revoke(deal: Deal) -> int:
    return await deal.kit.deliver(deal.employee.revoked(deal.qualification_id))


async def test_a_decision_waits_for_what_it_rests_on_and_sees_it(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    async with kit.session() as session:
        customer = await lock_customer(session, UUID(deal.customer["id"]))
        report = customer.report_change(UUID(int=1), by="customer", at=kit.clock.now())
        session.add(report)
        await session.flush()
        waiting = asyncio.ensure_future(deal.sell())
        await somebody_waits(kit)
        assert not waiting.done()
    assert broken(await waiting) == [("SUI-12", "REASSESSMENT_REQUIRED")]


async def test_a_consent_and_the_gate_do_not_stop_each_other(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    opened = await deal.open_case()
    async with kit.session() as session:
        await lock_customer(session, UUID(deal.customer["id"]))
        waiting = asyncio.ensure_future(deal.sell())
        await somebody_waits(kit)
        # It refers to the case: whoever locked that before the customer would stand in its way now.
        await answer_consent(
            session,
            kit.clock,
            await case_of(session, UUID(opened["id"])),
            purpose=Purpose.RECORDING,
            given=True,
            notice_version="2026-01",
            by=deal.customer["subject"],
        )
    assert (await waiting).status_code == 422


async def test_a_revocation_is_before_a_sale_or_after_it(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    answer, _ = await asyncio.gather(deal.sell(), revoke(deal))
    if answer.status_code == 201:
        sale = ok(answer)
        decision = ok(await kit.client("auditor").get(f"/v1/decisions/{sale['decision_id']}"))
        assert decision["inputs"]["seller"]["qualifications"][0]["revoked_at"] is None
    else:
        assert broken(answer) == [("SAL-01", "SALESPERSON_NOT_QUALIFIED")]
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}/sale"
    later = await deal.seller.post(path, json=deal.body(), headers=etag(1))
    assert later.status_code in (412, 422)
