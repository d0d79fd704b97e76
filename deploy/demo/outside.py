"""Core banking, another system of the bank: it tells on its own topics what was paid out, and of orders.

CloudEvents 1.0 in Kafka's binary mode, keyed by the sale, as ``contracts/accepted/`` of compliance publishes.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy.demo.client import backoff
from deploy.demo.ledger import Ledger, Op, Outcome

CONTRACTS, ORDERS = "corebanking.contracts.v1", "corebanking.orders.v1"
PAID_OUT = "corebanking.contract.paid_out.v1"
SOURCE = "/corebanking"


class CoreBanking:
    """The producer of pay-outs and orders; what the broker has acknowledged stands in the ledger."""

    def __init__(self, producer: Any, ledger: Ledger, patience: float) -> None:
        self._producer = producer
        self._ledger = ledger
        self._patience = patience

    async def pay_out(self, sale_id: str, *, on: date, final: bool, amount_minor: int) -> None:
        """One pay-out of the contract of a sale, whether anybody knows that sale yet or not."""
        contract_no = f"C{sale_id.replace('-', '')[-12:].upper()}"
        data = {
            "sale_id": sale_id,
            "contract_no": contract_no,
            "paid_out_on": on.isoformat(),
            "final": final,
            "amount_minor": amount_minor,
            "currency": "CNY",
        }
        ids = {"sale_id": sale_id, "contract_no": contract_no}
        await self._tell(Op.PAYOUT, CONTRACTS, PAID_OUT, sale_id, data, ids)

    async def report(self, step: str, order_id: str, ids: dict[str, str], **amount: Any) -> None:
        """What became of an order: ``placed``, ``confirmed`` (each with its amount) or ``cancelled``."""
        data = {"order_id": order_id, **amount}
        known = ids | {"order_id": order_id, "step": step}
        await self._tell(Op.ORDER, ORDERS, f"corebanking.order.{step}.v1", order_id, data, known)

    async def _tell(
        self, op: Op, topic: str, type_: str, key: str, data: dict[str, Any], ids: dict[str, str]
    ) -> None:
        fact_id = str(uuid.uuid4())
        outcome = Outcome.OK if await self._send(topic, type_, fact_id, key, data) else Outcome.UNKNOWN
        self._ledger.write(op, outcome, subject="corebanking", ids=ids | {"fact_id": fact_id}, request=data)

    async def _send(self, topic: str, type_: str, fact_id: str, key: str, data: dict[str, Any]) -> bool:
        headers = {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": fact_id,
            "ce_source": SOURCE,
            "ce_type": type_,
            "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "ce_subject": key,
            "ce_partitionkey": key,
        }
        for wait in backoff(self._patience):
            try:
                await self._producer.send_and_wait(
                    topic,
                    json.dumps(data).encode(),
                    key=key.encode(),
                    headers=[(name, value.encode()) for name, value in headers.items()],
                )
            except KafkaError:
                # Repeated with the same ce_id: whoever gets it twice drops the second.
                await asyncio.sleep(wait)
            else:
                return True
        return False


@asynccontextmanager
async def core_banking(bootstrap: str, ledger: Ledger, patience: float) -> AsyncIterator[CoreBanking]:
    """Connected to the broker until the end."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for wait in backoff(patience):
        try:
            await producer.start()
        except KafkaError:
            await asyncio.sleep(wait)
        else:
            break
    try:
        yield CoreBanking(producer, ledger, patience)
    finally:
        await producer.stop()
