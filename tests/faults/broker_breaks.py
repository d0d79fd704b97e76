"""Faults of the broker and of consumers' groups, each injected while a day is played."""

import asyncio
import re
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from deploy import SERVICES
from deploy.apart import run
from deploy.devstack.kafka import ApacheKafka
from deploy.operator.topics.records import topic_of
from tests.faults.site import Site, family, stopped
from tests.operator.conftest import Operator
from tests.operator.outside import foreign_records, send_again

OUTAGE_FACTS = 60
MEMBERSHIP_SECONDS = 2.0
#: A member notices within three that another has left.
SETTLING_SECONDS_MAX = 30.0
CHURNS = 3
TOPIC = "ticketing.tickets.v1"
GROWN = 9


async def broker_gone(site: Site) -> str:
    """Matrix 13: tickets go on without a broker, their facts wait, and leave in order when it is back."""
    await asyncio.to_thread(site.stack.kafka.kill)
    await site.days.until(lambda: site.outbox() >= OUTAGE_FACTS, "facts do not wait")
    assert await asyncio.to_thread(site.ready, "ticketing"), "ticketing needs no broker to serve"
    waited = site.outbox()
    await asyncio.to_thread(site.stack.restart_kafka)
    await site.days.until(lambda: site.outbox() < 20, "the facts do not leave")
    return f"{waited} facts waited"


async def broker_frozen(site: Site) -> str:
    """Matrix 23: the broker takes connections and answers nothing."""
    assert isinstance(site.stack.kafka, ApacheKafka)
    with stopped(*family(site.stack.kafka.pid)):
        await site.days.until(lambda: site.outbox() >= OUTAGE_FACTS, "facts do not wait")
        waited = site.outbox()
    await site.days.until(lambda: site.outbox() < 20, "the facts do not leave")
    return f"{waited} facts waited"


async def replayed_from_the_start(site: Site) -> str:
    """Matrix 16: feedback reads every topic again from the beginning; nothing takes effect a second time."""
    passed_over = await asyncio.to_thread(site.counted, "feedback", "wangdian_inbox_passed_over_total")
    for number in (0, 1):
        await asyncio.to_thread(site.stack.kill, "feedback", number)
    await asyncio.to_thread(site.rows, "feedback", "UPDATE consumer_position SET next_offset = 0")
    known = int((await asyncio.to_thread(site.rows, "feedback", "SELECT count(*) FROM inbox"))[0][0])
    for number in (0, 1):
        await asyncio.to_thread(site.stack.restart, "feedback", number)

    def again() -> float:
        # Counters of processes that were started anew.
        return site.counted("feedback", "wangdian_inbox_passed_over_total")

    await site.days.until(lambda: again() >= known, "what is known is not read again")
    return f"{int(again())} records passed over ({int(passed_over)} before)"


async def members_come_and_go(site: Site) -> str:
    """Matrix 17: somebody joins feedback's group and leaves it every 2 s, taking partitions along."""
    held = [await visit(site.stack.kafka.bootstrap, "feedback", TOPIC) for _ in range(CHURNS)]
    assert all(held), "the stranger was given no partition"
    await site.goes_on(20, "while members come and go")
    return f"{CHURNS} times a stranger held partitions"


async def visit(bootstrap: str, group: str, *topics: str) -> bool:
    """Somebody joins the group for 2 s and leaves it; answers whether he was given partitions.

    ``topics``: those of the group's members. Who leads a group and reads other topics than the rest makes it
    deal anew without end.
    """
    stranger = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )
    held = False
    try:
        await stranger.start()
        deadline = time.monotonic() + MEMBERSHIP_SECONDS
        while time.monotonic() < deadline:
            await stranger.getmany(timeout_ms=200)
            held = held or bool(stranger.assignment())
    finally:
        await stranger.stop()
    return held


