"""What a process measures about itself and its database beside its work: gauges, refreshed every few seconds.

A scrape only reads them, so that no number of scrapers makes the database work. What a service says of its
business it declares as :class:`Measure`; each process measures for itself, whoever adds up takes the maximum.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import structlog
from prometheus_client import Gauge, Histogram
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from chassis.clock import Clock
from chassis.db import DATABASE_FAILURES
from chassis.record_source import RecordSource

log = structlog.get_logger()

#: Counted up to here: what is worse needs no exact number, and the look stays cheap.
COUNTED_MAX = 100_000
#: Series of one measure; the rest of a statement's rows is left out.
SERIES_MAX = 500
LOOK_SECONDS_MAX = 3.0
#: The business is looked at once in so many looks: its statements cost more than the plumbing's.
BUSINESS_LOOKS = 3
DELAY_SECONDS = 0.25

OUTBOX_FACTS = Gauge("wangdian_outbox_facts", f"Facts that wait for the broker, counted up to {COUNTED_MAX}.")
OUTBOX_AGE = Gauge("wangdian_outbox_oldest_seconds", "Age of the oldest fact that waits for the broker.")
RELAY_PAUSED = Gauge("wangdian_relay_paused", "1 while an operator or a republication holds the relay.")
PARKED_FACTS = Gauge("wangdian_parked_facts", "Facts that could not be taken, and those behind them.")
DEFAULT_FACTS = Gauge("wangdian_facts_outside_months", "1 when facts stand in no monthly partition.")
HEARTBEAT_AGE = Gauge(
    "wangdian_register_heartbeat_age_seconds", "Age of the oldest partition's newest heartbeat.", ["topic"]
)
CONSUMER_LAG = Gauge("wangdian_consumer_lag_facts", "Facts of our partitions that are not taken.", ["topic"])
CONSUMER_LAG_SECONDS = Gauge(
    "wangdian_consumer_lag_seconds", "Age of the newest fact taken of a partition that is behind.", ["topic"]
)
POOL_SIZE = Gauge("wangdian_db_pool_connections", "Connections that HTTP and reactions may hold.")
POOL_IN_USE = Gauge("wangdian_db_pool_in_use", "Connections that are held.")
POOL_WAIT = Histogram(
    "wangdian_db_pool_wait_seconds",
    "How long a look every few seconds waited for its connection.",
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2),
)
LOOP_DELAY = Gauge("wangdian_event_loop_delay_seconds", "Longest delay of a timer since the last look.")
CLOCK_OFFSET = Gauge("wangdian_clock_offset_seconds", "Our clock less the database's.")
MEASURED_AT = Gauge("wangdian_measured_at_seconds", "When the database was looked at last, in Unix seconds.")

PLUMBING = text("""
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT :most) counted) AS outbox,
       (SELECT extract(epoch FROM clock_timestamp() - min(recorded_at)) FROM outbox) AS oldest,
       (SELECT paused FROM relay_control) AS paused,
       (SELECT count(*) FROM (SELECT FROM parked LIMIT :most) counted) AS parked,
       pg_relation_size('fact_default') > 0 AS outside,
       extract(epoch FROM clock_timestamp()) AS now
""")
HEARTBEATS = text("""
SELECT topic, extract(epoch FROM clock_timestamp() - min(as_of)) AS age FROM register_heartbeat GROUP BY topic
""")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of the business, read from the service's own database.

    ``statement`` answers one row a series: the values of ``labels``, then the figure. It has to be cheap (an
    index, a bound): every process runs it every few seconds. At most ``SERIES_MAX`` rows are taken.
    """

    name: str
    help: str
    statement: str
    labels: tuple[str, ...] = ()


@dataclass
class Watch:
    """Refreshes the gauges of one process."""

    engine: AsyncEngine
    clock: Clock
    measures: Sequence[Measure]
    seconds: float
    source: RecordSource | None = None
    _gauges: dict[str, Gauge] = field(default_factory=dict)
    _looks: int = 0

    def __post_init__(self) -> None:
        for measure in self.measures:
            self._gauges[measure.name] = gauge(measure)

    async def run(self) -> None:
        """Looks, rests, for ever; a database that does not answer leaves the gauges as they are."""
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS_MAX):
                    await self.look()
            except DATABASE_FAILURES as error:
                log.info("measurement left out", error=type(error).__name__)
            await asyncio.sleep(self.seconds)

    async def delays(self) -> None:
        """How late a timer is that should ring at once: what every request waits besides its own work."""
        loop = asyncio.get_running_loop()
        longest, looked = 0.0, loop.time()
        while True:
            due = loop.time() + DELAY_SECONDS
            await asyncio.sleep(DELAY_SECONDS)
            longest = max(longest, loop.time() - due)
            if loop.time() - looked >= self.seconds:
                LOOP_DELAY.set(longest)
                longest, looked = 0.0, loop.time()

    async def look(self) -> None:
        """One look at pool, consumer and database."""
        pool = self.engine.pool
        if isinstance(pool, QueuePool):
            POOL_SIZE.set(pool.size())
            POOL_IN_USE.set(pool.checkedout())
        self._look_at_consumer()
        began = perf_counter()
        async with self.engine.connect() as connection:
            POOL_WAIT.observe(perf_counter() - began)
            await self._look_at_database(connection)

    def _look_at_consumer(self) -> None:
        if self.source is None:
            return
        for figure in (CONSUMER_LAG, CONSUMER_LAG_SECONDS):
            figure.clear()
        for topic, (facts, seconds) in self.source.behind(self.clock.now()).items():
            CONSUMER_LAG.labels(topic).set(facts)
            CONSUMER_LAG_SECONDS.labels(topic).set(seconds)

    async def _look_at_database(self, connection: AsyncConnection) -> None:
        seen = (await connection.execute(PLUMBING, {"most": COUNTED_MAX})).one()
        OUTBOX_FACTS.set(seen.outbox)
        OUTBOX_AGE.set(float(seen.oldest or 0.0))
        RELAY_PAUSED.set(seen.paused)
        PARKED_FACTS.set(seen.parked)
        DEFAULT_FACTS.set(seen.outside)
        CLOCK_OFFSET.set(self.clock.now().timestamp() - float(seen.now))
        HEARTBEAT_AGE.clear()
        for beat in await connection.execute(HEARTBEATS):
            HEARTBEAT_AGE.labels(beat.topic).set(float(beat.age))
        self._looks += 1
        for measure in self.measures if self._looks % BUSINESS_LOOKS == 1 else ():
            rows = (await connection.execute(text(measure.statement))).fetchmany(SERIES_MAX)
            show(self._gauges[measure.name], measure, rows)
        MEASURED_AT.set(float(seen.now))


def gauge(measure: Measure) -> Gauge:
    """The gauge of a measure; the same one however often a process asks (tests make several)."""
    known = _GAUGES.get(measure.name)
    if known is None:
        known = _GAUGES[measure.name] = Gauge(measure.name, measure.help, measure.labels)
    return known


_GAUGES: dict[str, Gauge] = {}


def show(figure: Gauge, measure: Measure, rows: Sequence[Any]) -> None:
    """Sets the series of a measure to the rows, and forgets those that are gone."""
    if not measure.labels:
        figure.set(float(rows[0][0] or 0) if rows else 0.0)
        return
    figure.clear()
    for row in rows:
        *labels, value = row
        figure.labels(*map(str, labels)).set(float(value or 0))
