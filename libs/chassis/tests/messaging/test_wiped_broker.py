"""S1, N1, N3: after a broker lost everything, the register is stale until its facts are back."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.clock import SystemClock
from chassis.consumer import Consumer, forget_positions
from chassis.kafka import ensure_topics
from chassis.record_source import RecordSource
from chassis.register import register_fresh
from chassis.republish import republish
from chassis.settings import Settings
from chassis.testing import ServiceKit
from deploy.devstack.kafka import ApacheKafka
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import relay
from libs.chassis.tests.messaging.conftest import new_counters, taken

pytestmark = pytest.mark.real_kafka


@asynccontextmanager
async def consuming(kit: ServiceKit, settings: Settings) -> AsyncIterator[RecordSource]:
    """The sample's consumer at work."""
    reading = Consumer(kit.sessions, SystemClock(), sample.service.inbox)
    source = RecordSource(settings, "sample", [sample.TOPIC], reading.next_offsets)
    task = asyncio.create_task(reading.run(source))
    try:
        yield source
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.stop()


@asynccontextmanager
async def relaying(kit: ServiceKit, settings: Settings) -> AsyncIterator[None]:
    """The sample's relay at work, heartbeats included."""
    sending = relay(kit, settings)
    task = asyncio.create_task(sending.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sending.producer.stop()


async def fresh(kit: ServiceKit, settings: Settings) -> bool:
    """S1's answer now."""
    async with kit.sessions() as session:
        return await register_fresh(session, sample.TOPIC, SystemClock().now(), settings)


async def until_fresh(kit: ServiceKit, settings: Settings) -> None:
    """Waits for the register, bounded."""
    async with asyncio.timeout(60):
        while not await fresh(kit, settings):
            await asyncio.wait({asyncio.create_task(fresh(kit, settings))})


async def stays_stale(kit: ServiceKit, settings: Settings, *, taken_before: bool) -> bool:
    """Whether the register is stale, and is found so for longer than anything taken meanwhile makes it fresh.

    What was ``taken_before`` may keep it fresh for its own while first: a broker may be back that soon.
    """
    age = timedelta(seconds=settings.register_fresh_seconds)
    old = SystemClock().now() + age
    while taken_before and await fresh(kit, settings):
        if SystemClock().now() > old:
            return False
    end = SystemClock().now() + age + timedelta(seconds=1)
    while SystemClock().now() < end:
        if await fresh(kit, settings):
            return False
    return True


async def test_s1_after_the_broker_is_wiped_the_register_is_stale_until_its_facts_are_sent_again(
    kit: ServiceKit, own_broker: ApacheKafka, tmp_path: Path
) -> None:
    """S1, N3: no silent jump; after republish and reread the register is fresh, each effect stands once."""
    settings = kit.settings.model_copy(
        update={"kafka_bootstrap_servers": own_broker.bootstrap, "register_fresh_seconds": 3.0}
    )
    await ensure_topics(settings, [sample.TOPIC])
    ids = await new_counters(kit, 20)
    async with relaying(kit, settings), consuming(kit, settings):
        for counter_id in ids:
            async with kit.session() as session:
                await sample.count_by_orm(session, SystemClock(), counter_id)
        # Fresh alone may speak of an instant before they were counted (S1's limit).
        async with asyncio.timeout(60):
            while len(await taken(kit)) < 20:
                await asyncio.wait({asyncio.create_task(fresh(kit, settings))})
        await until_fresh(kit, settings)

    own_broker.stop()
    shutil.rmtree(tmp_path / "kafka" / "data")
    own_broker.launch()
    own_broker.wait()
    await ensure_topics(settings, [sample.TOPIC])

    async with relaying(kit, settings):
        async with consuming(kit, settings) as source:
            async with asyncio.timeout(30):
                while not source.lost:
                    await asyncio.wait({asyncio.create_task(fresh(kit, settings))})
            assert await stays_stale(kit, settings, taken_before=True), (
                "heartbeats alone made the register fresh"
            )
        # The operator's first step alone is not enough: the facts are not on the topic yet.
        async with kit.session() as session:
            await forget_positions(session, "sample", sample.TOPIC)
        async with consuming(kit, settings):
            assert await stays_stale(kit, settings, taken_before=False), "fresh without its facts"
            now = SystemClock().now()
            await republish(kit.sessions, now - timedelta(hours=1), now)
            await until_fresh(kit, settings)
    assert len(await taken(kit)) == 20, "a fact took effect twice"
