"""The topics, read from their first offset to their end, by a reader that belongs to no group."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.books.model import Fact, Record

#: Topics that are ours, and those that we accept from other systems of the bank.
PREFIXES = ("ticketing.", "feedback.", "staffing.", "compliance.", "corebanking.", "crm.")
HEARTBEAT = "wangdian.register.heartbeat.v1"
SECONDS_WITHOUT_PROGRESS_MAX = 20.0


class TopicUnreadable(RuntimeError):
    """The broker does not know our topics, or stopped answering before the end of one."""


@dataclass(frozen=True)
class Topics:
    """Every record of every topic (heartbeats aside), and the topics whose beginning is gone."""

    records: Mapping[str, tuple[Record, ...]]
    trimmed: frozenset[str]


async def end_offsets(bootstrap: str) -> dict[tuple[str, int], int]:
    """Where each partition ends now."""
    partitions = await _partitions(bootstrap)
    async with _reader(bootstrap) as consumer:
        ends = await consumer.end_offsets(partitions)
    return {(place.topic, place.partition): offset for place, offset in ends.items()}


async def read(bootstrap: str) -> Topics:
    """Reads every topic to the end that it has now; raises :class:`TopicUnreadable`."""
    partitions = await _partitions(bootstrap)
    records: dict[str, list[Record]] = {place.topic: [] for place in partitions}
    async with _reader(bootstrap) as consumer:
        first = await consumer.beginning_offsets(partitions)
        left = {
            place: end
            for place, end in (await consumer.end_offsets(partitions)).items()
            if end > first[place]
        }
        consumer.assign(list(left))
        for place in left:
            consumer.seek(place, first[place])
        while left:
            batches = await consumer.getmany(timeout_ms=int(SECONDS_WITHOUT_PROGRESS_MAX * 1000))
            if not batches:
                raise TopicUnreadable(", ".join(sorted({place.topic for place in left})))
            for place, messages in batches.items():
                records[place.topic] += [
                    as_record(message) for message in messages if _type(message) != HEARTBEAT
                ]
                if place in left and await consumer.position(place) >= left[place]:
                    del left[place]
                    consumer.pause(place)
    trimmed = frozenset(place.topic for place, offset in first.items() if offset > 0)
    return Topics({topic: tuple(found) for topic, found in records.items()}, trimmed)


def as_record(message: Any) -> Record:
    """A message as plain data; what is no JSON object has no data, and no check will take it for a fact."""
    headers = _headers(message)
    place = f"{message.topic}/{message.partition}/{message.offset}"
    try:
        data = json.loads(message.value or b"")
    except ValueError:
        data = {}
    time = None
    with contextlib.suppress(KeyError, ValueError):
        time = datetime.fromisoformat(headers["ce_time"])
    return Record(
        partition=message.partition,
        offset=message.offset,
        written_ms=message.timestamp,
        fact=Fact(
            # As every consumer knows it: a record without an id is known by where it stands.
            id=headers.get("ce_id", place),
            source=headers.get("ce_source", f"kafka:{message.topic}"),
            type=headers.get("ce_type", ""),
            topic=message.topic,
            key=None if message.key is None else message.key.decode(errors="replace"),
            sequence=_number(headers.get("ce_sequence", "")),
            occurred_at=time,
            seq=_number(headers.get("ce_archiveseq", "")),
            data=data if isinstance(data, dict) else {},
        ),
    )


def _reader(bootstrap: str) -> Any:
    return AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, group_id=None)


async def _partitions(bootstrap: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = sorted(topic for topic in await admin.list_topics() if topic.startswith(PREFIXES))
        described = await admin.describe_topics(topics) if topics else []
    finally:
        await admin.close()
    found = {topic["topic"]: sorted(each["partition"] for each in topic["partitions"]) for topic in described}
    # Whoever reads nothing would find nothing wrong.
    unread = [topic for topic in topics if not found.get(topic)] or ([] if topics else ["no topic of ours"])
    if unread:
        raise TopicUnreadable(", ".join(unread))
    return [TopicPartition(topic, partition) for topic in topics for partition in found[topic]]


def _headers(message: Any) -> dict[str, str]:
    return {name: value.decode(errors="replace") for name, value in message.headers or ()}


def _type(message: Any) -> str:
    return _headers(message).get("ce_type", "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
