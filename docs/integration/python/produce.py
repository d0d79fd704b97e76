"""A producer that needs nothing of Wangdian's code: core banking tells of pay-outs.

    python produce.py --bootstrap 127.0.0.1:9092 --sale SALE_ID --contract C-1 --on 2026-03-02 \\
        --amount-minor 5000000

The schema of the data: ``contracts/accepted/corebanking.contract.paid_out.v1.schema.json`` of compliance.
The id of the fact follows from what it tells: a repetition after a crash is the same fact and counts once.
Needs aiokafka.
"""

import argparse
import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer

TOPIC = "corebanking.contracts.v1"
TYPE = "corebanking.contract.paid_out.v1"
SOURCE = "/corebanking"


def record(given: argparse.Namespace) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of one pay-out (CloudEvents 1.0, Kafka binary mode)."""
    data: dict[str, Any] = {
        "sale_id": given.sale,
        "contract_no": given.contract,
        "paid_out_on": given.on,
        "final": not given.more_to_come,
        "amount_minor": given.amount_minor,
        "currency": "CNY",
    }
    identity = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(data, sort_keys=True))
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": str(identity),
        "ce_source": SOURCE,
        "ce_type": TYPE,
        "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": given.sale,
        "ce_partitionkey": given.sale,
    }
    return (
        given.sale.encode(),
        json.dumps(data).encode(),
        [(name, value.encode()) for name, value in headers.items()],
    )


async def produce(given: argparse.Namespace) -> None:
    """Sends it, and comes back when every replica that must have it has it."""
    producer = AIOKafkaProducer(bootstrap_servers=given.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        key, value, headers = record(given)
        told = await producer.send_and_wait(TOPIC, value, key=key, headers=headers)
        print(f"{TOPIC} {told.partition}:{told.offset} {TYPE} acknowledged")
    finally:
        await producer.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--sale", required=True, help="id of the sale")
    parser.add_argument("--contract", required=True, help="number of the contract")
    parser.add_argument("--on", required=True, help="day of the pay-out, such as 2026-03-02")
    parser.add_argument("--amount-minor", required=True, type=int, help="in minor units (fen)")
    parser.add_argument("--more-to-come", action="store_true", help="not the final pay-out of the contract")
    asyncio.run(produce(parser.parse_args()))
