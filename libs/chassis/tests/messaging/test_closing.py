"""Nothing of the broker's client stays open when its start or its stop is cut short."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from chassis.kafka import FactProducer, RecordSource
from chassis.kafka_closing import stop_whole
from chassis.settings import Settings
from chassis.testing import ServiceKit
from deploy.devstack.kafka import Kafka
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import make_topic


class Connections(list[AIOKafkaConnection]):
    """Every connection that was made, and the moment of the first question that one asks."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    def still_open(self) -> list[AIOKafkaConnection]:
        return [connection for connection in self if connection.connected()]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connections]:
    """Every connection made during the test; those left open are closed after it."""
    made = Connections()
    connect: Callable[..., Awaitable[AIOKafkaConnection]] = vars(aiokafka.client)["create_conn"]
    send: Callable[..., Any] = AIOKafkaConnection.send

    async def connected(*args: Any, **options: Any) -> AIOKafkaConnection:
        made.append(await connect(*args, **options))
        return made[-1]

    def asking(connection: AIOKafkaConnection, request: Any, *args: Any, **options: Any) -> Any:
        if isinstance(request, MetadataRequest):
            made.asked.set()
        return send(connection, request, *args, **options)

    monkeypatch.setattr(aiokafka.client, "create_conn", connected)
    monkeypatch.setattr(AIOKafkaConnection, "send", asking)
    yield made
    for connection in made.still_open():
        connection.close()


@pytest.fixture
async def settings(kit: ServiceKit, kafka: Kafka) -> Settings:
    """The sample's settings on the run's broker, its topic made."""
    changed = kit.settings.model_copy(update={"kafka_bootstrap_servers": kafka.bootstrap})
    await make_topic(changed)
    return changed


@pytest.mark.parametrize("end", ["producer", "source"])
async def test_a_start_cancelled_at_its_first_question_leaves_nothing_open(
    end: str, settings: Settings, connections: Connections
) -> None:
    """Its connection belongs to nobody yet: the relay or the consumer that ends must not lose it."""

    async def nowhere() -> dict[Any, int]:
        return {}

    client = (
        FactProducer(settings)
        if end == "producer"
        else RecordSource(settings, "sample-closing", [sample.TOPIC], nowhere)
    )
    starting = asyncio.create_task(client.start())
    async with asyncio.timeout(30):
        await connections.asked.wait()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert starting.cancelled()
    assert len(connections) >= 1
    assert connections.still_open() == []


async def test_a_stop_that_breaks_off_closes_its_connections(
    settings: Settings, connections: Connections
) -> None:
    """A fetch that had not begun when it was cancelled ends the client's stop in the middle."""
    client = AIOKafkaConsumer(sample.TOPIC, bootstrap_servers=settings.kafka_bootstrap_servers)
    await client.start()
    vars(client)["_fetcher"]._pending_tasks.add(asyncio.create_task(asyncio.Event().wait()))
    await stop_whole(client, 5)
    assert connections.still_open() == []


async def test_a_stop_out_of_time_closes_its_connections(
    settings: Settings, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that no longer answers does not keep what is open to it."""
    client = AIOKafkaConsumer(sample.TOPIC, bootstrap_servers=settings.kafka_bootstrap_servers)
    await client.start()
    stop = client.stop
    monkeypatch.setattr(client, "stop", asyncio.Event().wait)
    await stop_whole(client, 0.01)
    assert connections.still_open() == []
    monkeypatch.setattr(client, "stop", stop)
    await stop_whole(client, 5)
