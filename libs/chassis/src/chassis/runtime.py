"""One service process: HTTP, relay, consumer and jobs as siblings of one task group; who fails takes the
rest down.

Stop order on SIGTERM: readiness off, HTTP drains (bounded), the consumer finishes what it holds and leaves
its group, the relay makes one last pass, the pool closes.
"""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from chassis import migrate, telemetry, traces
from chassis.cancellation import obey_cancellation
from chassis.clock import Clock, SystemClock
from chassis.consumer import Consumer
from chassis.db import DATABASE_FAILURES, create_engine, session_factory
from chassis.http.app import close, create_app
from chassis.http.tokens import JwksVerifier
from chassis.inbox import INBOX_RETENTION_DAYS
from chassis.kafka import BrokerError, FactProducer, ensure_topics
from chassis.outbox import committed, wake_up
from chassis.record_source import RecordSource
from chassis.relay import Relay
from chassis.service import Job, Service
from chassis.settings import Settings
from chassis.watching import Watch

log = structlog.get_logger()

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
IDEMPOTENCY_HOURS = 72
PRUNE_BATCH = 5_000


class SchemaBehind(RuntimeError):
    """The database is not at the schema that this code expects; run the migrations first."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: the relay waits for HTTP to finish, not for the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Ended(Exception):
    """Work that is done until the process stops has ended before."""


async def lasting(name: str, work: Awaitable[object]) -> None:
    """Work that ends by an error or because it is told to; anything else is an error: :class:`Ended`.

    A task group takes a sibling that was cancelled for one that was told to end, whoever has cancelled it.
    """
    try:
        await work
    except asyncio.CancelledError as error:
        obey_cancellation()
        raise Ended(f"{name} was cancelled by nobody") from error
    obey_cancellation()
    raise Ended(f"{name} has nothing left to do")


@dataclass
class Process:
    """Everything that one running service holds."""

    service: Service
    settings: Settings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    stopping: asyncio.Event

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT, or until a sibling fails."""
        await self._check_schema()
        for prepare in self.service.prepare:
            prepare(self.settings)
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stopping.set)
        producer = FactProducer(self.settings)
        relay = Relay(
            self.engine,
            producer,
            self.clock,
            self.settings,
            self.service.name,
            self.service.registers,
            wake_up,
        )
        inbox = self.service.inbox
        consumer = Consumer(self.sessions, self.clock, inbox)
        source = RecordSource(
            self.settings, inbox.consumer, sorted(inbox.subscriptions), consumer.next_offsets
        )
        app = self._app(source)
        server = self._server(app)
        # What is made by now stays: the collector need not walk through it again, 0.1 s every time. What a
        # request makes is freed by its references; cycles are rare and can wait for a few thousand objects.
        gc.collect()
        gc.freeze()
        gc.set_threshold(5_000, 20, 20)
        try:
            async with asyncio.TaskGroup() as siblings:

                def begin(name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
                    return siblings.create_task(lasting(name, work), name=name)

                http = siblings.create_task(server.serve(), name="http")
                tasks = [begin("relay", self._with_topics(relay.run))]
                if inbox.subscriptions:
                    tasks += [begin("consumer", self._with_topics(partial(consumer.run, source)))]
                tasks += [begin(job.name, self._repeat(job)) for job in self._jobs()]
                watch = Watch(
                    self.engine,
                    self.clock,
                    self.service.measures,
                    self.settings.watch_seconds,
                    source if inbox.subscriptions else None,
                )
                tasks += [begin("watch", watch.run()), begin("delays", watch.delays())]
                siblings.create_task(self._stop(server, http, source, tasks), name="stop")
        finally:
            await close(app)
            await relay.finish()
            await self.engine.dispose()
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    def _app(self, source: RecordSource) -> FastAPI:
        verifier = JwksVerifier(self.settings, audience=self.service.name)
        app = create_app(
            self.service, self.settings, sessions=self.sessions, clock=self.clock, verifier=verifier
        )

        async def accepting() -> tuple[str, bool, str]:
            return "accepting", not self.stopping.is_set(), "stopping" if self.stopping.is_set() else "yes"

        async def offsets() -> tuple[str, bool, str]:
            lost = sorted(f"{place.topic}/{place.partition}" for place in source.lost)
            # Broker trouble degrades, it does not take the service away: the body says so.
            return "offsets", True, f"lost: {', '.join(lost)}" if lost else "held"

        app.state.readiness += [accepting, offsets]
        return app

    def _server(self, app: FastAPI) -> _Server:
        config = uvicorn.Config(
            app,
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            # Nothing is decided by where a call seems to come from; a header that claims it is not read.
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=int(self.settings.stop_seconds_max),
            timeout_keep_alive=30,
            backlog=1024,
            lifespan="off",
        )
        return _Server(config)

    async def _stop(
        self,
        server: _Server,
        http: "asyncio.Task[None]",
        source: RecordSource,
        tasks: list["asyncio.Task[None]"],
    ) -> None:
        waiting = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({waiting, http}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        told = self.stopping.is_set()
        self.stopping.set()
        server.should_exit = True
        await asyncio.wait({http})
        with contextlib.suppress(TimeoutError):
            # The records being taken are finished first; then nothing more is.
            async with asyncio.timeout(self.settings.stop_seconds_max), source.taking:
                for task in tasks:
                    task.cancel()
        for task in tasks:
            task.cancel()
        await source.stop()
        if not told:
            raise Ended("HTTP has nothing left to do")

    async def _check_schema(self) -> None:
        async with self.engine.connect() as connection:
            present, wanted = await migrate.present(connection), migrate.newest(self.service)
        if present != wanted:
            raise SchemaBehind(
                f"schema of {self.service.name} is at {present}, the code wants {wanted}; run migrate"
            )

    async def _with_topics(self, work: Callable[[], Awaitable[None]]) -> None:
        """Creates missing topics first; without a broker the service starts all the same."""
        topics = {*self.service.topics, *(sub.topic for sub in self.service.subscriptions)}
        failures = 0
        while True:
            try:
                await ensure_topics(self.settings, topics)
                break
            except (BrokerError, OSError) as error:
                failures += 1
                if "UnsupportedVersion" in repr(error) or "IncompatibleBrokerVersion" in repr(error):
                    break
                log.warning("no broker yet", error=repr(error)[:200])
                await asyncio.sleep(min(2.0, 0.1 * 2**failures))
        await work()

    def _jobs(self) -> tuple[Job, ...]:
        return (*self.service.jobs, Job(name="prune", seconds=600, run=prune))

    async def _repeat(self, job: Job) -> None:
        while True:
            obey_cancellation()
            try:
                more = await run_job(self.sessions, self.clock, self.settings, job)
            except DATABASE_FAILURES as error:
                telemetry.JOB_FAILURES.labels(job.name).inc()
                log.warning("job failed", job=job.name, error=repr(error)[:300])
                more = False
            await asyncio.sleep(0 if more else job.seconds)


async def run_job(
    sessions: async_sessionmaker[AsyncSession], clock: Clock, settings: Settings, job: Job
) -> bool:
    """One run of a job in one transaction, unless another replica is at it; says whether there is more at
    once.
    """
    async with sessions.begin() as session:
        taken = await session.execute(
            text("SELECT pg_try_advisory_xact_lock(7107003, hashtext(:name))"), {"name": job.name}
        )
        if not taken.scalar_one():
            return False
        more = await job.run(session, clock, settings)
    committed(session)
    return more


PRUNE_ANSWERS = text("""
DELETE FROM idempotency WHERE (principal, route, key) IN (
    SELECT principal, route, key FROM idempotency
    WHERE created_at < CAST(:now AS timestamptz) - make_interval(hours => :hours) LIMIT :batch)
""")
PRUNE_INBOX = text("""
DELETE FROM inbox WHERE (consumer, source, id) IN (
    SELECT consumer, source, id FROM inbox
    WHERE received_at < CAST(:now AS timestamptz) - make_interval(days => :days) LIMIT :batch)
""")


async def prune(session: AsyncSession, clock: Clock, settings: Settings) -> bool:
    """Removes old answers (C2) and inbox rows older than N3's retention, a bounded batch at a time."""
    parameters = {
        "now": clock.now(),
        "hours": IDEMPOTENCY_HOURS,
        "days": INBOX_RETENTION_DAYS + 1,
        "batch": PRUNE_BATCH,
    }
    removed = 0
    for statement in (PRUNE_ANSWERS, PRUNE_INBOX):
        result = cast("CursorResult[Any]", await session.execute(statement, parameters))
        removed = max(removed, result.rowcount)
    return removed == PRUNE_BATCH


async def serve(service: Service, settings: Settings) -> None:
    """Runs one service process until it is told to stop."""
    telemetry.configure_logging(service.name)
    end_traces = traces.configure(service.name, settings)
    engine = create_engine(settings)
    process = Process(service, settings, engine, session_factory(engine), SystemClock(), asyncio.Event())
    try:
        await process.run()
    finally:
        # The last spans are sent by a thread that may have to wait for a collector.
        await asyncio.to_thread(end_traces)
