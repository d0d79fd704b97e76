"""Another system of the bank, which can send again what it has sent."""

import json
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.operator.topics.records import between, topic_of

OUTSIDE = "corebanking.contracts.v1"


async def foreign_records(bootstrap: str) -> list[tuple[int, str | None, list[tuple[str, bytes]], Any]]:
    """What another system of the bank has sent; it can send it again."""
    topic = await topic_of(bootstrap, OUTSIDE)
    starts = {number: first for number, (first, _) in topic.ends.items()}
    ends = {number: end for number, (_, end) in topic.ends.items()}
    return [
        (one.partition, one.key, [(name, value.encode()) for name, value in one.headers.items()], one.data)
        async for one in between(bootstrap, OUTSIDE, starts, ends)
    ]


async def send_again(bootstrap: str, records: list[Any]) -> None:
    """As the other system would."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for partition, key, headers, data in records:
            await producer.send_and_wait(
                OUTSIDE,
                json.dumps(data, separators=(",", ":")).encode(),
                key=key.encode() if key else None,
                headers=headers,
                partition=partition,
            )
