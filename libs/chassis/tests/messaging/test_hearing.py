"""When a consumer that hears nothing is given up, and when silence says nothing."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.kafka_client import LOOK_SECONDS_MAX, SILENCE_SECONDS_MAX, Hearing
from chassis.record_source import Rebalance, RecordSource
from chassis.settings import Settings

HERE, THERE = TopicPartition("parcels", 0), TopicPartition("parcels", 1)
#: Seconds between two looks.
STEP = 0.5
LOOKS = int(SILENCE_SECONDS_MAX / STEP)


class Client:
    """A started consumer's inside: when it was last answered about a partition, what is not read yet."""

    def __init__(self) -> None:
        self.answered: dict[TopicPartition, int | None] = {HERE: None, THERE: None}
        self.leaders: dict[TopicPartition, int | None] = {HERE: 1, THERE: 1}
        cluster = SimpleNamespace(leader_for_partition=lambda tp: self.leaders[tp])
        self._client = SimpleNamespace(_sync_task=asyncio.Future[None](), cluster=cluster)
        self._coordinator = SimpleNamespace(check_errors=lambda: None)
        self._fetcher = SimpleNamespace(error_future=asyncio.Future[None](), _records={})

    def last_poll_timestamp(self, tp: TopicPartition) -> int | None:
        return self.answered[tp]


class Looks:
    """Looks every half second, by a clock of its own."""

    def __init__(self) -> None:
        self.client = Client()
        self.hearing = Hearing(self.client)
        self.now = 1_000.0

    def look(
        self, *expected: TopicPartition, times: int = 1, answered: TopicPartition = HERE, settled: bool = True
    ) -> None:
        for _ in range(times):
            self.answer(answered)
            self.now += STEP
            self.hearing.check(expected, self.now, settled=settled)

    def answer(self, tp: TopicPartition) -> None:
        self.client.answered[tp] = int(self.now * 1000)


@pytest.fixture
async def looks() -> Looks:
    return Looks()


async def test_a_partition_that_is_answered_about_is_heard(looks: Looks) -> None:
    """An answer without records is one; it is answers that keep the client, not looks."""
    looks.look(HERE, times=3 * LOOKS)
    with pytest.raises(KafkaError, match="parcels"):
        looks.look(HERE, answered=THERE, times=LOOKS + 3)


@pytest.mark.parametrize("ever", [True, False])
async def test_a_silent_partition_ends_the_client(looks: Looks, ever: bool) -> None:
    """Whether it was heard of before or never; that others are heard of does not help."""
    if ever:
        looks.answer(THERE)
    with pytest.raises(KafkaError, match="parcels"):
        looks.look(HERE, THERE, times=LOOKS + 3)
    assert looks.now - 1_000.0 >= SILENCE_SECONDS_MAX


async def test_what_is_not_asked_for_may_be_silent(looks: Looks) -> None:
    """A partition that pauses, one whose records lie ready, one without a leader: nothing is asked about
    them. Their silence begins when it is.
    """
    looks.look(THERE, times=LOOKS - 2)
    looks.look()
    looks.look(THERE, times=LOOKS - 2)
    looks.client._fetcher._records[THERE] = object()
    looks.look(THERE)
    looks.client._fetcher._records.clear()
    looks.look(THERE, times=LOOKS - 2)
    for nobody in (None, -1):
        looks.client.leaders[THERE] = nobody
        looks.look(THERE)
        looks.client.leaders[THERE] = 1
        looks.look(THERE, times=LOOKS - 2)
    with pytest.raises(KafkaError, match="parcels"):
        looks.look(THERE, times=4)


async def test_a_process_that_stood_still_has_not_listened(looks: Looks) -> None:
    """Only what it looked at counts: a machine that was suspended gives nobody up."""
    looks.look(THERE)
    looks.now += 10 * SILENCE_SECONDS_MAX
    looks.look(THERE, times=LOOKS - 2 - int(LOOK_SECONDS_MAX / STEP))
    with pytest.raises(KafkaError, match="parcels"):
        looks.look(THERE, times=4)


async def test_a_group_that_does_not_settle_ends_the_client(looks: Looks) -> None:
    """A change of hands takes as long as its members need, and not for ever."""
    looks.look(settled=False, times=LOOKS - 2)
    looks.look()
    with pytest.raises(KafkaError, match="the group"):
        looks.look(times=LOOKS + 3, settled=False)


async def test_what_a_client_that_was_given_up_says_of_its_hands_counts_no_more() -> None:
    """It would take the partitions from the one that has followed it."""
    settings = Settings.model_construct(kafka_bootstrap_servers="broker.test:9092")
    source = RecordSource(settings, "sample", ["parcels"], lambda: asyncio.sleep(0, {}))
    current, given_up = (cast(AIOKafkaConsumer, SimpleNamespace()) for _ in range(2))
    vars(source)["_consumer"] = current
    await Rebalance(source, current).on_partitions_assigned({HERE})
    source.placed.add(HERE)
    await Rebalance(source, given_up).on_partitions_revoked({HERE})
    await Rebalance(source, given_up).on_partitions_assigned({HERE})
    assert source.settled.is_set()
    assert source.placed == {HERE}
    await Rebalance(source, current).on_partitions_revoked({HERE})
    assert not source.settled.is_set()
