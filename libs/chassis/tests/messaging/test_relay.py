"""R1–R4, S1, N3 with a real database and a broker: order under racing, dying relays; heartbeats;
republish.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.clock import SystemClock
from chassis.consumer import Consumer
from chassis.inbox import Record
from chassis.record_source import Place, RecordSource
from chassis.register import HEARTBEAT_TYPE, Heartbeat
from chassis.republish import TooFarBack, republish, set_paused
from chassis.settings import Settings
from chassis.testing import ServiceKit
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import (
    CrashingProducer,
    ends,
    read_topic,
    relay,
    told_offsets,
)
from libs.chassis.tests.messaging.conftest import new_counters, taken

FACTS = 10_000
KEYS = 40


async def outbox_empty(kit: ServiceKit) -> bool:
    """Whether every fact has been acknowledged."""
    async with kit.sessions() as session:
        return not (await session.execute(text("SELECT EXISTS (SELECT FROM outbox)"))).scalar_one()


async def write(kit: ServiceKit, ids: Sequence[UUID], number: int, seed: int) -> None:
    """``number`` facts over the counters, several in one commit, by plain SQL and by the ORM."""
    chance = random.Random(seed)
    left = number
    while left:
        batch = sorted(chance.sample(ids, min(left, len(ids), chance.randint(1, 12))))
        async with kit.session() as session:
            for counter_id in batch:
                if chance.random() < 0.8:
                    await sample.count_by_sql(session, kit.clock, counter_id)
                else:
                    await sample.count_by_orm(session, kit.clock, counter_id)
        left -= len(batch)


def first_occurrences(records: Sequence[Record]) -> dict[str, list[int]]:
    """Per key, the sequences in the order of each fact's first occurrence."""
    seen: set[str] = set()
    found: dict[str, list[int]] = defaultdict(list)
    for record in records:
        if record.type == sample.COUNTED and record.headers["ce_id"] not in seen:
            seen.add(record.headers["ce_id"])
            found[record.key or ""].append(int(record.headers["ce_sequence"]))
    return found


