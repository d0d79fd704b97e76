"""Facts of other services: taken once, in any order between topics."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.inbox import Record
from chassis.testing import ServiceKit
from services.feedback.tests.visits import (
    OUTLET,
    Json,
    closing_fact,
    completion_fact,
    etag,
    offered,
    ok,
    outlet_fact,
    sale_fact,
)


async def rows(kit: ServiceKit, statement: str) -> list[Any]:
    """The rows of a SELECT."""
    async with kit.session() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def offers(kit: ServiceKit) -> list[Any]:
    """The tickets with an offer, and its version."""
    return await rows(kit, "SELECT ticket_id, version FROM evaluations")


async def test_completion_delivered_twice_offers_once(kit: ServiceKit) -> None:
    ticket_id = uuid4()
    record = completion_fact(kit, ticket_id)
    assert await kit.deliver(record, record) == 1
    assert await kit.deliver(record) == 0
    assert await offers(kit) == [(ticket_id, 1)]


async def test_completion_told_under_another_id_offers_once(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    ticket_id = UUID(evaluation["ticket_id"])
    async with kit.client("customer", subject="visitor-1") as visitor:
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        ok(await visitor.post(path, json={"score": 5}, headers=etag(1)))
    assert await kit.deliver(completion_fact(kit, ticket_id, visitor="visitor-2")) == 1
    assert await offers(kit) == [(ticket_id, 2)]


async def test_completion_needs_no_outlet_and_no_earlier_ticket_fact(kit: ServiceKit) -> None:
    ticket_id = uuid4()
    await kit.deliver(completion_fact(kit, ticket_id))
    await kit.deliver(outlet_fact(kit))
    assert await offers(kit) == [(ticket_id, 1)]


@pytest.mark.parametrize("kind", ["issued", "called", "started", "no_show", "cancelled", "expired"])
async def test_no_other_ticket_fact_offers(kit: ServiceKit, kind: str) -> None:
    record = kit.record("ticketing.tickets.v1", f"ticketing.ticket.{kind}.v1", "t", {"ticket_id": uuid4()})
    assert await kit.deliver(record) == 0
    assert await offers(kit) == []


OUTLETS = "SELECT code, name, version, closed FROM outlets"


async def test_newest_description_of_an_outlet_wins(kit: ServiceKit) -> None:
    first = outlet_fact(kit)
    second = outlet_fact(kit, version=2, kind="changed", name="Renmin Road East")
    await kit.deliver(second, first)
    assert await rows(kit, OUTLETS) == [("0001", "Renmin Road East", 2, False)]
    await kit.deliver(closing_fact(kit, version=3))
    assert await rows(kit, OUTLETS) == [("0001", "Renmin Road East", 3, True)]


async def test_closing_is_kept_until_the_outlet_is_known(kit: ServiceKit) -> None:
    await kit.deliver(closing_fact(kit, version=2))
    assert await rows(kit, OUTLETS) == [(None, None, 2, True)]
    await kit.deliver(outlet_fact(kit, version=1))
    assert await rows(kit, OUTLETS) == [("0001", "Renmin Road", 2, True)]


async def test_first_entry_of_a_sale_stands(kit: ServiceKit) -> None:
    sale_id = uuid4()
    await kit.deliver(sale_fact(kit, sale_id))
    await kit.deliver(sale_fact(kit, sale_id, outlet_id=uuid4()))
    assert await rows(kit, "SELECT id, outlet_id FROM sales") == [(sale_id, OUTLET)]


async def test_refused_sales_are_no_sales(kit: ServiceKit) -> None:
    data: Json = {"attempt_id": uuid4(), "rules": ["PRD-01"]}
    record: Record = kit.record("compliance.sales.v1", "compliance.sale.refused.v1", "a", data)
    assert await kit.deliver(record) == 0
