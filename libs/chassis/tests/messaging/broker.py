"""Ways to look at a topic, and relays that die where a test wants them to."""

import random
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.clock import SystemClock
from chassis.inbox import Record
from chassis.kafka import BrokerError, FactProducer, Outgoing, ensure_topics
from chassis.kafka_client import stop_whole
from chassis.outbox import WakeUp
from chassis.record_source import CONSUMER_STOP_SECONDS_MAX, as_record
from chassis.relay import Relay
from chassis.settings import Settings
from chassis.testing import ServiceKit
from libs.chassis.tests import sample


class Crash(BrokerError):
    """The relay dies between the broker's acknowledgement and the removal of the rows."""


class CrashingProducer(FactProducer):
    """Sends for real, then (seeded) dies before the relay hears of it."""

    def __init__(self, settings: Settings, seed: int, share: float) -> None:
        super().__init__(settings)
        self._random = random.Random(seed)
        self._share = share
        self.crashes = 0

    async def send(self, facts: Sequence[Outgoing], seconds: float) -> list[int]:
        """A real send; then perhaps a crash."""
        # A crash may also cut the pass short: only the first facts have been sent.
        crash = self._random.random() < self._share
        cut = self._random.randint(1, len(facts)) if crash else len(facts)
        partitions = await super().send(facts[:cut], seconds)
        if crash:
            self.crashes += 1
            raise Crash("between send and delete")
        return partitions


def relay(kit: ServiceKit, settings: Settings, producer: FactProducer | None = None) -> Relay:
    """A relay of the sample service; real clock, since heartbeats are compared with it."""
    return Relay(
        kit.engine,
        producer or FactProducer(settings),
        SystemClock(),
        settings,
        "sample",
        (sample.TOPIC,),
        WakeUp(),
    )


async def make_topic(settings: Settings) -> None:
    """The sample's topic, if it is not there yet."""
    await ensure_topics(settings, [sample.TOPIC])


async def read_topic(settings: Settings, topic: str, *, since: dict[int, int] | None = None) -> list[Record]:
    """Everything on a topic from its beginning (or from ``since``, by partition) to its present end."""
    client = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_bootstrap_servers)
    await client.start()
    try:
        partitions = sorted(client.assignment())
        ends = await client.end_offsets(partitions)
        starts = await client.beginning_offsets(partitions)
        for tp in partitions:
            client.seek(tp, max(starts[tp], (since or {}).get(tp.partition, 0)))
        found: list[Record] = []
        while any([await client.position(tp) < ends[tp] for tp in partitions]):
            for messages in (await client.getmany(timeout_ms=200)).values():
                found += [as_record(message) for message in messages]
        return found
    finally:
        await stop_whole(client, CONSUMER_STOP_SECONDS_MAX)


async def ends(settings: Settings, topic: str) -> dict[int, int]:
    """The present end of each partition."""
    client = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_bootstrap_servers)
    await client.start()
    try:
        found = await client.end_offsets(client.assignment())
        return {tp.partition: offset for tp, offset in found.items()}
    finally:
        await stop_whole(client, CONSUMER_STOP_SECONDS_MAX)


async def told_offsets(settings: Settings, group: str, topic: str) -> dict[int, int]:
    """How far the broker believes a group to be, by partition."""
    client = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, group_id=group)
    await client.start()
    try:
        partitions = range(settings.topic_partitions)
        found = {number: await client.committed(TopicPartition(topic, number)) for number in partitions}
        return {number: offset for number, offset in found.items() if offset is not None}
    finally:
        await stop_whole(client, CONSUMER_STOP_SECONDS_MAX)