async def test_r2_two_relays_race_and_die_between_send_and_delete(
    kit: ServiceKit, settings: Settings
) -> None:
    """R1–R4: ≥ 10,000 facts, writers at work, two relays, crashes: 0 violations of order per key after
    de-duplication.
    """
    ids = await new_counters(kit, KEYS)
    start = await ends(settings, sample.TOPIC)
    producers = [CrashingProducer(settings, seed, 0.3) for seed in (1, 2)]
    tasks = [asyncio.create_task(relay(kit, settings, producer).run()) for producer in producers]
    await asyncio.gather(*(write(kit, ids, FACTS // 8, seed) for seed in range(8)))
    async with asyncio.timeout(120):
        while not await outbox_empty(kit):
            await asyncio.wait(tasks, timeout=0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for producer in producers:
        await producer.stop()
    records = await read_topic(settings, sample.TOPIC, since=start)
    of_ours = {str(counter_id) for counter_id in ids}
    orders = {key: order for key, order in first_occurrences(records).items() if key in of_ours}
    assert sum(len(order) for order in orders.values()) == FACTS
    assert [key for key, order in orders.items() if order != list(range(1, len(order) + 1))] == []
    assert sum(producer.crashes for producer in producers) >= 5, "the crashes did not bite"
    repeated = sum(record.key in of_ours for record in records) - FACTS
    assert repeated > 0, "no crash led to a repeat"


async def test_s1_a_heartbeat_never_overtakes_a_fact_still_in_the_outbox(
    kit: ServiceKit, settings: Settings
) -> None:
    """S1: whatever was committed by ``as_of`` stands before the heartbeat on its partition."""
    (counter_id,) = await new_counters(kit, 1)
    start = await ends(settings, sample.TOPIC)
    beating = relay(kit, settings.model_copy(update={"relay_batch": 1, "heartbeat_seconds": 0.01}))
    committed_at: list[datetime] = []
    # More facts than one pass takes, and a heartbeat due at every pass.
    for _ in range(5):
        async with kit.session() as session:
            await sample.count_by_orm(session, SystemClock(), counter_id)
        committed_at.append(SystemClock().now())
    passes = [await beating.once() for _ in range(6)]
    await beating.producer.stop()
    assert [done.sent for done in passes] == [1, 1, 1, 1, 1, 0]
    records = await read_topic(settings, sample.TOPIC, since=start)
    (home,) = {record.partition for record in records if record.key == str(counter_id)}
    seen = 0
    for record in (record for record in records if record.partition == home):
        if record.type != HEARTBEAT_TYPE:
            seen += 1
            continue
        beat = Heartbeat.model_validate_json(record.value)
        assert seen >= sum(at <= beat.as_of for at in committed_at)
    beats = [record for record in records if record.type == HEARTBEAT_TYPE]
    assert {record.partition for record in beats} == set(range(settings.topic_partitions))


async def test_r3_a_pass_without_the_lock_sends_nothing(kit: ServiceKit, settings: Settings) -> None:
    """R3: one active relay; the lock dies with its transaction."""
    (counter_id,) = await new_counters(kit, 1)
    async with kit.session() as session:
        await sample.count_by_orm(session, kit.clock, counter_id)
    waiting = relay(kit, settings)
    async with kit.engine.begin() as holder:
        await holder.execute(text("SELECT pg_advisory_xact_lock(7107001)"))
        done = await waiting.once()
        assert (done.locked, done.sent, done.drained) == (False, 0, False)
    assert (await waiting.once()).sent == 1
    await waiting.producer.stop()


async def test_n3_republish_sends_the_archive_again_in_order(kit: ServiceKit, settings: Settings) -> None:
    """N3: everything again, in archive order, only once in effect; too far back is refused."""
    ids = await new_counters(kit, 3)
    await write(kit, ids, 60, seed=5)
    start = await ends(settings, sample.TOPIC)
    sender = relay(kit, settings)
    await sender.once()
    now = SystemClock().now()
    assert await republish(kit.sessions, now - timedelta(days=1), now) == 60
    await sender.once()
    await sender.producer.stop()
    records = [r for r in await read_topic(settings, sample.TOPIC, since=start) if r.type == sample.COUNTED]
    assert len(records) == 120
    for key in map(str, ids):
        sent = [int(r.headers["ce_sequence"]) for r in records if r.key == key]
        assert sent == [*range(1, len(sent) // 2 + 1)] * 2
    with pytest.raises(TooFarBack):
        await republish(kit.sessions, now - timedelta(days=35, seconds=1), now)


async def test_n3_a_pause_is_durable(kit: ServiceKit, settings: Settings) -> None:
    """N3: a paused relay sends nothing, no heartbeat either, whoever runs it."""
    (counter_id,) = await new_counters(kit, 1)
    async with kit.session() as session:
        await sample.count_by_orm(session, kit.clock, counter_id)
    start = await ends(settings, sample.TOPIC)
    await set_paused(kit.sessions, True, "test")
    paused = relay(kit, settings)
    assert (await paused.once()).sent == 0
    assert await ends(settings, sample.TOPIC) == start
    await set_paused(kit.sessions, False, None)
    assert (await paused.once()).sent == 1
    await paused.producer.stop()


async def test_n1_the_consumer_loop_takes_what_the_relay_sends(kit: ServiceKit, settings: Settings) -> None:
    """N1: outbox to effect over the broker, in order per key; a second consumer start repeats nothing.

    Whoever stops has told the broker how far it was, so that lag tools see it.
    """
    ids = await new_counters(kit, 5)
    await write(kit, ids, 200, seed=9)
    sender = relay(kit, settings)
    await sender.once()
    await sender.producer.stop()
    mine = [str(counter_id) for counter_id in ids]

    async def taken_of_ours() -> list[int]:
        return [sequence for key in mine for _, sequence in await taken(kit, key)]

    for _ in range(2):
        reading = Consumer(kit.sessions, SystemClock(), sample.service.inbox)
        source = RecordSource(settings, f"sample-{mine[0]}", [sample.TOPIC], reading.next_offsets)
        task = asyncio.create_task(reading.run(source))
        all_there_is = await ends(settings, sample.TOPIC)

        def read_to(number: int, source: RecordSource = source) -> int:
            return source._reached.get(Place(sample.TOPIC, number), (0, 0))[0]

        async with asyncio.timeout(60):
            while len(await taken_of_ours()) < 200 or any(
                read_to(number) < end for number, end in all_there_is.items()
            ):
                await asyncio.wait({task}, timeout=0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.stop()
    assert len(await taken_of_ours()) == 200
    told = await told_offsets(settings, f"sample-{mine[0]}", sample.TOPIC)
    assert told == {number: end for number, end in (await ends(settings, sample.TOPIC)).items() if end}
    for key in mine:
        sequences = [sequence for _, sequence in await taken(kit, key)]
        assert sequences == list(range(1, len(sequences) + 1))
