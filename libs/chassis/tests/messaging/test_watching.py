"""What a process shows about itself is what stands in its database and on the broker."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from prometheus_client import REGISTRY
from sqlalchemy import text

from chassis import watching
from chassis.clock import SystemClock
from chassis.record_source import Place, RecordSource
from chassis.testing import ServiceKit
from chassis.watching import Measure, Watch
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.conftest import new_counters

MEASURES = (
    Measure(name="sample_counters", help="Counters.", statement="SELECT count(*) FROM counters"),
    Measure(
        name="sample_numbered",
        help="More rows than are shown.",
        labels=("number",),
        statement="SELECT number, number * 2 FROM generate_series(1, 600) AS number ORDER BY 1",
    ),
)


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def watch(kit: ServiceKit) -> Watch:
    return Watch(kit.engine, SystemClock(), MEASURES, 1.0)


async def test_waiting_facts_their_age_and_what_is_parked(kit: ServiceKit) -> None:
    async with kit.session() as session:
        await session.execute(
            text(
                "INSERT INTO outbox VALUES (900001, clock_timestamp() - interval '40 s'),"
                " (900002, clock_timestamp())"
            )
        )
    before = shown("wangdian_outbox_facts")
    await watch(kit).look()
    assert shown("wangdian_outbox_facts") == 2, before
    assert 40 <= (shown("wangdian_outbox_oldest_seconds") or 0) < 60
    assert shown("wangdian_parked_facts") == 0
    assert shown("wangdian_relay_paused") == 0
    assert abs(shown("wangdian_clock_offset_seconds") or 9) < 5
    async with kit.session() as session:
        await session.execute(text("DELETE FROM outbox"))
        await session.execute(text("UPDATE relay_control SET paused = true"))
        await session.execute(
            text(
                "INSERT INTO register_heartbeat"
                " VALUES ('r.v1', 0, 2, clock_timestamp() - interval '20 s', 1),"
                " ('r.v1', 1, 2, clock_timestamp(), 1)"
            )
        )
    await watch(kit).look()
    assert shown("wangdian_outbox_facts") == 0
    assert shown("wangdian_outbox_oldest_seconds") == 0
    assert shown("wangdian_relay_paused") == 1
    assert 20 <= (shown("wangdian_register_heartbeat_age_seconds", topic="r.v1") or 0) < 40


async def test_figures_of_the_business_are_bounded_and_taken_now_and_then(kit: ServiceKit) -> None:
    looker = watch(kit)
    await new_counters(kit, 3)
    await looker.look()
    assert shown("sample_counters") == 3
    assert shown("sample_numbered", number="500") == 1000
    assert shown("sample_numbered", number="501") is None, "at most SERIES_MAX series"
    await new_counters(kit, 2)
    for _ in range(watching.BUSINESS_LOOKS - 1):
        await looker.look()
        assert shown("sample_counters") == 3
    await looker.look()
    assert shown("sample_counters") == 5


class Assigned:
    """As much of a Kafka client as lag needs."""

    def __init__(self, ends: dict[int, int | None]) -> None:
        self.ends = ends

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(sample.TOPIC, number) for number in self.ends}

    def highwater(self, place: Any) -> int | None:
        return self.ends[place.partition]


async def nowhere() -> Mapping[Place, int]:
    return {}


def test_lag_counts_our_partitions_and_dates_the_newest_fact_taken(kit: ServiceKit) -> None:
    now = datetime.now(UTC)
    source = RecordSource(kit.settings, "sample", [sample.TOPIC], nowhere)
    assert source.behind(now) == {sample.TOPIC: (0, 0.0)}
    client: Any = Assigned({0: 12, 1: 7, 2: None})
    source._consumer = client
    old = int((now - timedelta(seconds=90)).timestamp() * 1000)
    source._reached = {Place(sample.TOPIC, 0): (10, old), Place(sample.TOPIC, 1): (7, old - 99_000)}
    ((facts, seconds),) = source.behind(now).values()
    assert facts == 2
    assert seconds == pytest.approx(90, abs=0.1), "a partition that is not behind has no age"


async def test_a_late_timer_is_seen(kit: ServiceKit) -> None:
    task = asyncio.create_task(Watch(kit.engine, SystemClock(), (), 0.1).delays())
    for _ in range(3):
        await asyncio.wait({task}, timeout=0.05)
    busy = time.perf_counter() + 0.7
    while time.perf_counter() < busy:
        pass
    await asyncio.wait({task}, timeout=0.05)
    task.cancel()
    assert (shown("wangdian_event_loop_delay_seconds") or 0) > 0.3


async def test_a_database_that_does_not_answer_leaves_the_figures(kit: ServiceKit) -> None:
    looker = watch(kit)
    await looker.look()
    before = shown("wangdian_measured_at_seconds")
    wrong = Measure(name="sample_broken", help="No.", statement="SELECT no")
    broken = Watch(kit.engine, SystemClock(), (wrong,), 60.0)
    running = asyncio.create_task(broken.run())
    done, _ = await asyncio.wait({running}, timeout=1.0)
    assert not done, "it goes on"
    running.cancel()
    assert shown("wangdian_measured_at_seconds") == before
