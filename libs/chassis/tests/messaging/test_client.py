"""Nothing of the broker's client stays open when its start or its stop is cut short; none rests unseen."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from chassis import kafka, kafka_client, record_source
from chassis.clock import SystemClock
from chassis.consumer import Consumer
from chassis.ids import new_id
from chassis.kafka import BrokerError, FactProducer, Outgoing
from chassis.kafka_client import asking, stop_whole
from chassis.record_source import Place, RecordSource
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


@pytest.fixture
async def idle() -> set["asyncio.Task[Any]"]:
    """What runs before a client is made."""
    return asyncio.all_tasks()


@pytest.fixture
async def client(settings: Settings, connections: Connections) -> AIOKafkaConsumer:
    """A consumer of a group that has started; its test stops it."""
    started = AIOKafkaConsumer(
        sample.TOPIC, bootstrap_servers=settings.kafka_bootstrap_servers, group_id=f"sample-{new_id()}"
    )
    await started.start()
    return started


@pytest.mark.parametrize("end", ["producer", "source"])
async def test_a_start_cancelled_at_its_first_question_leaves_nothing_open(
    end: str, settings: Settings, connections: Connections
) -> None:
    """Its connection belongs to nobody yet: the relay or the consumer that ends must not lose it."""
    sending_or_taking = (
        FactProducer(settings)
        if end == "producer"
        else RecordSource(settings, "sample-closing", [sample.TOPIC], nowhere)
    )
    starting = asyncio.create_task(sending_or_taking.start())
    async with asyncio.timeout(30):
        await connections.asked.wait()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert starting.cancelled()
    assert len(connections) >= 1
    assert connections.still_open() == []


async def test_a_stop_that_breaks_off_closes_its_connections(
    client: AIOKafkaConsumer, connections: Connections
) -> None:
    """A fetch that had not begun when it was cancelled ends the client's stop in the middle."""
    vars(client)["_fetcher"]._pending_tasks.add(asyncio.create_task(asyncio.Event().wait()))
    await stop_whole(client, 5)
    assert connections.still_open() == []


