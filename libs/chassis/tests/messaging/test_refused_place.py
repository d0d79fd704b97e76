"""N1: a partition stands where our database says. A place that the broker refuses is lost when the log does
not hold it, and looked at again when it does; what the client fetched on its own account is not handed out.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from chassis.record_source import Place, Rebalance, RecordSource
from chassis.settings import Settings

PARTITION = TopicPartition("parcels", 0)


class Refusing:
    """A client of a log that holds the offsets 3 to 7, and whose first answer is a refusal."""

    def __init__(self) -> None:
        self.stands = [5]
        self.rested: list[TopicPartition] = []
        self.expected: list[set[TopicPartition]] = []
        self.end = 7
        self.leader: int | None = 1
        self._client = SimpleNamespace(cluster=SimpleNamespace(leader_for_partition=lambda _: self.leader))

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset({PARTITION})

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        if len(self.stands) == 2:
            raise OffsetOutOfRangeError({PARTITION: self.stands[-1]})
        return {}

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 3)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.end)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.stands.append(offset)

    def paused(self) -> frozenset[TopicPartition]:
        return frozenset(self.rested)

    def pause(self, partition: TopicPartition) -> None:
        self.rested.append(partition)


def source_at(place: int | None, client: Refusing, settings: Settings) -> RecordSource:
    async def next_offsets() -> Mapping[Place, int]:
        return {} if place is None else {Place("parcels", 0): place}

    source = RecordSource(settings, "sample", ["parcels"], next_offsets)
    # It listens, as far as anybody has heard.
    hearing = SimpleNamespace(check=lambda expected, now, settled: client.expected.append(set(expected)))
    vars(source).update(_consumer=client, _hearing=hearing)
    source.settled.set()
    return source


@pytest.fixture
def settings() -> Settings:
    return Settings.model_construct(kafka_bootstrap_servers="broker.test:9092")


@pytest.mark.parametrize(("place", "goes_on_at"), [(5, 5), (None, 3), (7, 7)])
async def test_a_place_that_the_log_holds_is_read_again(
    settings: Settings, place: int | None, goes_on_at: int
) -> None:
    """A partition that was made a moment ago refuses for a moment; that is no loss."""
    client = Refusing()
    source = source_at(place, client, settings)
    for _ in range(2):
        assert await source.poll(0.1) == {}
    assert source.lost == set()
    assert len(client.stands) == 3, "placed, refused, placed again"
    assert client.stands[-1] == goes_on_at
    assert client.rested == []


@pytest.mark.parametrize("place", [2, 8])
async def test_a_place_that_the_log_does_not_hold_is_lost(settings: Settings, place: int) -> None:
    """N1: never a silent jump."""
    client = Refusing()
    source = source_at(place, client, settings)
    assert await source.poll(0.1) == {}
    assert source.lost == {Place("parcels", 0)}
    assert client.rested == [PARTITION]
    await source.poll(0.1)
    assert client.expected[-1] == set(), "nobody waits to hear of what is not fetched"


@pytest.mark.parametrize("place", [2, 7])
async def test_a_place_is_compared_with_a_log_that_was_looked_at_later(
    settings: Settings, place: int
) -> None:
    """N1: whoever has lost the partition without knowing may take more of it while it is placed."""
    client = Refusing()
    client.stands.append(place)
    source = source_at(None, client, settings)

    async def taken_meanwhile() -> Mapping[Place, int]:
        client.end += 5
        return {Place("parcels", 0): client.end}

    vars(source)["_next_offsets"] = taken_meanwhile
    await source.poll(0.1)
    assert source.lost == set()
    assert client.stands[-1] == 12


class ChangingHands(Refusing):
    """A client that is given the partition anew while it waits, and goes on where the broker was told."""

    def __init__(self) -> None:
        super().__init__()
        self.rebalance: ConsumerRebalanceListener | None = None
        self.told = SimpleNamespace(
            topic="parcels", partition=0, offset=6, key=None, headers=(), value=b"{}", timestamp=0
        )

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        if rebalance := self.rebalance:
            self.rebalance = None
            await rebalance.on_partitions_revoked({PARTITION})
            await rebalance.on_partitions_assigned({PARTITION})
        return {PARTITION: [self.told]}


async def test_what_was_fetched_around_a_change_of_hands_is_not_handed_out(settings: Settings) -> None:
    """N1: our database says 4, the broker was told 6: 4 comes next, whatever the client has fetched."""
    client = ChangingHands()
    source = source_at(4, client, settings)
    assert [record.offset for record in (await source.poll(0.1))[Place("parcels", 0)]] == [6]
    rebalance = client.rebalance = Rebalance(source, cast(AIOKafkaConsumer, client))
    assert await source.poll(0.1) == {}
    assert client.stands == [5, 4], "not placed yet"
    await source.poll(0.1)
    assert client.stands == [5, 4, 4]
    await rebalance.on_partitions_revoked({PARTITION})
    assert await source.poll(0.1) == {}, "nobody's, until it is assigned again"
    assert client.stands == [5, 4, 4]


async def test_a_partition_without_a_leader_is_placed_when_it_has_one(settings: Settings) -> None:
    """The others do not wait for it: to ask about all of them at once would place none."""
    client = Refusing()
    source = source_at(5, client, settings)
    client.leader = None
    assert await source.poll(0.1) == {}
    assert (client.stands, client.expected[-1]) == ([5], set())
    client.leader = 1
    assert await source.poll(0.1) == {}
    assert client.stands == [5, 5]


async def test_a_lost_partition_is_not_resumed(settings: Settings) -> None:
    """It stands at 0 until somebody decides: it may have paused for another reason before."""
    client = Refusing()
    source = source_at(9, client, settings)
    await source.poll(0.1)
    assert source.lost == {Place("parcels", 0)}
    source.resume(Place("parcels", 0))
    assert client.rested == [PARTITION]
