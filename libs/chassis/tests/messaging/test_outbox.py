"""R1, R5, T1: facts stand in the archive in the order of their versions, or not at all."""

import asyncio

import pytest
from sqlalchemy import text

from chassis.db import lock
from chassis.events import FACT_BYTES_MAX
from chassis.outbox import FactTooLarge, record
from chassis.testing import ServiceKit
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.conftest import new_counters


async def test_r1_plain_sql_and_orm_on_one_hot_key_keep_the_order_of_versions(kit: ServiceKit) -> None:
    """R1: eight writers of each kind on one counter; archive order is version order, without holes."""
    (hot,) = await new_counters(kit, 1)

    async def write(by_sql: bool) -> None:
        for _ in range(15):
            async with kit.session() as session:
                if by_sql:
                    await sample.count_by_sql(session, kit.clock, hot)
                else:
                    await sample.count_by_orm(session, kit.clock, hot)

    await asyncio.gather(*(write(number % 2 == 0) for number in range(16)))
    sequences = [fact.sequence for fact in await kit.facts()]
    assert sequences == list(range(1, 241))


async def test_r1_facts_that_are_recorded_together_keep_their_order(kit: ServiceKit) -> None:
    """R1: one change may tell several facts, each with a version of its own."""
    (counter_id,) = await new_counters(kit, 1)
    async with kit.session() as session:
        counter = await lock(session, sample.Counter, counter_id)
        await record(session, *(counter.count(kit.clock.now()) for _ in range(40)))
    assert [fact.sequence for fact in await kit.facts()] == list(range(1, 41))


async def test_t1_a_rolled_back_change_leaves_no_fact(kit: ServiceKit) -> None:
    """T1: effect and fact go together."""
    (counter_id,) = await new_counters(kit, 1)

    async def fail() -> None:
        async with kit.session() as session:
            await sample.count_by_orm(session, kit.clock, counter_id)
            raise RuntimeError("after the record")

    with pytest.raises(RuntimeError, match="after the record"):
        await fail()
    async with kit.session() as session:
        await sample.count_by_orm(session, kit.clock, counter_id)
    assert [fact.sequence for fact in await kit.facts()] == [1]


async def test_r5_a_fact_too_large_fails_the_request(kit: ServiceKit) -> None:
    """R5: the size is checked when recording; nothing is left behind."""
    (counter_id,) = await new_counters(kit, 1)
    with pytest.raises(FactTooLarge):
        async with kit.session() as session:
            await sample.count_by_orm(session, kit.clock, counter_id, "x" * FACT_BYTES_MAX)
    assert await kit.facts() == []
    async with kit.sessions() as session:
        version = (await session.execute(text("SELECT version FROM counters"))).scalar_one()
    assert version == 0


async def test_d1_the_services_own_role_cannot_change_or_delete_the_archive(kit: ServiceKit) -> None:
    """D1: the archive can be added to and read, nothing else."""
    (counter_id,) = await new_counters(kit, 1)
    async with kit.session() as session:
        await sample.count_by_orm(session, kit.clock, counter_id)
    for statement in (
        "UPDATE fact SET data = '{}'",
        "DELETE FROM fact",
        "TRUNCATE fact",
        "DROP TABLE fact",
        "CREATE TABLE mine (id int)",
        "UPDATE fact_default SET data = '{}'",
    ):
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            async with kit.session() as session:
                await session.execute(text(statement))
    assert len(await kit.facts()) == 1
