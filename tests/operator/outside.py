"""Another system of the bank, which can send again what it has sent."""

import json
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.operator.topics.records import between, topic_of

OUTSIDE = ("corebanking.contracts.v1", "corebanking.orders.v1")

Foreign = tuple[str, int, str | None, list[tuple[str, bytes]], Any]


async def foreign_records(bootstrap: str) -> list[Foreign]:
    """What another system of the bank has sent, by topic and partition; it can send it again."""
    found: list[Foreign] = []
    for name in OUTSIDE:
        topic = await topic_of(bootstrap, name)
        starts = {number: first for number, (first, _) in topic.ends.items()}
        ends = {number: end for number, (_, end) in topic.ends.items()}
        async for one in between(bootstrap, name, starts, ends):
            headers = [(title, value.encode()) for title, value in one.headers.items()]
            found.append((name, one.partition, one.key, headers, one.data))
    return found


async def send_again(bootstrap: str, records: list[Foreign]) -> None:
    """As the other system would."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for name, partition, key, headers, data in records:
            await producer.send_and_wait(
                name,
                json.dumps(data, separators=(",", ":")).encode(),
                key=key.encode() if key else None,
                headers=headers,
                partition=partition,
            )
