"""N1, N2 where facts are taken many at a time: the same order, the same parking, one call for a run."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import parking
from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.ids import new_id
from chassis.inbox import Inbox, Received, Record, Subscription, Together
from chassis.testing import ServiceKit
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.conftest import taken

CALLS: list[list[str]] = []


async def on_all(session: AsyncSession, clock: Clock, facts: Sequence[Received[sample.CountedInput]]) -> None:
    """Takes each as the sample does, and remembers what came in one call."""
    CALLS.append([fact.data.text for fact in facts])
    for fact in facts:
        await sample.on_counted(session, clock, fact)


INBOX = Inbox(
    "sample",
    {
        sample.TOPIC: Subscription(
            topic=sample.TOPIC, reactions={sample.COUNTED: Together(sample.CountedInput, on_all)}
        )
    },
)


@pytest.fixture
def consumer(kit: ServiceKit) -> Consumer:
    """A consumer that takes counts together."""
    CALLS.clear()
    return Consumer(kit.sessions, kit.clock, INBOX)


def counts(kit: ServiceKit, *given: tuple[UUID, str]) -> list[Record]:
    """Counts in this order, each of a key."""
    return [
        kit.record(
            sample.TOPIC, sample.COUNTED, str(key), {"counter_id": str(key), "text": words}, sequence=place
        )
        for place, (key, words) in enumerate(given, start=1)
    ]


async def test_n1_a_batch_is_one_call_in_order_and_each_fact_counts_once(
    kit: ServiceKit, consumer: Consumer
) -> None:
    first, second = new_id(), new_id()
    batch = counts(kit, (first, "a"), (second, "b"), (first, "c"))
    await consumer.take([*batch, batch[0]])
    await consumer.take(batch)
    assert CALLS == [["a", "b", "c"]]
    assert [words for words, _ in await taken(kit)] == ["a", "b", "c"]


async def test_n2_one_poison_of_many_is_parked_alone_with_its_key_behind_it(
    kit: ServiceKit, consumer: Consumer
) -> None:
    sick, well = new_id(), new_id()
    sample.POISON.add("bad")
    await consumer.take(counts(kit, (well, "w1"), (sick, "bad"), (well, "w2"), (sick, "s2"), (well, "w3")))
    assert [words for words, _ in await taken(kit)] == ["w1", "w2", "w3"]
    await consumer.take(counts(kit, (well, "w4"), (sick, "s3"), (well, "w5"), (well, "w6")))
    assert CALLS[-2:] == [["w4"], ["w5", "w6"]]
    sample.POISON.clear()
    done = await parking.release(kit.sessions, kit.clock, INBOX, sample.TOPIC, str(sick))
    assert done.taken == 3
    assert [words for words, _ in await taken(kit, str(sick))] == ["bad", "s2", "s3"]


async def test_n1_what_cannot_be_read_leaves_the_rest_of_its_batch_taken(
    kit: ServiceKit, consumer: Consumer
) -> None:
    key = new_id()
    good = counts(kit, (key, "a"), (new_id(), "b"))
    broken = kit.record(sample.TOPIC, sample.COUNTED, str(new_id()), {"text": "no counter"})
    await consumer.take([good[0], broken, good[1]])
    assert [words for words, _ in await taken(kit)] == ["a", "b"]
