"""Members that come and go while facts flow, and a consumer a week behind: each fact counts once."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from benchmarks.scale_out import TOPIC, send
from deploy.devstack.stack import Stack
from tests.faults.broker_breaks import settled, visit
from tests.operator.conftest import Operator

pytestmark = [pytest.mark.fault, pytest.mark.real_kafka]

FULL = os.environ.get("FAULTS") == "full"
FACTS = 10_000 if FULL else 2_000
#: What staffing reads beside the tickets.
CONDUCT = "compliance.conduct.v1"
WEEK_SECONDS = 7 * 24 * 3600
TAKEN = """
SELECT (SELECT count(*) FROM served_tickets), (SELECT count(*) FROM inbox WHERE source = '/ticketing')
"""


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Two services: one whose topic it is, and one that takes a few facts at a time, so that it is seen."""
    few = {"WANGDIAN_CONSUMER_BATCH": "2"}
    stack = Stack(tmp_path_factory.mktemp("stress"), services=("ticketing", "staffing"), settings=few)
    await asyncio.to_thread(stack.start)
    try:
        yield stack
    finally:
        await asyncio.to_thread(stack.stop)


def taken(stack: Stack) -> tuple[int, int]:
    """Effects and inbox rows."""
    with psycopg.connect(stack.postgres.dsn("staffing")) as database:
        found = database.execute(TAKEN.encode()).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


async def come_and_go(stack: Stack, done: asyncio.Event) -> int:
    """A stranger joins the group for two seconds and leaves it; answers how often it held partitions.

    The next one comes when the service has everything again: otherwise each finds half of the partitions
    without an owner, by its name perhaps always the same, and what lies there is nobody's for good.
    """
    held = 0
    while not done.is_set():
        held += await visit(stack.kafka.bootstrap, "staffing", TOPIC, CONDUCT)
        await settled(stack.kafka.bootstrap, "staffing", done)
    return held


async def test_while_members_come_and_go_each_fact_takes_effect_once(stack: Stack) -> None:
    before, done = taken(stack), asyncio.Event()
    coming = asyncio.create_task(come_and_go(stack, done))
    try:
        for _ in range(10):
            await send(stack.kafka.bootstrap, FACTS // 10)
            await asyncio.wait({coming}, timeout=1.0)
        wanted = before[0] + FACTS, before[1] + FACTS
        deadline = time.monotonic() + 120
        while taken(stack) != wanted:
            assert time.monotonic() < deadline, (taken(stack), wanted)
            await asyncio.wait({coming}, timeout=0.2)
    finally:
        done.set()
        held = await coming
    assert held >= 2, "nobody took partitions along"
    assert taken(stack) == wanted


async def test_a_consumer_a_week_behind_says_how_fast_it_is_and_when_it_is_done(stack: Stack) -> None:
    operator = Operator(stack)
    before = taken(stack)
    facts = 4 * FACTS
    await asyncio.to_thread(stack.kill, "staffing")
    week_ago = int((time.time() - WEEK_SECONDS) * 1000)
    await send(stack.kafka.bootstrap, facts, written_ms=week_ago)
    (lag,) = [one for one in await lags(operator) if one["group"] == "staffing" and one["topic"] == TOPIC]
    assert lag["records"] == facts
    assert lag["seconds"] == pytest.approx(WEEK_SECONDS, abs=600)
    await asyncio.to_thread(stack.restart, "staffing")
    seen = []
    deadline = time.monotonic() + 180
    while taken(stack)[0] != before[0] + facts:
        assert time.monotonic() < deadline, taken(stack)
        seen += [one for one in await lags(operator, "--over", "0.5") if one["group"] == "staffing"]
    catching_up = [
        one for one in seen if one["topic"] == TOPIC and one["records"] and one["pace"]["taken"] > 0
    ]
    assert catching_up, seen
    assert all(one["pace"]["seconds_left"] > 0 for one in catching_up)
    assert taken(stack) == (before[0] + facts, before[1] + facts)
    print(
        f"{facts} facts, a week old; taken a second: {[round(one['pace']['taken']) for one in catching_up]}"
    )


async def lags(operator: Operator, *words: str) -> list[dict[str, Any]]:
    """What the operator is told of lags."""
    found: list[dict[str, Any]] = json.loads(
        await asyncio.to_thread(operator.types, "topics", "lag", "--json", *words)
    )
    return found
