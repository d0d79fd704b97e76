"""N1, N2: each fact changes us exactly once; poison is parked with the later facts of its key behind it."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from chassis import parking
from chassis.consumer import UNEXPECTED_ATTEMPTS_MAX, Consumer, Transient
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.testing import ServiceKit
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.conftest import taken

CRASHER = Path(__file__).parent / "crash_while_taking.py"


def count(kit: ServiceKit, key: UUID, sequence: int, words: str = "", id_: str | None = None) -> Record:
    """A count as it would be read from the topic."""
    data = {"counter_id": str(key), "text": words or f"t{sequence}"}
    return kit.record(sample.TOPIC, sample.COUNTED, str(key), data, sequence=sequence, id_=id_)


def consumer(kit: ServiceKit) -> Consumer:
    """The sample's consumer, without a broker."""
    return Consumer(kit.sessions, kit.clock, sample.service.inbox)


async def parked(kit: ServiceKit) -> list[tuple[str | None, str]]:
    """(key, reason) of what is parked, in order."""
    async with kit.sessions() as session:
        return [(row.key, row.reason) for row in await parking.list_parked(session)]


async def test_n1_a_fact_read_twice_takes_effect_once(kit: ServiceKit) -> None:
    """N1: within a batch, in the next batch, and one by one."""
    key = new_id()
    first, second = count(kit, key, 1, id_="a"), count(kit, key, 1, id_="a")
    await consumer(kit).take([first, second])
    await consumer(kit).take([second])
    await consumer(kit).take([first])
    assert await taken(kit) == [("t1", 1)]


