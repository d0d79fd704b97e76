"""One look at an installation: what services, databases and broker say at this moment. It changes nothing."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import psycopg

from chassis.clock import Clock, SystemClock
from deploy.apart import run
from deploy.operator import broker, promises
from deploy.operator.installation import Installation, ServiceAt

ANSWER_SECONDS_MAX = 5.0

STATE = """
SELECT (SELECT version_num FROM alembic_version) AS schema,
       (SELECT count(*) FROM outbox) AS outbox,
       (SELECT extract(epoch FROM clock_timestamp() - min(recorded_at)) FROM outbox)::float AS outbox_age,
       (SELECT paused FROM relay_control) AS paused,
       (SELECT reason FROM relay_control) AS paused_reason,
       (SELECT count(*) FROM parked) AS parked,
       pg_relation_size('fact_default') > 0 AS facts_in_default
"""
POSITIONS = "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = %s"
HEARTBEATS = """
SELECT topic, count(*) AS heard, max(partition_count) AS partitions,
       extract(epoch FROM clock_timestamp() - min(as_of))::float AS age
FROM register_heartbeat WHERE partition < partition_count GROUP BY topic
"""
#: The months (UTC) that have a partition of the archive: `fact_2026_11`.
PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'fact'::regclass"
CLOCK = "SELECT clock_timestamp()"


@dataclass(frozen=True)
class Register:
    """Our copy of a foreign register: age in seconds of its oldest heartbeat, partitions heard of all."""

    age: float
    heard: int
    partitions: int


@dataclass(frozen=True)
class DatabaseSeen:
    """One service's database. Ages and ``clock_offset`` (the database's clock ahead of ours) in seconds."""

    schema: str | None
    outbox: int
    outbox_age: float | None
    paused: bool
    paused_reason: str | None
    parked: int
    facts_in_default: bool
    partitions: frozenset[str]
    positions: Mapping[broker.Place, int]
    registers: Mapping[str, Register]
    clock_offset: float
    now: datetime


@dataclass(frozen=True)
class ServiceSeen:
    """One service: ``status`` is ready, degraded, unready or down; ``reasons`` say why."""

    at: ServiceAt
    status: str
    reasons: tuple[str, ...]
    offsets_lost: str | None
    database: DatabaseSeen | None
    database_error: str | None

    def lag(self, topics: Mapping[str, broker.Topic]) -> int | None:
        """Records between the service's places and the ends of what it takes; None where unknown."""
        if self.database is None or not topics:
            return None
        unread = broker.unread(places(self.at.name, self.database.positions, topics), topics)
        return sum(topics[name].ends[number][1] - first for (name, number), first in unread.items())


@dataclass(frozen=True)
class Seen:
    """Everything that one look found."""

    installation: Installation
    services: tuple[ServiceSeen, ...]
    topics: Mapping[str, broker.Topic] = field(default_factory=dict)
    broker_error: str | None = None


def places(
    service: str, positions: Mapping[broker.Place, int], topics: Mapping[str, broker.Topic]
) -> dict[broker.Place, int]:
    """Where a service goes on in everything that it takes: at the first record where it has no place yet."""
    return {
        (name, number): positions.get((name, number), first)
        for name in promises.topics(service).received & topics.keys()
        for number, (first, _) in topics[name].ends.items()
    }


def positions(connection: "psycopg.Connection[tuple[Any, ...]]", service: str) -> dict[broker.Place, int]:
    """The places that a service keeps in its database."""
    rows = connection.execute(POSITIONS, (service,)).fetchall()
    return {(topic, number): place for topic, number, place in rows}


def look(installation: Installation, clock: Clock | None = None) -> Seen:
    """Asks all parts at once; what does not answer is part of the answer."""
    with ThreadPoolExecutor(len(installation.services) + 1) as threads:
        asked = threads.submit(_topics, installation.bootstrap)
        services = tuple(threads.map(partial(_service, clock=clock or SystemClock()), installation.services))
    topics, error = asked.result()
    return Seen(installation, services, topics, error)


def _topics(bootstrap: str) -> tuple[dict[str, broker.Topic], str | None]:
    try:
        return run(broker.topics(bootstrap)), None
    except broker.BrokerUnreachable as error:
        return {}, str(error)


def _service(at: ServiceAt, clock: Clock) -> ServiceSeen:
    status, reasons, lost = readiness(at.url)
    database, error = None, None
    try:
        database = look_at_database(at.name, at.dsn, clock)
    except psycopg.Error as failed:
        error = " ".join(str(failed).split())
    return ServiceSeen(at, status, reasons, lost, database, error)


def readiness(url: str) -> tuple[str, tuple[str, ...], str | None]:
    """Status, the checks that do not hold, and the lost offsets that ``/readyz`` names."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=ANSWER_SECONDS_MAX, trust_env=False)
        body: Any = answer.json()
        checks = body["checks"]
        status = str(body["status"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return "down", (f"no answer at {url} ({type(error).__name__})",), None
    reasons = tuple(f"{check['name']}: {check['detail']}" for check in checks if not check["ok"])
    lost = next(
        (
            check["detail"].removeprefix("lost: ")
            for check in checks
            if check["name"] == "offsets" and check["detail"].startswith("lost: ")
        ),
        None,
    )
    return status, reasons, lost


def look_at_database(service: str, dsn: str, clock: Clock) -> DatabaseSeen:
    """Reads the plumbing's tables as the service's own role; raises ``psycopg.Error``."""
    with psycopg.connect(dsn, connect_timeout=int(ANSWER_SECONDS_MAX), autocommit=True) as connection:
        offset, now = _clock_offset(connection, clock)
        state = connection.execute(STATE).fetchone()
        assert state is not None
        kept = positions(connection, service)
        registers = connection.execute(HEARTBEATS).fetchall()
        partitions = connection.execute(PARTITIONS).fetchall()
    schema, outbox, outbox_age, paused, paused_reason, parked, facts_in_default = state
    return DatabaseSeen(
        schema=schema,
        outbox=outbox,
        outbox_age=outbox_age,
        paused=paused,
        paused_reason=paused_reason,
        parked=parked,
        facts_in_default=facts_in_default,
        partitions=frozenset(name for (name,) in partitions),
        positions=kept,
        registers={topic: Register(age, heard, count) for topic, heard, count, age in registers},
        clock_offset=offset,
        now=now,
    )


def _clock_offset(connection: "psycopg.Connection[tuple[Any, ...]]", clock: Clock) -> tuple[float, datetime]:
    """How far the database's clock is ahead of ours, by the shortest of three round trips, in seconds."""
    best: tuple[float, float, datetime] | None = None
    for _ in range(3):
        before = clock.now()
        row = connection.execute(CLOCK).fetchone()
        after = clock.now()
        assert row is not None
        trip = (after - before).total_seconds()
        offset = (row[0] - before).total_seconds() - trip / 2
        if best is None or trip < best[0]:
            best = (trip, offset, row[0])
    assert best is not None
    return best[1], best[2]
