"""Records read from a topic between given places, decoded: CloudEvents headers, JSON data."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from chassis.record_source import as_record
from chassis.register import HEARTBEAT_TYPE
from deploy.operator import OperatorError, broker

SECONDS_WITHOUT_ANSWER_MAX = 20.0
POLL_MS = 500


@dataclass(frozen=True)
class Choice:
    """Which records are wanted: of one key, of one type, with register heartbeats or without."""

    key: str | None = None
    type: str | None = None
    heartbeats: bool = False

    def takes(self, record: "Decoded") -> bool:
        """Whether the record is wanted."""
        if self.key is not None and record.key != self.key:
            return False
        if self.type is not None:
            return record.type == self.type
        return self.heartbeats or not record.is_heartbeat


@dataclass(frozen=True)
class Decoded:
    """One record as people read it; ``data`` is None where the payload is no JSON (then ``raw`` is)."""

    topic: str
    partition: int
    offset: int
    written_at: datetime
    key: str | None
    headers: Mapping[str, str]
    data: Any
    raw: bytes | None

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return self.headers.get("ce_type", "")

    @property
    def is_heartbeat(self) -> bool:
        """Whether it is a register's heartbeat."""
        return self.type == HEARTBEAT_TYPE

    def as_data(self) -> dict[str, Any]:
        """The record as one JSON object; a payload that is no JSON stands in ``raw_base64``."""
        payload = (
            {"data": self.data} if self.raw is None else {"raw_base64": base64.b64encode(self.raw).decode()}
        )
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "written_at": self.written_at.isoformat(),
            "key": self.key,
            "headers": dict(self.headers),
            **payload,
        }


def decode(message: Any) -> Decoded:
    """A client's message, decoded."""
    record = as_record(message)
    data, raw = None, None
    try:
        data = json.loads(record.value)
    except ValueError:
        raw = record.value
    return Decoded(
        record.topic,
        record.partition,
        record.offset,
        datetime.fromtimestamp(message.timestamp / 1000, UTC),
        record.key,
        record.headers,
        data,
        raw,
    )


async def topic_of(bootstrap: str, name: str) -> broker.Topic:
    """The topic; raises :class:`OperatorError` that names the ones there are."""
    known = await broker.topics(bootstrap)
    if name not in known:
        raise OperatorError(f"there is no topic {name}; there are {', '.join(known) or 'none'}")
    return known[name]


async def between(
    bootstrap: str, topic: str, starts: Mapping[int, int], ends: Mapping[int, int]
) -> AsyncIterator[Decoded]:
    """Every record of the topic from ``starts`` up to, not including, ``ends``; each partition in order.

    Raises :class:`OperatorError` when the broker stops answering before the end.
    """
    left = {number: end for number, end in ends.items() if end > starts[number]}
    if not left:
        return
    async with broker.reader(bootstrap) as client:
        client.assign([TopicPartition(topic, number) for number in left])
        for number in left:
            client.seek(TopicPartition(topic, number), starts[number])
        silent_since = asyncio.get_running_loop().time()
        while left:
            batches = await _batches(client)
            if batches:
                silent_since = asyncio.get_running_loop().time()
            elif asyncio.get_running_loop().time() - silent_since > SECONDS_WITHOUT_ANSWER_MAX:
                raise OperatorError(f"{topic}: the broker stopped answering before the end; run it again")
            for place, messages in batches.items():
                for message in messages:
                    if message.offset < left.get(place.partition, 0):
                        yield decode(message)
                if await client.position(place) >= left.get(place.partition, 0):
                    left.pop(place.partition, None)
                    client.pause(place)


async def following(bootstrap: str, topic: str, starts: Mapping[int, int]) -> AsyncIterator[Decoded]:
    """Every record from ``starts`` on, as it comes, for ever."""
    async with broker.reader(bootstrap) as client:
        client.assign([TopicPartition(topic, number) for number in starts])
        for number, offset in starts.items():
            client.seek(TopicPartition(topic, number), offset)
        while True:
            for messages in (await _batches(client)).values():
                for message in messages:
                    yield decode(message)


async def _batches(client: Any) -> Mapping[TopicPartition, list[Any]]:
    try:
        batches: Mapping[TopicPartition, list[Any]] = await client.getmany(timeout_ms=POLL_MS)
    except KafkaError as error:
        raise OperatorError(f"the topic cannot be read: {error!r}") from error
    return batches
