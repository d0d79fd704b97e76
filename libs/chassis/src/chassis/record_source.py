"""Kafka, the consuming end: the source of a consumer's records."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from chassis.inbox import Record
from chassis.kafka import REQUEST_TIMEOUT_MS
from chassis.kafka_client import SILENCE_SECONDS_MAX, Hearing, asking, led, start_whole, stop_whole
from chassis.settings import Settings

log = structlog.get_logger()

#: The session of who was before, a rebalance and a restart of the broker may come one after the other.
START_SECONDS_MAX = 60.0
SESSION_TIMEOUT_MS = 10_000
HEARTBEAT_INTERVAL_MS = 3_000
REBALANCE_WAIT_SECONDS = 5.0
CONSUMER_STOP_SECONDS_MAX = 5.0
#: How often the broker is told how far we are, where there is something to tell.
TELL_SECONDS = 1.0
#: It is for tools that show the lag: taking does not wait for long.
TELL_SECONDS_MAX = 0.5
PLACE_SECONDS_MAX = 30.0
#: Between two looks at a place that the broker refuses although it lies inside the log.
REFUSED_PLACE_SECONDS = 0.1


@dataclass(frozen=True, order=True)
class Place:
    """One partition of one topic."""

    topic: str
    partition: int


#: Where partitions go on: our own database knows, not the broker (N1). Left out: never read before.
NextOffsets = Callable[[], Awaitable[Mapping[Place, int]]]


class RecordSource:
    """The consuming end: explicit offsets; a lost offset stops its partition and is reported, never a
    silent jump.

    N1: between the end of one assignment and our own :meth:`_place` in the next, the client fetches from
    where the *broker* was last told that we are. Nothing of that is handed out.
    """

    def __init__(
        self, settings: Settings, group: str, topics: Sequence[str], next_offsets: NextOffsets
    ) -> None:
        self._settings = settings
        self._group = group
        self._topics = list(topics)
        self._next_offsets = next_offsets
        self._consumer: AIOKafkaConsumer | None = None
        self._hearing: Hearing
        #: Held while records are being taken, so that a rebalance waits (bounded) for them.
        self.taking = asyncio.Lock()
        #: Partitions whose place in the log no longer exists; the operator decides (runbook: broker lost).
        self.lost: set[Place] = set()
        #: Set while the group is not changing hands.
        self.settled = asyncio.Event()
        #: Partitions of this assignment that stand where our database says, or are lost.
        self.placed: set[TopicPartition] = set()
        self._untold: dict[Place, int] = {}
        self._told_at = 0.0
        #: First untaken offset, and when the record before it was written (Unix milliseconds, 0: unknown).
        self._reached: dict[Place, tuple[int, int]] = {}
        self._polled: dict[Place, int] = {}

    async def start(self) -> None:
        """Joins the group; raises :data:`BrokerError` while no broker answers."""
        consumer = AIOKafkaConsumer(
            **self._settings.kafka_client(self._settings.kafka_bootstrap_servers),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
            rebalance_timeout_ms=int(REBALANCE_WAIT_SECONDS * 2_000),
            max_poll_interval_ms=300_000,
            request_timeout_ms=SESSION_TIMEOUT_MS + REQUEST_TIMEOUT_MS,
            max_poll_records=self._settings.consumer_batch,
            metadata_max_age_ms=15_000,
            fetch_max_wait_ms=500,
        )
        self.settled.clear()
        self.placed.clear()
        consumer.subscribe(self._topics, listener=Rebalance(self, consumer))
        self._consumer, self._hearing = consumer, Hearing(consumer)
        try:
            async with asking(START_SECONDS_MAX):
                await start_whole(consumer)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Leaves the group."""
        if self._consumer is None:
            return
        await self._tell()
        consumer, self._consumer = self._consumer, None
        await stop_whole(consumer, CONSUMER_STOP_SECONDS_MAX)

    async def poll(self, seconds: float) -> dict[Place, list[Record]]:
        """What has arrived, per partition in order; waits at most ``seconds`` when there is nothing."""
        if not self.settled.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.settled.wait()
        elif unplaced := led(self._client, self._client.assignment() - self.placed):
            await self._place(unplaced)
        settled = self.settled.is_set()
        try:
            async with asking(seconds + SILENCE_SECONDS_MAX):
                fetched = self.placed - self._client.paused() if settled else set()
                self._hearing.check(fetched, asyncio.get_running_loop().time(), settled=settled)
                batches = await self._client.getmany(timeout_ms=int(seconds * 1000)) if settled else {}
        except OffsetOutOfRangeError as error:
            # A partition that was made a moment ago may refuse a place that it has: look before giving up.
            self.placed.difference_update(error.args[0])
            await asyncio.sleep(REFUSED_PLACE_SECONDS)
            return {}
        except NoOffsetForPartitionError:
            self.placed.clear()
            return {}
        ours = self.placed if self.settled.is_set() else set()
        batches = {tp: messages for tp, messages in batches.items() if tp in ours}
        self._polled = {
            Place(tp.topic, tp.partition): messages[-1].timestamp for tp, messages in batches.items()
        }
        return {
            Place(tp.topic, tp.partition): [as_record(message) for message in messages]
            for tp, messages in batches.items()
        }

    async def done(self, offsets: Mapping[Place, int]) -> None:
        """Notes how far we are and tells the broker now and then, for lag tools: what counts is ours (N1)."""
        self._untold |= offsets
        self._reached |= {place: (offset, self._polled.get(place, 0)) for place, offset in offsets.items()}
        if asyncio.get_running_loop().time() - self._told_at >= TELL_SECONDS:
            await self._tell()

    async def _tell(self) -> None:
        assigned, untold = self._client.assignment(), self._untold
        self._untold, self._told_at = {}, asyncio.get_running_loop().time()
        wanted = {TopicPartition(place.topic, place.partition): offset for place, offset in untold.items()}
        mine = {tp: offset for tp, offset in wanted.items() if tp in assigned}
        if not mine:
            return
        try:
            async with asking(TELL_SECONDS_MAX):
                await self._client.commit(mine)
        except KafkaError as error:
            log.info("offset commit refused", error=repr(error))
            self._untold = untold | self._untold

    def retry_from(self, place: Place, offset: int) -> None:
        """Reads the partition again from ``offset``, and pauses it until :meth:`resume`."""
        with contextlib.suppress(IllegalStateError):
            tp = TopicPartition(place.topic, place.partition)
            self._client.seek(tp, offset)
            self._client.pause(tp)

    def resume(self, place: Place) -> None:
        """Goes on with a paused partition, if it is still ours and not lost."""
        if place in self.lost:
            return
        with contextlib.suppress(IllegalStateError):
            self._client.resume(TopicPartition(place.topic, place.partition))

    def behind(self, now: datetime) -> dict[str, tuple[int, float]]:
        """By topic: records of our partitions that are not taken, as last heard from the broker, and the age
        in seconds of the newest one taken of a partition that is behind (0.0 where none is).
        """
        found = dict.fromkeys(self._topics, (0, 0.0))
        for tp in self._consumer.assignment() if self._consumer else ():
            place = Place(tp.topic, tp.partition)
            end, reached = self._client.highwater(tp), self._reached.get(place)
            if end is None or reached is None or end <= reached[0]:
                continue
            facts, seconds = found[tp.topic]
            age = now.timestamp() - reached[1] / 1000 if reached[1] else 0.0
            found[tp.topic] = facts + end - reached[0], max(seconds, age)
        return found

    def reads_by(self, client: AIOKafkaConsumer) -> bool:
        """Whether this is the client in use; one that was given up may still say something."""
        return client is self._consumer

    @property
    def _client(self) -> AIOKafkaConsumer:
        assert self._consumer is not None
        return self._consumer

    async def _place(self, partitions: Collection[TopicPartition]) -> None:
        """Puts each partition where our database says; a new one at the beginning.

        Our place is read before the log's ends: whoever else still takes, the log only grows meanwhile.
        """
        known = await self._next_offsets()
        async with asking(PLACE_SECONDS_MAX):
            first = await self._client.beginning_offsets(partitions)
            end = await self._client.end_offsets(partitions)
        for tp in partitions:
            place = Place(tp.topic, tp.partition)
            there = known.get(place, first[tp])
            # No await from here on: a change of hands empties ``placed`` before or after, not in between.
            if tp not in self._client.assignment():
                continue
            self.placed.add(tp)
            if not first[tp] <= there <= end[tp]:
                self._lose(tp)
                continue
            self.lost.discard(place)
            self._client.seek(tp, there)
            self._reached[place] = there, 0

    def _lose(self, tp: TopicPartition) -> None:
        place = Place(tp.topic, tp.partition)
        if place not in self.lost:
            log.error(
                "offset lost: consumption of the partition stops",
                topic=place.topic,
                partition=place.partition,
            )
        self.lost.add(place)
        self._client.seek(tp, 0)
        self._client.pause(tp)


class Rebalance(ConsumerRebalanceListener):
    """What one client says of its assignment."""

    def __init__(self, source: RecordSource, client: AIOKafkaConsumer) -> None:
        self._source = source
        self._client = client

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Waits, bounded, for the records being taken; the inbox covers whoever is cut off."""
        if not self._source.reads_by(self._client):
            return
        self._source.settled.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REBALANCE_WAIT_SECONDS):
                async with self._source.taking:
                    pass

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Has the next poll put the partitions where our database says: an error here would be swallowed."""
        if not self._source.reads_by(self._client):
            return
        self._source.placed.clear()
        self._source.settled.set()


def as_record(message: Any) -> Record:
    """A client's message as :class:`Record`; headers that are no text are left out."""
    headers: dict[str, str] = {}
    for name, value in message.headers or ():
        with contextlib.suppress(UnicodeDecodeError):
            headers[name] = value.decode()
    key = None if message.key is None else message.key.decode(errors="replace")
    return Record(message.topic, message.partition, message.offset, key, headers, message.value or b"")
