"""S1: a foreign register is fresh, or decisions that rest on it fail closed."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from chassis.events import encode, to_json
from chassis.ids import new_id
from chassis.inbox import Record
from chassis.register import HEARTBEAT_TYPE, register_fresh
from chassis.testing import ServiceKit
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.test_inbox import consumer, count

FRESH_SECONDS = 15


async def beat(kit: ServiceKit, partition: int, *, partitions: int = 2, age: float = 0, seq: int = 0) -> None:
    """A heartbeat of one partition, ``age`` seconds old."""
    as_of = kit.clock.now() - timedelta(seconds=age)
    value = encode(to_json({"as_of": as_of, "partition_count": partitions, "seq": seq}))
    headers: Mapping[str, str] = {"ce_type": HEARTBEAT_TYPE, "ce_id": str(new_id())}
    await consumer(kit).take([Record(sample.TOPIC, partition, 1, None, headers, value)])


async def fresh(kit: ServiceKit) -> bool:
    """S1's answer now."""
    async with kit.sessions() as session:
        return await register_fresh(session, sample.TOPIC, kit.clock.now(), kit.settings)


async def test_s1_fresh_when_every_partition_beats(kit: ServiceKit) -> None:
    """Both partitions heard, up to the limit's last moment."""
    await beat(kit, 0, age=FRESH_SECONDS)
    await beat(kit, 1)
    assert await fresh(kit)


@pytest.mark.parametrize("case", ["never", "one partition", "old", "future", "behind", "grown"])
async def test_s1_stale_otherwise(kit: ServiceKit, case: str) -> None:
    """Each reason alone makes the register stale."""
    if case != "never":
        await beat(kit, 0)
    match case:
        case "old":
            await beat(kit, 1, age=FRESH_SECONDS + 0.001)
        case "future":
            await beat(kit, 1, age=-1.001)
        case "behind":
            await beat(kit, 1, seq=7)
        case "grown":
            await beat(kit, 1, partitions=3)
    assert not await fresh(kit)


async def test_s1_a_heartbeat_waits_for_the_facts_before_it(kit: ServiceKit) -> None:
    """The consumer must have the ``seq`` that the heartbeat names."""
    record = count(kit, new_id(), 1)
    await beat(kit, 0, partitions=1, seq=record.seq)
    assert not await fresh(kit)
    await consumer(kit).take([record])
    assert await fresh(kit)


async def test_s1_a_parked_key_makes_the_register_stale(kit: ServiceKit) -> None:
    """A fact that we could not take may be the one that matters."""
    await beat(kit, 0, partitions=1)
    assert await fresh(kit)
    sample.POISON.add("bad")
    await consumer(kit).take([count(kit, new_id(), 1, "bad")])
    await beat(kit, 0, partitions=1)
    assert not await fresh(kit)


async def test_s1_an_older_heartbeat_never_replaces_a_newer(kit: ServiceKit) -> None:
    """Repeats and late arrivals do not turn the clock back, nor forward."""
    await beat(kit, 0, partitions=1)
    await beat(kit, 0, partitions=1, age=3600)
    assert await fresh(kit)
