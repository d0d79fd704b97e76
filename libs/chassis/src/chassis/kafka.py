"""Kafka, the sending end: topics, and the producer of facts."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from chassis.kafka_client import asking, start_whole, stop_whole
from chassis.settings import Settings

RETENTION_MS = 30 * 24 * 3600 * 1000
REQUEST_TIMEOUT_MS = 5_000
PRODUCER_START_SECONDS_MAX = 15.0
TOPICS_SECONDS_MAX = 10.0
STOP_SECONDS_MAX = 3.0

BrokerError = KafkaError


@dataclass(frozen=True)
class Outgoing:
    """One archived fact on its way to its topic."""

    seq: int
    recorded_at: datetime
    topic: str
    key: str | None
    headers: Mapping[str, str]
    value: bytes


def wire(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Headers as the client wants them."""
    return [(name, value.encode()) for name, value in headers.items()]


async def ensure_topics(settings: Settings, topics: Iterable[str]) -> None:
    """Creates the topics that are missing; never changes one that exists (N3 says how a topic grows).

    Raises :data:`BrokerError` where no broker answers, or one that refuses.
    """
    admin = AIOKafkaAdminClient(
        **settings.kafka_client(settings.kafka_bootstrap_servers),
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )
    try:
        async with asking(TOPICS_SECONDS_MAX):
            await start_whole(admin)
            missing = sorted(set(topics) - set(await admin.list_topics()))
            if missing:
                await _create(admin, missing, settings)
    finally:
        await stop_whole(admin, STOP_SECONDS_MAX)


async def _create(admin: AIOKafkaAdminClient, topics: list[str], settings: Settings) -> None:
    if str((await admin.describe_cluster())["cluster_id"]).startswith("mockCluster"):
        # librdkafka's mock has no CreateTopics: a topic appears when it is described.
        await admin.describe_topics(topics)
        return
    configuration = {"retention.ms": str(RETENTION_MS), "cleanup.policy": "delete"}
    answer: Any = await admin.create_topics(
        [
            NewTopic(
                topic, settings.topic_partitions, settings.topic_replication, topic_configs=configuration
            )
            for topic in topics
        ]
    )
    for topic, code, *_ in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(f"cannot create topic {topic}")


class FactProducer:
    """An idempotent producer: per partition, what is sent first is acknowledged first, or nothing behind
    it is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connects; raises :data:`BrokerError` while no broker answers."""
        producer = AIOKafkaProducer(
            **self._settings.kafka_client(self._settings.kafka_bootstrap_servers),
            enable_idempotence=True,
            acks="all",
            linger_ms=1,
            compression_type="lz4",
            max_request_size=1024 * 1024,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            metadata_max_age_ms=30_000,
        )
        try:
            async with asking(PRODUCER_START_SECONDS_MAX):
                await start_whole(producer)
        except BaseException:
            await stop_whole(producer, STOP_SECONDS_MAX)
            raise
        self._producer = producer

    @property
    def started(self) -> bool:
        """Whether the producer is connected, as far as we know."""
        return self._producer is not None

    async def stop(self) -> None:
        """Closes; whatever is unacknowledged stays in the outbox."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop_whole(producer, STOP_SECONDS_MAX)

    async def send(self, facts: Sequence[Outgoing], seconds: float) -> list[int]:
        """R2: sends in the order given; answers each fact's partition once all are acknowledged.

        Raises :data:`BrokerError`; then any prefix per partition may have been sent.
        """
        assert self._producer is not None
        async with asking(seconds):
            sent = [
                await self._producer.send(
                    fact.topic,
                    value=fact.value,
                    key=None if fact.key is None else fact.key.encode(),
                    headers=wire(fact.headers),
                )
                for fact in facts
            ]
            return [metadata.partition for metadata in await asyncio.gather(*sent)]

    async def send_to(
        self, topic: str, partition: int, headers: Mapping[str, str], value: bytes, seconds: float
    ) -> None:
        """Sends one record without a key to one partition (register heartbeats)."""
        assert self._producer is not None
        async with asking(seconds):
            await self._producer.send_and_wait(topic, value=value, partition=partition, headers=wire(headers))

    async def partitions(self, topic: str, seconds: float) -> list[int]:
        """The topic's partitions, sorted."""
        assert self._producer is not None
        async with asking(seconds):
            return sorted(await self._producer.partitions_for(topic))
