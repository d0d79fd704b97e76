"""A broker refuses a place: it is lost when the log does not hold it, and looked at again when it does."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from chassis.kafka import Place, RecordSource
from chassis.settings import Settings

PARTITION = TopicPartition("parcels", 0)


class Refusing:
    """A client of a log that holds the offsets 3 to 7, and whose first answer is a refusal."""

    def __init__(self) -> None:
        self.stands = [5]
        self.paused: list[TopicPartition] = []

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        raise OffsetOutOfRangeError({PARTITION: self.stands[-1]})

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 3)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 7)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.stands.append(offset)

    def pause(self, partition: TopicPartition) -> None:
        self.paused.append(partition)


def source_at(place: int | None, client: Refusing, settings: Settings) -> RecordSource:
    async def next_offset(_: Place) -> int | None:
        return place

    source = RecordSource(settings, "sample", ["parcels"], next_offset)
    vars(source)["_consumer"] = client
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
    assert await source.poll(0.1) == {}
    assert source.lost == set()
    assert client.stands[-1] == goes_on_at
    assert client.paused == []


@pytest.mark.parametrize("place", [2, 8])
async def test_a_place_that_the_log_does_not_hold_is_lost(settings: Settings, place: int) -> None:
    """N1: never a silent jump."""
    client = Refusing()
    source = source_at(place, client, settings)
    assert await source.poll(0.1) == {}
    assert source.lost == {Place("parcels", 0)}
    assert client.paused == [PARTITION]