@pytest.mark.parametrize("point", ["before", "after"])
async def test_n1_a_consumer_killed_around_its_commit_changes_us_once(kit: ServiceKit, point: str) -> None:
    """N1: kill -9 before the commit leaves nothing, after it leaves everything; the repeat makes it
    exactly one.
    """
    record = count(kit, new_id(), 1, id_="killed")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CRASHER),
        point,
        record.value.decode(),
        env={
            **os.environ,
            "WANGDIAN_DATABASE_URL": kit.database.app_url,
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    assert await process.wait() == -signal.SIGKILL
    assert len(await taken(kit)) == (0 if point == "before" else 1)
    await consumer(kit).take([record])
    assert await taken(kit) == [("t1", 1)]


async def test_n1_the_position_moves_with_the_effect(kit: ServiceKit) -> None:
    """N1: where to go on is known to our own database, in the transaction of the effect."""
    record = count(kit, new_id(), 1)
    await consumer(kit).take([record])
    async with kit.sessions() as session:
        position = (await session.execute(text("SELECT next_offset, seq FROM consumer_position"))).one()
    assert tuple(position) == (record.offset + 1, record.seq)


async def test_n2_poison_is_parked_with_its_key_behind_it_and_others_flow(kit: ServiceKit) -> None:
    """N2: same key waits, another key goes on, the order of the others is kept."""
    sick, well = new_id(), new_id()
    sample.POISON.add("bad")
    batch = [
        count(kit, sick, 1, "bad"),
        count(kit, well, 1, "w1"),
        count(kit, sick, 2, "s2"),
        count(kit, well, 2, "w2"),
    ]
    await consumer(kit).take(batch)
    assert await taken(kit) == [("w1", 1), ("w2", 2)]
    assert [key for key, _ in await parked(kit)] == [str(sick), str(sick)]


async def test_n2_a_release_takes_the_key_in_order_while_new_facts_arrive(kit: ServiceKit) -> None:
    """N2: nothing of the key overtakes another, however the release and the consumer interleave."""
    key = new_id()
    sample.POISON.add("bad")
    await consumer(kit).take([count(kit, key, 1, "bad")])
    await consumer(kit).take([count(kit, key, number, f"t{number}") for number in range(2, 30)])
    assert await taken(kit) == []
    sample.POISON.clear()

    async def keep_coming() -> None:
        for number in range(30, 80):
            await consumer(kit).take([count(kit, key, number, f"t{number}")])

    coming = asyncio.create_task(keep_coming())
    while len(await parked(kit)) < 32:
        await asyncio.wait({coming}, timeout=0.001)
    done = await parking.release(kit.sessions, kit.clock, sample.service.inbox, sample.TOPIC, str(key))
    await coming
    assert done.stopped_at is None
    assert [sequence for _, sequence in await taken(kit)] == list(range(1, 80))
    assert await parked(kit) == []


async def test_n2_a_release_stops_at_the_first_failure_and_keeps_the_rest(kit: ServiceKit) -> None:
    """N2: what was taken stays taken, the rest stays parked in order."""
    key = new_id()
    sample.POISON |= {"bad", "worse"}
    await consumer(kit).take([count(kit, key, 1, "bad")])
    await consumer(kit).take([count(kit, key, 2, "worse"), count(kit, key, 3)])
    sample.POISON.discard("bad")
    done = await parking.release(kit.sessions, kit.clock, sample.service.inbox, sample.TOPIC, str(key))
    assert (done.taken, done.reason is not None) == (1, True)
    assert await taken(kit) == [("bad", 1)]
    await consumer(kit).take([count(kit, key, 4)])
    sample.POISON.clear()
    await parking.release(kit.sessions, kit.clock, sample.service.inbox, sample.TOPIC, str(key))
    assert [sequence for _, sequence in await taken(kit)] == [1, 2, 3, 4]


async def test_n2_a_fact_without_a_key_blocks_nobody(kit: ServiceKit) -> None:
    """N2: it is parked alone and released by its position."""
    sample.POISON.add("bad")
    alone = count(kit, new_id(), 1, "bad")
    await consumer(kit).take([Record(alone.topic, 0, alone.offset, None, alone.headers, alone.value)])
    await consumer(kit).take([count(kit, new_id(), 1, "next")])
    assert [words for words, _ in await taken(kit)] == ["next"]
    sample.POISON.clear()
    async with kit.sessions() as session:
        (row,) = await parking.list_parked(session)
    done = await parking.release_keyless(kit.sessions, kit.clock, sample.service.inbox, row.position)
    assert done.taken == 1
    assert [words for words, _ in await taken(kit)] == ["next", "bad"]


@pytest.mark.parametrize("value", [b"{", b"\xff", b"[]", b'{"counter_id": 7}', b""])
async def test_n2_what_cannot_be_read_is_parked(kit: ServiceKit, value: bytes) -> None:
    """N2: broken JSON, no object, wrong types."""
    good = count(kit, new_id(), 1)
    await consumer(kit).take([Record(good.topic, 0, good.offset, good.key, good.headers, value)])
    assert [key for key, _ in await parked(kit)] == [good.key]


async def test_n2_a_bug_is_tried_five_times_then_parked(kit: ServiceKit) -> None:
    """N2: an unexpected exception gets ``UNEXPECTED_ATTEMPTS_MAX`` attempts."""
    sample.BUGS.add("bug")
    await consumer(kit).take([count(kit, new_id(), 1, "bug")])
    async with kit.sessions() as session:
        (row,) = await parking.list_parked(session)
    assert row.attempts == UNEXPECTED_ATTEMPTS_MAX


async def test_n2_a_transient_failure_never_parks(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """N2: the database away means waiting at the record's offset."""
    record = count(kit, new_id(), 1)

    async def away(*_: object) -> int:
        raise OperationalError("SELECT 1", {}, ConnectionError("gone"))

    with monkeypatch.context() as patch:
        patch.setattr("chassis.inbox.Inbox.take", away)
        with pytest.raises(Transient) as waiting:
            await consumer(kit).take([record])
    assert waiting.value.offset == record.offset
    assert await parked(kit) == []
    await consumer(kit).take([record])
    assert len(await taken(kit)) == 1


async def test_n2_dropping_keeps_content_and_reason_and_frees_the_key(kit: ServiceKit) -> None:
    """N2: the operator's last resort leaves a trace."""
    key = new_id()
    sample.POISON.add("bad")
    await consumer(kit).take([count(kit, key, 1, "bad")])
    async with kit.sessions() as session:
        (row,) = await parking.list_parked(session)
    assert await parking.drop(kit.sessions, row.position, "agreed with the producer")
    await consumer(kit).take([count(kit, key, 2)])
    assert await taken(kit) == [("t2", 2)]
    async with kit.sessions() as session:
        assert (await session.execute(text("SELECT reason FROM parked_dropped"))).scalar_one() == (
            "agreed with the producer"
        )
