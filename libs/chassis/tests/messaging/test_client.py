"""Nothing of the broker's client stays open when its start or its stop is cut short; none rests unseen."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from chassis.clock import SystemClock
from chassis.consumer import Consumer
from chassis.ids import new_id
from chassis.kafka import FactProducer, RecordSource
from chassis.kafka_client import stop_whole
from chassis.settings import Settings
from chassis.testing import ServiceKit
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import relay
from libs.chassis.tests.messaging.conftest import new_counters, taken


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


@pytest.mark.parametrize("end", ["an error", "a cancellation"])
async def test_a_consumer_whose_client_has_ceased_to_fetch_begins_again(
    kit: ServiceKit, settings: Settings, end: str
) -> None:
    """It would look alive and take nothing: the client itself only logs that its fetching has ended."""
    reading = Consumer(kit.sessions, SystemClock(), sample.service.inbox)
    source = RecordSource(settings, f"sample-{new_id()}", [sample.TOPIC], reading.next_offsets)
    task = asyncio.create_task(reading.run(source))
    sender = relay(kit, settings)

    async def taken_after_one_more(counter_id: UUID) -> None:
        async with kit.session() as session:
            await sample.count_by_orm(session, kit.clock, counter_id)
        await sender.once()
        async with asyncio.timeout(60):
            while not await taken(kit, str(counter_id)):
                await asyncio.wait({task}, timeout=0.05)

    first, *others = await new_counters(kit, 4)
    try:
        await taken_after_one_more(first)
        ceasing = vars(source)["_consumer"]
        fetcher = vars(ceasing)["_fetcher"]
        if end == "an error":
            # As a second error about one partition ends it.
            fetcher._get_actions_per_node = None
            fetcher._notify(fetcher._wait_consume_future)
            await asyncio.wait({fetcher._fetch_task})
        else:
            fetcher._fetch_task.cancel()
        # What was asked for before still comes: the answer to one request.
        for counter_id in others:
            await taken_after_one_more(counter_id)
        assert vars(source)["_consumer"] not in (None, ceasing)
        assert [len(await taken(kit, str(counter_id))) for counter_id in (first, *others)] == [1, 1, 1, 1]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.stop()
        await sender.producer.stop()
