"""The stack's brokers: what they acknowledged is there after a kill, at the same address."""

import shutil
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.devstack import kafka as brokers
from deploy.devstack.kafka import ApacheKafka, Kafka, MockKafka, why_not_apache
from deploy.devstack.ports import Ports

PARTITION = TopicPartition("facts", 0)


async def send(broker: Kafka, value: bytes, topic: str = PARTITION.topic) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", request_timeout_ms=2_000)
    try:
        await producer.start()
        await producer.send_and_wait(topic, value, partition=PARTITION.partition)
    finally:
        await producer.stop()


async def read(broker: Kafka, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([PARTITION])
        return [(await consumer.getone()).value or b"" for _ in range(count)]


async def kept_over_a_kill(broker: Kafka) -> list[bytes]:
    """What stands there, of ``before`` and ``after``, when the broker has been away in between."""
    address = broker.bootstrap
    await send(broker, b"before")
    broker.kill()
    with pytest.raises(KafkaError):
        await send(broker, b"nobody there")
    broker.launch()
    broker.wait()
    assert broker.bootstrap == address
    await send(broker, b"after")
    return await read(broker, 2)


async def test_the_mock_cluster_survives_a_cut(tmp_path: Path) -> None:
    broker = MockKafka(tmp_path)
    broker.launch()
    broker.wait()
    try:
        assert await kept_over_a_kill(broker) == [b"before", b"after"]
    finally:
        broker.stop()


@pytest.mark.real_kafka
async def test_apache_kafka_survives_a_kill_and_makes_no_topic_by_itself(tmp_path: Path) -> None:
    broker = ApacheKafka(tmp_path, Ports.free())
    broker.launch()
    broker.wait()
    try:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(PARTITION.topic, 1, 1)])
        await admin.close()
        assert await kept_over_a_kill(broker) == [b"before", b"after"]
        with pytest.raises(KafkaError):
            await send(broker, b"misspelt", topic="fatcs")
    finally:
        broker.stop()


@pytest.mark.parametrize(("version", "reason"), [(None, "there is no Java"), (11, "Java is 11")])
def test_a_machine_that_cannot_run_kafka_says_why(
    monkeypatch: pytest.MonkeyPatch, version: int | None, reason: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(brokers, "_java_version", lambda java: version)
    assert reason in str(why_not_apache())


def test_a_machine_without_maven_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(brokers, "LIBRARIES", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "mvn" else name)
    monkeypatch.setattr(brokers, "_java_version", lambda java: 21)
    assert why_not_apache() == "there is no Maven"
