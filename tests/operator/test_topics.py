"""Topics listed, read, followed and written to a file, and how far groups are behind."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.clock import SystemClock
from chassis.events import cloud_headers
from chassis.kafka import wire
from deploy.operator.topics.lag import Lag, paces
from tests.operator.conftest import Operator

#: Nobody here takes it; made by the tests.
TOPIC = "compliance.products.v1"
KIND = "compliance.product.withdrawn.v1"


async def send(bootstrap: str, count: int, key: str, topic: str = TOPIC) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for number in range(count):
            headers = cloud_headers(
                source="compliance",
                identity=f"{key}-{number}",
                type_=KIND,
                key=key,
                time=SystemClock().now(),
                sequence=number + 1,
                seq=number,
            )
            await producer.send_and_wait(
                topic, json.dumps({"n": number}).encode(), key=key.encode(), headers=wire(headers)
            )


@pytest.fixture(scope="module")
def filled(operated: Operator) -> Operator:
    """The topic holds 30 facts of `p-1`, 20 of `p-2`, and one record that is no JSON."""
    operated.wait_until_well()
    bootstrap = operated.installation.bootstrap

    async def fill() -> None:
        await send(bootstrap, 30, "p-1")
        await send(bootstrap, 20, "p-2")
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            await producer.send_and_wait(TOPIC, b"\xff\x00", key=b"p-3")

    asyncio.run(fill())
    return operated


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_topics_are_listed(filled: Operator) -> None:
    found = {one["topic"]: one for one in json.loads(filled.types("topics", "list", "--json"))}
    assert len(found[TOPIC]["partitions"]) == 6
    assert found[TOPIC]["records"] == 51
    if filled.stack.kafka.kind == "apache":
        assert found[TOPIC]["retention_ms"] == 30 * 24 * 3600 * 1000
        assert "30 days" in filled.types("topics", "list")


def test_the_newest_records_are_shown_decoded(filled: Operator) -> None:
    found = lines(filled.types("topics", "tail", TOPIC, "--key", "p-2", "--limit", "3", "--json"))
    assert [one["data"]["n"] for one in found] == [17, 18, 19]
    assert {one["headers"]["ce_type"] for one in found} == {KIND}
    text = filled.types("topics", "tail", TOPIC, "--limit", "100")
    assert "no JSON" in text
    assert "ce_" not in text
    assert f"{KIND}  key=p-1" in text
    assert filled.types("topics", "tail", TOPIC, "--type", "no.such.type.v1") == ""


def test_the_newest_of_all_partitions_are_the_newest_of_the_topic(filled: Operator) -> None:
    found = lines(filled.types("topics", "tail", TOPIC, "--limit", "8", "--json"))
    assert [one["key"] for one in found] == ["p-2"] * 7 + ["p-3"]


def test_heartbeats_are_shown_only_when_asked_for(filled: Operator) -> None:
    register = "staffing.employees.v1"
    assert filled.types("topics", "tail", register) == ""
    found = lines(filled.types("topics", "tail", register, "--heartbeats", "--limit", "6", "--json"))
    assert len(found) == 6
    assert {"as_of", "partition_count", "seq"} == set(found[0]["data"])


def test_a_topic_that_does_not_exist_is_not_made(filled: Operator) -> None:
    filled.types("topics", "tail", "no.such.topic.v1", fails=True)
    assert "no.such.topic.v1" not in filled.types("topics", "list")


def test_followed_records_come_as_they_are_sent(filled: Operator) -> None:
    command = [sys.executable, "-m", "deploy.operator", "--stack", str(filled.path), "topics", "tail", TOPIC]
    with subprocess.Popen(
        [*command, "--key", "p-9", "--follow", "--json"], stdout=subprocess.PIPE
    ) as following:
        assert following.stdout is not None
        sending = time.monotonic() + 30
        try:
            # The follower may still be starting: what is sent before it looks is shown as well.
            asyncio.run(send(filled.installation.bootstrap, 3, "p-9"))
            seen = [json.loads(following.stdout.readline()) for _ in range(3)]
            assert time.monotonic() < sending
        finally:
            following.terminate()
    assert [one["data"]["n"] for one in seen] == [0, 1, 2]


def test_a_topic_is_written_to_a_file_and_nothing_is_overwritten(filled: Operator, tmp_path: Path) -> None:
    file = tmp_path / "products.jsonl"
    assert "30 records" in filled.types("topics", "replay", TOPIC, str(file), "--key", "p-1")
    found = lines(file.read_text())
    assert [one["data"]["n"] for one in found] == list(range(30))
    filled.types("topics", "replay", TOPIC, str(file), fails=True)
    assert len(lines(file.read_text())) == 30
    bounded = tmp_path / "bounded.jsonl"
    filled.types("topics", "replay", TOPIC, str(bounded), "--limit", "5")
    assert len(lines(bounded.read_text())) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bounded.jsonl", "products.jsonl"]


def test_lag_in_records_and_seconds(filled: Operator) -> None:
    bootstrap = filled.installation.bootstrap
    filled.stack.kill("feedback")
    try:
        asyncio.run(send(bootstrap, 4, "s-1", topic="compliance.sales.v1"))
        found = {
            (one["group"], one["topic"]): one for one in json.loads(filled.types("topics", "lag", "--json"))
        }
    finally:
        filled.stack.restart("feedback")
    behind = found["feedback", "compliance.sales.v1"]
    assert behind["records"] == 4
    assert 0 < behind["seconds"] < 60
    assert behind["kept_by"] == "database"
    assert found["feedback", "ticketing.tickets.v1"] == {
        "group": "feedback",
        "topic": "ticketing.tickets.v1",
        "records": 0,
        "seconds": 0.0,
        "kept_by": "database",
        "place": 0,
        "pace": None,
    }
    assert "feedback" in filled.types("topics", "lag")
    assert "time left" in filled.types("topics", "lag", "--over", "0.5")
    filled.wait_until_well()


@pytest.mark.real_kafka
def test_the_pace_of_a_group_that_catches_up() -> None:
    """80 taken while 30 came in 10 s, 50 left: 5 a second nearer, 10 s left; standing still never ends."""
    before = Lag("g", "t", 100, 60.0, "database", 1_000)
    pace = paces([before], [Lag("g", "t", 50, 20.0, "database", 1_080)], 10.0)["g", "t"]
    assert (pace.taken, pace.written, pace.seconds_left) == (8.0, 3.0, 10.0)
    assert paces([before], [before], 10.0)["g", "t"].seconds_left is None
    assert paces([before], [Lag("g", "t", 0, 0.0, "database", 1_100)], 10.0)["g", "t"].seconds_left == 0.0
    assert paces([], [before], 10.0) == {}


def test_the_lag_of_another_systems_group(filled: Operator) -> None:
    async def read_ten() -> None:
        async with AIOKafkaConsumer(
            TOPIC,
            bootstrap_servers=filled.installation.bootstrap,
            group_id="crm",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        ) as consumer:
            for _ in range(10):
                await consumer.getone()
            await consumer.commit()

    asyncio.run(read_ten())
    [found] = [one for one in json.loads(filled.types("topics", "lag", "--json")) if one["group"] == "crm"]
    assert found["kept_by"] == "broker"
    assert found["records"] >= 41 - 10
    assert found["seconds"] > 0


def test_a_broker_that_does_not_answer_is_said_in_one_line(tmp_path: Path, filled: Operator) -> None:
    stack = json.loads(filled.path.read_text())
    stack["kafka"]["bootstrap"] = "127.0.0.1:1"
    copy = tmp_path / "stack.json"
    copy.write_text(json.dumps(stack))
    done = subprocess.run(
        [sys.executable, "-m", "deploy.operator", "--stack", str(copy), "topics", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no broker answers" in done.stderr
    assert "Traceback" not in done.stderr
