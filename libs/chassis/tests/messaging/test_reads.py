"""Several reads in one statement, and locks that are taken one after the other (G1)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import UnmappedInstanceError

from chassis.ids import new_id
from chassis.reads import InOrder, Read, Reads, among, complete
from chassis.testing import ServiceKit
from libs.chassis.tests.sample import Counter, counters, taken

COUNTERS = Read(
    Counter,
    select(counters).where(among(counters.c.id, "ids")).order_by(counters.c.version.desc()),
    by="id",
)
TAKEN = Read[dict[str, object]](
    dict,
    select(taken.c.key, taken.c.sequence, taken.c.text)
    .where(taken.c.text != "left out")
    .order_by(taken.c.sequence),
    by="key",
)
READS = Reads(COUNTERS, TAKEN)
#: Who waits for a row waits for a transaction, which belongs to no database.
WAITING = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")


@pytest.fixture
async def ids(kit: ServiceKit) -> list[UUID]:
    """Three counters at versions 1 to 3, and what was taken of two keys."""
    made = [new_id() for _ in range(3)]
    rows = [{"id": one, "version": place} for place, one in enumerate(made, 1)]
    told = [("b", 2, "two"), ("a", 1, "one"), ("b", 1, "one"), ("a", 2, "left out")]
    async with kit.session() as session:
        await session.execute(insert(counters), rows)
        await session.execute(
            insert(taken),
            [{"key": key, "sequence": sequence, "text": words} for key, sequence, words in told],
        )
    return made


async def test_reads_are_asked_in_one_statement_and_found_by_their_keys(
    kit: ServiceKit, ids: list[UUID]
) -> None:
    with kit.asked() as asked:
        async with kit.session() as session:
            found = await READS.read(session, ids=ids[:2])
    assert len(asked) == 1
    assert [found.of(COUNTERS, one) for one in ids] == [[Counter(ids[0], 1)], [Counter(ids[1], 2)], []]
    assert found.one(COUNTERS, ids[2]) is None
    assert found.of(TAKEN, "b") == [
        {"key": "b", "sequence": 1, "text": "one"},
        {"key": "b", "sequence": 2, "text": "two"},
    ]
    assert found.of(TAKEN, "a") == [{"key": "a", "sequence": 1, "text": "one"}]
    with pytest.raises(KeyError):
        found.of(Read(Counter, select(counters), by="id"), ids[0])


async def test_what_the_session_holds_back_is_seen(kit: ServiceKit, ids: list[UUID]) -> None:
    new = Counter(new_id(), 9)
    async with kit.session() as session:
        session.add(new)
        assert (await READS.read(session, ids=[new.id])).of(COUNTERS, new.id) == [new]


async def test_a_parameter_that_is_missing_is_an_error(kit: ServiceKit, ids: list[UUID]) -> None:
    async with kit.session() as session:
        with pytest.raises(KeyError, match="ids"):
            await READS.read(session)


async def test_a_row_of_an_entity_is_watched_by_nobody_and_made_complete(
    kit: ServiceKit, ids: list[UUID]
) -> None:
    async with kit.session() as session:
        (counter,) = (await READS.read(session, ids=ids[:1])).of(COUNTERS, ids[0])
        with pytest.raises(UnmappedInstanceError):
            session.add(counter)
        with pytest.raises(AttributeError):
            counter.version = 7
        complete(counter, row="more")
        assert vars(counter) == {"id": ids[0], "version": counter.version, "row": "more"}


def head(name: str) -> Select[Any]:
    """One counter to lock."""
    return select(counters.c.id).where(among(counters.c.id, name)).with_for_update(read=True)


@pytest.fixture
async def free(kit: ServiceKit) -> AsyncIterator[AsyncSession]:
    """Looks at which rows nobody has locked."""
    async with kit.sessions() as session:
        yield session


async def unlocked(session: AsyncSession, ids: list[UUID]) -> list[bool]:
    """Of each counter, whether nobody has locked it."""
    wanted = select(counters.c.id).where(counters.c.id.in_(ids)).with_for_update(skip_locked=True)
    found = set(await session.scalars(wanted))
    await session.rollback()
    return [one in found for one in ids]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
async def test_each_lock_waits_for_the_one_before(
    kit: ServiceKit, free: AsyncSession, ids: list[UUID], order: list[int]
) -> None:
    first, second, third = (ids[place] for place in order)
    heads = InOrder(first=head("first"), second=head("second"), third=head("third"))

    async def hold() -> None:
        async with kit.session() as session:
            await heads.hold(session, first=[first], second=[second], third=[third])
            assert await unlocked(free, [first, second, third]) == [False, False, False]

    async with asyncio.TaskGroup() as tasks, kit.session() as holding, asyncio.timeout(10):
        await holding.execute(select(counters).where(counters.c.id == second).with_for_update())
        waiting = tasks.create_task(hold())
        while not await free.scalar(WAITING):
            assert not waiting.done()
            await free.rollback()
        assert await unlocked(free, [first, second, third]) == [False, False, True]


async def test_locking_goes_on_where_there_is_nothing_to_lock(kit: ServiceKit, ids: list[UUID]) -> None:
    heads = InOrder(none=head("none"), one=head("one"))
    async with kit.session() as session, kit.sessions() as other:
        assert await heads.hold(session, none=[], one=ids[:1]) == {"none": [], "one": ids[:1]}
        assert await unlocked(other, ids[:2]) == [False, True]


async def test_plans_are_kept_for_the_transaction_alone(kit: ServiceKit, ids: list[UUID]) -> None:
    mode = select(func.current_setting("plan_cache_mode"))
    async with kit.session() as session:
        await READS.read(session, ids=ids)
        assert await session.scalar(mode) == "force_generic_plan"
    async with kit.session() as session:
        assert await session.scalar(mode) == "auto"