async def test_a_stop_out_of_time_closes_its_connections(
    client: AIOKafkaConsumer, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that no longer answers does not keep what is open to it."""
    stop = client.stop
    monkeypatch.setattr(client, "stop", asyncio.Event().wait)
    await stop_whole(client, 0.01)
    assert connections.still_open() == []
    monkeypatch.setattr(client, "stop", stop)
    await stop_whole(client, 5)


async def test_a_stop_out_of_time_leaves_no_task_behind(
    idle: set["asyncio.Task[Any]"],
    client: AIOKafkaConsumer,
    connections: Connections,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would connect again, and beat and fetch beside the client that follows it."""
    await client.getmany(timeout_ms=100)
    monkeypatch.setattr(vars(client)["_coordinator"], "close", asyncio.Event().wait)
    await stop_whole(client, 0.1)
    assert connections.still_open() == []
    assert asyncio.all_tasks() - idle - {asyncio.current_task()} == set()


async def test_a_producer_that_is_stopped_sends_nothing_more(
    settings: Settings, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not acknowledged stays in the outbox, and the next producer sends it: not both."""
    before = asyncio.all_tasks()
    producer = FactProducer(settings)
    await producer.start()
    tried: list[object] = []

    async def unanswered(*question: object, **_: object) -> None:
        tried.append(question)
        raise KafkaConnectionError

    monkeypatch.setattr(vars(producer)["_producer"].client, "send", unanswered)
    fact = Outgoing(1, SystemClock().now(), sample.TOPIC, "key", {}, b"{}")
    with pytest.raises(BrokerError):
        await producer.send([fact], 1.0)
    monkeypatch.setattr(kafka, "STOP_SECONDS_MAX", 0.1)
    await producer.stop()
    assert len(tried) > 0
    assert asyncio.all_tasks() - before == set()
    assert connections.still_open() == []


async def test_a_metadata_task_that_fails_during_the_stop_keeps_nothing_open(
    client: AIOKafkaConsumer, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its error would come out of each attempt to close."""
    stop: Callable[[], Awaitable[None]] = client.stop

    async def stopping() -> None:
        await nobody_learns_who_leads(client)
        await stop()

    monkeypatch.setattr(client, "stop", stopping)
    await stop_whole(client, 5)
    assert connections.still_open() == []


async def nowhere() -> dict[Any, int]:
    """Places of a consumer that has read nothing."""
    return {}


async def test_a_start_that_never_ends_is_a_failure_of_the_broker(
    settings: Settings, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first assignment is waited for without an end by the client."""
    monkeypatch.setattr(record_source, "START_SECONDS_MAX", 0.5)
    monkeypatch.setattr(SubscriptionState, "wait_for_assignment", lambda _: asyncio.Future())
    source = RecordSource(settings, f"sample-{new_id()}", [sample.TOPIC], nowhere)
    with pytest.raises(BrokerError, match="no answer"):
        await source.start()
    assert connections.still_open() == []


async def test_telling_the_broker_how_far_we_are_holds_nobody_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N1: our database knows; a commit that never ends, and one that fails, are given up."""
    monkeypatch.setattr(record_source, "TELL_SECONDS_MAX", 0.1)
    source = RecordSource(settings, f"sample-{new_id()}", [sample.TOPIC], nowhere)
    await source.start()
    try:
        [tp, *_] = vars(source)["_consumer"].assignment()

        async def broken(_: object) -> None:
            raise RuntimeError("the handler is closed")

        async def endless(_: object) -> None:
            await asyncio.Event().wait()

        for commit in (endless, broken):
            monkeypatch.setattr(vars(source)["_consumer"], "commit", commit)
            vars(source)["_told_at"] = 0.0
            async with asyncio.timeout(30):
                await source.done({Place(tp.topic, tp.partition): 1})
        told: list[dict[TopicPartition, int]] = []

        async def heard(offsets: dict[TopicPartition, int]) -> None:
            told.append(offsets)

        monkeypatch.setattr(vars(source)["_consumer"], "commit", heard)
        vars(source)["_told_at"] = 0.0
        await source.done({})
        assert told == [{tp: 1}], "what was not heard is told again"
    finally:
        await source.stop()


async def test_our_own_cancellation_stays_one() -> None:
    """A task of the client's that was cancelled is a failure of the client; whoever cancels us is obeyed."""
    lost = asyncio.create_task(asyncio.Event().wait())
    lost.cancel()
    with pytest.raises(BrokerError, match="cancelled"):
        async with asking(30):
            await lost

    async def asks() -> None:
        async with asking(30):
            await asyncio.Event().wait()

    async def asks_somebody_deaf() -> None:
        async with asking(30):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async def asks_somebody_who_fails() -> None:
        async with asking(30):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise KafkaError("an answer came in the same turn") from None

    for asking_task in (asks(), asks_somebody_deaf(), asks_somebody_who_fails()):
        ours = asyncio.create_task(asking_task)
        await asyncio.sleep(0)
        ours.cancel()
        await asyncio.wait({ours})
        assert ours.cancelled()


async def fetching_fails(consumer: AIOKafkaConsumer) -> None:
    """As a second error about one partition ends it."""
    fetcher = vars(consumer)["_fetcher"]
    fetcher._get_actions_per_node = None
    fetcher._notify(fetcher._wait_consume_future)
    await asyncio.wait({fetcher._fetch_task})


async def fetching_is_cancelled(consumer: AIOKafkaConsumer) -> None:
    vars(consumer)["_fetcher"]._fetch_task.cancel()


async def nobody_learns_who_leads(consumer: AIOKafkaConsumer) -> None:
    """As uvloop answers a write to a connection that was reset a moment ago."""
    client = vars(consumer)["_client"]

    async def closed(*_: Any) -> bool:
        raise RuntimeError("unable to perform operation on <TCPTransport>; the handler is closed")

    client._metadata_update = closed
    client.force_metadata_update()
    await asyncio.wait({client._sync_task})


async def nobody_belongs_to_the_group(consumer: AIOKafkaConsumer) -> None:
    vars(consumer)["_coordinator"]._coordination_task.cancel()


class Endless(set[int]):
    """Nodes that are asked something, each of them for ever."""

    def __contains__(self, node: object) -> bool:
        return True


async def a_question_is_never_answered(consumer: AIOKafkaConsumer) -> None:
    vars(consumer)["_fetcher"]._in_flight = Endless()


async def the_group_never_settles(consumer: AIOKafkaConsumer) -> None:
    await vars(consumer)["_subscription"].listener.on_partitions_revoked(set())


@pytest.mark.parametrize(
    "cease",
    [
        fetching_fails,
        fetching_is_cancelled,
        nobody_learns_who_leads,
        nobody_belongs_to_the_group,
        a_question_is_never_answered,
        the_group_never_settles,
    ],
)
async def test_a_consumer_whose_client_has_ceased_to_listen_begins_again(
    kit: ServiceKit,
    settings: Settings,
    connections: Connections,
    monkeypatch: pytest.MonkeyPatch,
    cease: Callable[[AIOKafkaConsumer], Awaitable[None]],
) -> None:
    """It would look alive and take nothing: the client itself says at most a line in its log."""
    monkeypatch.setattr(kafka_client, "SILENCE_SECONDS_MAX", 2.0)
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
                assert not task.done()
                await asyncio.wait({task}, timeout=0.05)

    first, *others = await new_counters(kit, 4)
    try:
        await taken_after_one_more(first)
        ceasing = vars(source)["_consumer"]
        await cease(ceasing)
        async with asyncio.timeout(60):
            while vars(source)["_consumer"] in (None, ceasing):
                await asyncio.wait({task}, timeout=0.05)
        # What was asked for before still comes: the answer to one request.
        for counter_id in others:
            await taken_after_one_more(counter_id)
        assert [len(await taken(kit, str(counter_id))) for counter_id in (first, *others)] == [1, 1, 1, 1]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.stop()
        await sender.producer.stop()
    assert connections.still_open() == []
