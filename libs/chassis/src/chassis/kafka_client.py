"""What the broker's client leaves to whoever uses it: connections that a start or a stop which is cut short
would leave open, errors that it does not expect, waits without an end, and listening that has ceased.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, KafkaTimeoutError

#: How long a cancelled start waits for its first questions; connecting itself is bounded by the client.
BOOTSTRAP_SECONDS_MAX = 5.0
CONNECTIONS_SECONDS_MAX = 1.0
#: How long what is cancelled of a client has to end, before its connections are closed under it.
TASKS_SECONDS_MAX = 1.0
#: A partition that is fetched is answered about every half second. A broker that restarts in the midst of a
#: change of hands needs longer: its start, the end of a session and of a rebalance come one after the other.
SILENCE_SECONDS_MAX = 60.0
#: What one look adds at most to a silence.
LOOK_SECONDS_MAX = 1.0
#: What a consumer and a producer live by.
_TASKS = {
    "_fetcher": ("_fetch_task",),
    "_coordinator": ("_coordination_task", "_heartbeat_task", "_commit_refresh_task"),
    "_sender": ("_sender_task",),
}


async def start_whole(client: Any) -> None:
    """Starts a client of any kind; a start that is cancelled finishes its first questions before it ends.

    aiokafka closes the connection that it asks them by when they fail, not when it is cancelled.
    """
    inner = _connections(client)
    bootstrap: Callable[[], Awaitable[None]] = inner.bootstrap

    async def whole() -> None:
        questions = asyncio.ensure_future(bootstrap())
        try:
            await asyncio.shield(questions)
        except asyncio.CancelledError:
            await _until_done(questions, BOOTSTRAP_SECONDS_MAX)
            raise

    inner.bootstrap = whole
    await client.start()


async def stop_whole(client: Any, seconds: float) -> None:
    """Stops a client of any kind, ends its tasks and closes its connections however that ends; raises nothing
    of its own.

    A consumer awaits tasks that it has cancelled. One that had not begun answers with its cancellation, which
    comes out of the consumer's stop in the middle, as if whoever stops had been cancelled: hence a task. A
    stop that is out of time leaves tasks that would connect again, and go on to fetch and to send.
    """
    stop = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    try:
        _forget_ended(client)
        await _until_done(asyncio.ensure_future(stop()), seconds)
    finally:
        tasks = _tasks(client)
        for task in tasks:
            task.cancel()
            task.add_done_callback(_retrieved)
        if tasks:
            await asyncio.wait(tasks, timeout=TASKS_SECONDS_MAX)
        if unsent := vars(client).get("_message_accumulator"):
            unsent.fail_all(KafkaError("the producer was stopped"))
        _forget_ended(client)
        await _until_done(asyncio.ensure_future(_connections(client).close()), CONNECTIONS_SECONDS_MAX)


@contextlib.asynccontextmanager
async def asking(seconds: float) -> AsyncIterator[None]:
    """Bounds what is asked of a client; however that fails, a ``KafkaError`` comes out.

    A connection that was reset a moment ago answers a write with ``RuntimeError`` under uvloop, and a task of
    the client's own that was cancelled looks like our cancellation: aiokafka expects neither. Our own comes
    out as one, whatever the client has made of it.
    """
    task = asyncio.current_task()
    assert task is not None
    cancelled = task.cancelling()
    failure: BaseException | None = None
    try:
        async with asyncio.timeout(seconds):
            yield
    except (Exception, asyncio.CancelledError) as error:
        failure = error
    if task.cancelling() > cancelled:
        raise asyncio.CancelledError from failure
    if isinstance(failure, TimeoutError):
        raise KafkaTimeoutError(f"no answer in time, {seconds:g} s at most") from failure
    if isinstance(failure, asyncio.CancelledError):
        raise KafkaError("a task of the client was cancelled") from failure
    if isinstance(failure, KafkaError):
        raise failure
    if failure is not None:
        raise KafkaError(f"the client failed: {failure!r}") from failure


def led(consumer: Any, partitions: Collection[TopicPartition]) -> set[TopicPartition]:
    """Those of the partitions that have a leader, as far as the client knows: the others can wait."""
    cluster = _connections(consumer).cluster
    return {tp for tp in partitions if cluster.leader_for_partition(tp) not in (None, -1)}


class Hearing:
    """Whether a started consumer still hears from the broker; aiokafka may cease to listen without a word.

    Seen: fetching ends at a second error about one partition, before the first was read (leaders that move);
    the task that learns who leads ends when it writes to a connection that was reset a moment ago.
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._checked_at = 0.0
        #: By partition: when the broker last answered about it (a stamp), and for how long with no new one.
        self._quiet: dict[TopicPartition | None, tuple[object, float]] = {}

    def check(self, expected: Collection[TopicPartition], now: float, *, settled: bool) -> None:
        """To be asked again and again; ``now`` in seconds of a clock that does not jump.

        Raises what the client has to say, and ``KafkaError`` where a task that the consumer lives by has
        ended, where one of the partitions that are ``expected`` to be fetched, and has a leader, was not
        answered about for too long, or where the group does not settle.
        """
        fetcher, coordinator = (vars(self._consumer)[name] for name in ("_fetcher", "_coordinator"))
        coordinator.check_errors()
        for task in (fetcher.error_future, vars(_connections(self._consumer))["_sync_task"]):
            if task.done():
                cause = None if task.cancelled() else task.exception()
                raise KafkaError("the client has ceased to listen") from cause
        # A process that stood still for a while has not listened: only what it looked at counts.
        passed = min(now - self._checked_at, LOOK_SECONDS_MAX)
        self._checked_at = now
        unread = vars(fetcher)["_records"]
        stamps: dict[TopicPartition | None, object] = {None: None}
        if settled:
            asked = led(self._consumer, expected)
            stamps = {tp: self._consumer.last_poll_timestamp(tp) for tp in asked if tp not in unread}
        before, self._quiet = self._quiet, {}
        for tp, stamp in stamps.items():
            last, seconds = before.get(tp, (stamp, 0.0))
            self._quiet[tp] = stamp, seconds + passed if last == stamp else 0.0
            if self._quiet[tp][1] > SILENCE_SECONDS_MAX:
                raise KafkaError(f"nothing was heard of {tp or 'the group'} for {SILENCE_SECONDS_MAX:g} s")


def _connections(client: Any) -> Any:
    # Only a producer shows the client that holds its connections.
    return vars(client).get("_client") or client.client


def _tasks(client: Any) -> list["asyncio.Future[Any]"]:
    """What still runs of a consumer or producer that was told to stop."""
    found: list[asyncio.Future[Any] | None] = []
    for part, names in _TASKS.items():
        inside = getattr(client, part, None)
        found += [getattr(inside, name, None) for name in names]
        found += getattr(inside, "_pending_tasks", ())
    return [task for task in found if task is not None and not task.done()]


def _forget_ended(client: Any) -> None:
    """The error that the task of the metadata has ended with would come out of each stop before it closes
    anything.
    """
    inner = vars(_connections(client))
    if inner["_sync_task"] is not None and inner["_sync_task"].done():
        _retrieved(inner["_sync_task"])
        inner["_sync_task"] = None


def _retrieved(done: "asyncio.Future[Any]") -> None:
    if not done.cancelled():
        done.exception()


async def _until_done(task: "asyncio.Future[Any]", seconds: float) -> None:
    """Waits for a task's end, which may be an error; after ``seconds`` or when cancelled, ends it."""
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        task.cancel()
        task.add_done_callback(_retrieved)
