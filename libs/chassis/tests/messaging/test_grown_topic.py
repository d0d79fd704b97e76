"""N3, R2: a topic that was grown while relays were paused is known as it is to every relay that goes on."""

from collections import defaultdict

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from chassis.clock import SystemClock
from chassis.kafka import ensure_topics
from chassis.republish import set_paused
from chassis.testing import ServiceKit
from deploy.devstack.kafka import ApacheKafka
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import ends, read_topic, relay
from libs.chassis.tests.messaging.conftest import new_counters

pytestmark = pytest.mark.real_kafka


async def test_n3_relays_agree_about_a_keys_partition_after_its_topic_was_grown(
    kit: ServiceKit, own_broker: ApacheKafka
) -> None:
    """One of the two was started anew since, the other still holds what it knew of the topic."""
    settings = kit.settings.model_copy(update={"kafka_bootstrap_servers": own_broker.bootstrap})
    await ensure_topics(settings, [sample.TOPIC])
    ids = await new_counters(kit, 30)
    one, other = relay(kit, settings), relay(kit, settings)

    async def count_all() -> None:
        async with kit.session() as session:
            for counter_id in sorted(ids):
                await sample.count_by_sql(session, SystemClock(), counter_id)

    for each in (one, other):
        await count_all()
        assert (await each.once()).sent == 30
    grown_from = await ends(settings, sample.TOPIC)
    await set_paused(kit.sessions, True, "growing a topic")
    admin = AIOKafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    await admin.start()
    await admin.create_partitions({sample.TOPIC: NewPartitions(total_count=9)})
    await admin.close()
    await set_paused(kit.sessions, False, None)
    await one.producer.stop()
    for each in (one, other, one):
        await count_all()
        assert (await each.once()).sent == 30
    for each in (one, other):
        await each.producer.stop()
    partitions: dict[str | None, set[int]] = defaultdict(set)
    for record in await read_topic(settings, sample.TOPIC, since=grown_from):
        if record.type == sample.COUNTED:
            partitions[record.key].add(record.partition)
    assert len(partitions) == 30
    assert [found for found in partitions.values() if len(found) > 1] == []
    assert max(max(found) for found in partitions.values()) >= 6, "no key stands on a new partition"
