"""A branch day on three brokers and two processes of each service, while every broker is killed in turn.

Replication 3, ``min.insync.replicas`` 2: whatever was acknowledged stands on two brokers at least. The books
read every topic back, so a lost or doubled fact is found; both processes of a service share the work.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from deploy import SERVICES
from deploy.apart import run
from deploy.devstack.kafka import KafkaCluster
from deploy.devstack.stack import Stack
from tests.days import Days

pytestmark = [pytest.mark.cluster, pytest.mark.real_kafka]

BROKERS = 3
ROUNDS = 2
PATIENCE_SECONDS = 60.0
FEW_FACTS = 50


async def partitions(bootstrap: str) -> list[dict[str, Any]]:
    """Every partition of our topics, with its leader and the replicas that are in sync."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if not name.startswith("__")]
        return [one for topic in await admin.describe_topics(names) for one in topic["partitions"]]
    finally:
        await admin.close()


class Killer:
    """Kills one broker after the other, each only when every partition is on all brokers again."""

    def __init__(self, cluster: KafkaCluster, days: Days) -> None:
        self._cluster = cluster
        self._days = days
        self.rows: list[tuple[str, ...]] = []

    async def run(self) -> None:
        """``ROUNDS`` times each broker."""
        for number in [node for _ in range(ROUNDS) for node in range(BROKERS)]:
            await self._until(lambda found: all(len(one["isr"]) == BROKERS for one in found), "in sync")
            led = sum(one["leader"] == number + 1 for one in await partitions(self._cluster.bootstrap))
            node = self._cluster.nodes[number]
            await asyncio.to_thread(node.kill)
            killed = time.monotonic()
            # The bite: what this broker led is led by others, and it is in sync nowhere.
            await self._until(self._without(number + 1), "led by others")
            others = time.monotonic() - killed
            await asyncio.to_thread(node.launch)
            await asyncio.to_thread(node.wait)
            await self._until(lambda found: all(len(one["isr"]) == BROKERS for one in found), "in sync again")
            back = time.monotonic() - killed
            self.rows.append((f"broker {number + 1}", str(led), f"{others:.1f} s", f"{back:.1f} s"))

    @staticmethod
    def _without(broker: int) -> Callable[[list[dict[str, Any]]], bool]:
        return lambda found: all(
            one["leader"] not in (-1, broker) and broker not in one["isr"] for one in found
        )

    async def _until(self, holds: Callable[[list[dict[str, Any]]], bool], otherwise: str) -> None:
        def found() -> bool:
            # A question may go to the broker that has just been killed.
            with suppress(KafkaError):
                return holds(run(partitions(self._cluster.bootstrap)))
            return False

        await self._days.until(found, f"not {otherwise}", PATIENCE_SECONDS)


def shares(stack: Stack, service: str) -> list[tuple[int, int]]:
    """Requests answered and facts taken by each process of a service."""
    found = []
    for url in stack.urls(service):
        text = httpx.get(f"{url}/metrics", trust_env=False).raise_for_status().text
        counted = [
            sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))
            for name in ("wangdian_http_request_seconds_count", "wangdian_inbox_facts_total")
        ]
        found.append((int(counted[0]), int(counted[1])))
    return found


async def test_every_broker_is_killed_in_turn_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    stack = Stack(
        tmp_path, brokers=BROKERS, replicas=2, settings={"WANGDIAN_TOPIC_REPLICATION": str(BROKERS)}
    )
    assert isinstance(stack.kafka, KafkaCluster)
    await asyncio.to_thread(stack.start)
    try:
        days = Days(stack, sales=6, seed=11, patience=90.0)
        killer = Killer(stack.kafka, days)
        try:
            await killer.run()
            assert await days.imbalances() == []
        finally:
            await days.abandon()
        assert len(killer.rows) == ROUNDS * BROKERS
        work = {name: await asyncio.to_thread(shares, stack, name) for name in SERVICES}
        show(killer.rows, work, sum(day.counts["tickets issued"] for day in days.summaries))
        for name, found in work.items():
            assert all(requests > 0 for requests, _ in found), (name, found)
            # Where there are only a few facts, one process may hold all of their partitions.
            few = sum(facts for _, facts in found) < FEW_FACTS
            assert few or all(facts > 0 for _, facts in found), (name, found)
    finally:
        await asyncio.to_thread(stack.stop)


def show(rows: list[tuple[str, ...]], work: dict[str, list[tuple[int, int]]], tickets: int) -> None:
    """Prints what was killed, how long it took, and who did how much."""
    console = Console(width=110)
    kills = Table("killed (-9)", "partitions it led", "led by others after", "in sync again after")
    for row in rows:
        kills.add_row(*row)
    console.print(kills)
    shared = Table("service", "requests by process", "facts taken by process")
    for name, found in work.items():
        shared.add_row(name, *(" + ".join(str(one[place]) for one in found) for place in (0, 1)))
    console.print(shared)
    console.print(f"tickets {tickets}; books balance, nothing acknowledged is lost")
