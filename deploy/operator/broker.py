"""What the broker says about topics and groups; read by a client that belongs to no group."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from chassis.kafka_client import asking, start_whole, stop_whole
from chassis.record_source import CONSUMER_STOP_SECONDS_MAX
from chassis.settings import KafkaAccess
from deploy.operator import OperatorError

Place = tuple[str, int]

ANSWER_SECONDS_MAX = 8.0
REQUEST_TIMEOUT_MS = 4_000


class BrokerUnreachable(OperatorError):
    """No broker answers at the address."""


@dataclass(frozen=True)
class Topic:
    """One topic: first and next offset of each partition, and its retention where the broker tells."""

    name: str
    ends: Mapping[int, tuple[int, int]]
    retention_ms: int | None

    @property
    def records(self) -> int:
        """How many records it holds, at most (transactions and compaction aside)."""
        return sum(end - first for first, end in self.ends.values())


@contextlib.asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected client for questions; raises :class:`BrokerUnreachable`."""
    client = AIOKafkaAdminClient(**_arguments(bootstrap), request_timeout_ms=REQUEST_TIMEOUT_MS)
    async with _connected(bootstrap, client):
        yield client


@contextlib.asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[Any]:
    """A connected consumer without a group; raises :class:`BrokerUnreachable`."""
    client = AIOKafkaConsumer(**_arguments(bootstrap), enable_auto_commit=False, group_id=None)
    async with _connected(bootstrap, client):
        yield client


def _arguments(bootstrap: str) -> dict[str, Any]:
    try:
        return KafkaAccess().kafka_client(bootstrap)
    except (OSError, ValidationError) as error:
        raise OperatorError(f"WANGDIAN_KAFKA_…: the brokers' access cannot be used: {error}") from error


@contextlib.asynccontextmanager
async def _connected(bootstrap: str, client: AIOKafkaAdminClient | AIOKafkaConsumer) -> AsyncIterator[None]:
    try:
        try:
            async with asking(ANSWER_SECONDS_MAX):
                await start_whole(client)
        except KafkaError as error:
            raise BrokerUnreachable(f"no broker answers at {bootstrap}: {error!r}") from error
        yield
    finally:
        await stop_whole(client, CONSUMER_STOP_SECONDS_MAX)


def unread(places: Mapping[Place, int], topics: Mapping[str, Topic]) -> dict[Place, int]:
    """The first unread offset of each place whose log is known, the log's end where nothing is unread.

    What the log no longer holds is not waited for: a place before its first record counts from there.
    """
    found = {}
    for (name, number), place in places.items():
        ends = topics[name].ends.get(number) if name in topics else None
        if ends is not None:
            found[name, number] = min(max(place, ends[0]), ends[1])
    return found


async def topics(bootstrap: str) -> dict[str, Topic]:
    """Every topic that is not the broker's own, by name."""
    async with admin(bootstrap) as client:
        # One described by name is made by brokers that allow it: only what exists is asked for.
        described = await client.describe_topics()
        counts = {
            part["topic"]: sorted(found["partition"] for found in part["partitions"])
            for part in described
            if not part["topic"].startswith("__")
        }
        retention = await _retention(client, sorted(counts))
    places = [TopicPartition(name, number) for name, numbers in counts.items() for number in numbers]
    async with reader(bootstrap) as client:
        first = await client.beginning_offsets(places) if places else {}
        end = await client.end_offsets(places) if places else {}
    return {
        name: Topic(
            name,
            {n: (first[TopicPartition(name, n)], end[TopicPartition(name, n)]) for n in numbers},
            retention.get(name),
        )
        for name, numbers in sorted(counts.items())
    }


async def committed(bootstrap: str) -> dict[str, dict[Place, int]]:
    """How far every group has told the broker that it is; empty where the broker keeps no such list."""
    async with admin(bootstrap) as client:
        try:
            groups = sorted({str(group[0]) for group in await client.list_consumer_groups()})
            found = {}
            for group in groups:
                offsets = await client.list_consumer_group_offsets(group)
                found[group] = {(tp.topic, tp.partition): at.offset for tp, at in offsets.items()}
        except KafkaError:
            return {}
    return found


async def ages(bootstrap: str, places: Mapping[Place, int]) -> dict[Place, int]:
    """Milliseconds since the epoch of the record at each offset; without the ones not heard in time."""
    found: dict[Place, int] = {}
    if not places:
        return found
    async with reader(bootstrap) as client:
        client.assign([TopicPartition(*place) for place in places])
        for place, offset in places.items():
            client.seek(TopicPartition(*place), offset)
        with contextlib.suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                while len(found) < len(places):
                    for tp, messages in (
                        await client.getmany(timeout_ms=500, max_records=len(places))
                    ).items():
                        found.setdefault((tp.topic, tp.partition), messages[0].timestamp)
                        client.pause(tp)
    return found


async def _retention(client: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, int]:
    """``retention.ms`` by topic, as far as the broker can say (the mock cluster cannot)."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, int] = {}
    if not resources:
        return found
    with contextlib.suppress(KafkaError):
        answers: list[Any] = await client.describe_configs(resources)
        for response in answers:
            for resource in response.resources:
                for setting in resource[4]:
                    if setting[0] == "retention.ms":
                        found[resource[3]] = int(setting[1])
    return found