async def settled(bootstrap: str, group: str, over: asyncio.Event) -> None:
    """Waits until the group has one member again and has dealt: he holds everything; or until all is over."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(SETTLING_SECONDS_MAX):
            while not over.is_set():
                answer: Any
                (answer,) = await admin.describe_consumer_groups([group])
                ((_, _, state, _, _, members, *_),) = answer.groups
                if state == "Stable" and len(members) == 1:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), 0.2)
    finally:
        await admin.close()


async def zombie(site: Site) -> str:
    """Matrix 18: a member stands still until its partitions are another's, then goes on where it stood."""
    metric = "wangdian_inbox_facts_total"
    before = await asyncio.to_thread(site.counted, "feedback", metric, 1)
    with stopped(site.stack.pid("feedback", 0)):
        # Longer than the session of a member, so that the other has everything.
        await site.days.last(13.0)
        await site.days.until(
            lambda: site.counted("feedback", metric, 1) >= before + 30,
            "the other member does not take over",
        )
    await site.all_ready()
    await site.goes_on(20, "with both members again")
    return "stood still for longer than its session"


async def topic_grown(site: Site) -> str:
    """N3: a topic gets more partitions by the procedure: pause the relay, drain the groups, grow, resume."""
    operator = Operator(site.stack)
    await asyncio.to_thread(operator.types, "pause", "ticketing", "--reason", "growing a topic")
    try:
        await site.days.until(lambda: site.drained(TOPIC), "the groups do not drain")
        admin = AIOKafkaAdminClient(bootstrap_servers=site.stack.kafka.bootstrap)
        await admin.start()
        await admin.create_partitions({TOPIC: NewPartitions(total_count=GROWN)})
        await admin.close()
        await site.days.until(lambda: site.outbox() >= 10, "facts do not wait")
    finally:
        await asyncio.to_thread(operator.types, "resume", "ticketing")

    def used() -> bool:
        ends = run(topic_of(site.stack.kafka.bootstrap, TOPIC)).ends
        return any(end > first for number, (first, end) in ends.items() if number >= 6)

    await site.days.until(used, "the new partitions stay empty")
    await site.goes_on(20, "on the grown topic")
    return f"from 6 to {GROWN} partitions, the new ones in use"


async def wiped_and_republished(site: Site) -> str:
    """N3, matrix 15: the broker comes back empty while writers write; the runbook brings everything back."""
    foreign = await foreign_records(site.stack.kafka.bootstrap)
    assert isinstance(site.stack.kafka, ApacheKafka)
    await asyncio.to_thread(site.stack.kafka.kill)
    shutil.rmtree(site.stack.folder / "kafka" / "data")
    await site.goes_on(20, "without the broker")
    operator = Operator(site.stack)
    for name in SERVICES:
        await asyncio.to_thread(operator.types, "pause", name, "--reason", "the broker lost its data")
    await asyncio.to_thread(site.stack.kafka.launch)
    await asyncio.to_thread(site.stack.kafka.wait)
    for name in SERVICES:
        # Topics are made by their owner when it starts.
        await asyncio.to_thread(site.stack.roll, name)
    lost = await asyncio.to_thread(places_lost, operator)
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    for name in SERVICES:
        await asyncio.to_thread(operator.types, "republish", name, "--since", since)
    await send_again(site.stack.kafka.bootstrap, foreign)
    for name, topics in lost.items():
        await asyncio.to_thread(read_again, site, operator, name, topics)
    await site.days.until(lambda: site.outbox() < 50, "the archive does not leave")
    await site.goes_on(20, "on the new broker")
    assert lost, "no consumer noticed that its places are gone"
    return f"an empty broker; {len(lost)} consumers lost their places"


def places_lost(operator: Operator) -> dict[str, set[str]]:
    """The consumers whose places no longer exist, and of which topics."""
    return {
        finding["subject"]: set(re.findall(r"([\w.]+)/\d+", finding["en"]))
        for finding in operator.findings()
        if finding["code"] == "OFFSETS_LOST"
    }


def read_again(site: Site, operator: Operator, name: str, topics: set[str]) -> None:
    """As the runbook says: the consumer is stopped, told to read its topics again, started."""
    for number in (0, 1):
        site.stack.kill(name, number)
    for topic in sorted(topics):
        operator.types("reread", name, topic)
    for number in (0, 1):
        site.stack.restart(name, number)
