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
#: A partition that is fetched is answered about every half second, and a restart of the broker in the midst
#: of a change of hands is over by then (session, rebalance, start of a broker: 10, 10 and 15 s).
SILENCE_SECONDS_MAX = 60.0
#: What one look adds at most to a silence.
LOOK_SECONDS_MAX = 1.0


async def start_whole(client: Any) -> None:
    """Starts a client of any kind; a start that is cancelled finishes its first questions before it ends.

    aiokafka closes the connection that it asks them by when they fail, not when it is cancelled.
    """
    inner = _connections(client)
    bootstrap: Callable[[], Awaitable[None]] = inner.bootstrap

    async def whole() -> None:
        asking = asyncio.ensure_future(bootstrap())
        try:
            await asyncio.shield(asking)
        except asyncio.CancelledError:
            await _until_done(asking, BOOTSTRAP_SECONDS_MAX)
            raise

    inner.bootstrap = whole
    await client.start()


async def stop_whole(client: Any, seconds: float) -> None:
    """Stops a client of any kind, and closes its connections however that ends; raises nothing of its own.

    A consumer awaits tasks that it has cancelled. One that had not begun answers with its cancellation, which
    comes out of the consumer's stop in the middle, as if whoever stops had been cancelled: hence a task. The
    error that the task of the metadata has ended with would come out before anything is closed.
    """
    inner = vars(_connections(client))
    if inner["_sync_task"] and inner["_sync_task"].done():
        inner["_sync_task"] = None
    try:
        stop = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
        await _until_done(asyncio.ensure_future(stop()), seconds)
    finally:
        for task in getattr(getattr(client, "_fetcher", None), "_pending_tasks", ()):
            task.cancel()
        await _until_done(asyncio.ensure_future(_connections(client).close()), CONNECTIONS_SECONDS_MAX)


@contextlib.asynccontextmanager
async def asking(seconds: float) -> AsyncIterator[None]:
    """Bounds what is asked of a client; however that fails, a ``KafkaError`` comes out.

    A connection that was reset a moment ago answers a write with ``RuntimeError`` under uvloop, and a task of
    the client's own that was cancelled looks like our cancellation: aiokafka expects neither. It may also
    swallow our own, which comes out here all the same.
    """
    task = asyncio.current_task()
    assert task is not None
    cancelled = task.cancelling()
    try:
        async with asyncio.timeout(seconds):
            yield
        if task.cancelling() > cancelled:
            raise asyncio.CancelledError
    except KafkaError:
        raise
    except TimeoutError as error:
        raise KafkaTimeoutError(f"no answer in {seconds:g} s") from error
    except asyncio.CancelledError as error:
        if task.cancelling() > cancelled:
            raise
        raise KafkaError("a task of the client was cancelled") from error
    except Exception as error:
        raise KafkaError(f"the client failed: {error!r}") from error


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

        Raises ``KafkaError`` where a task that the consumer lives by has ended, or where one of the
        partitions that are ``expected`` to be fetched was not answered about for too long, or where the group
        does not settle.
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
            stamps = {tp: self._consumer.last_poll_timestamp(tp) for tp in expected if tp not in unread}
        before, self._quiet = self._quiet, {}
        for tp, stamp in stamps.items():
            last, seconds = before.get(tp, (stamp, 0.0))
            self._quiet[tp] = stamp, seconds + passed if last == stamp else 0.0
            if self._quiet[tp][1] > SILENCE_SECONDS_MAX:
                raise KafkaError(f"nothing was heard of {tp or 'the group'} for {SILENCE_SECONDS_MAX:g} s")


def _connections(client: Any) -> Any:
    # Only a producer shows the client that holds its connections.
    return vars(client).get("_client") or client.client


async def _until_done(task: "asyncio.Future[Any]", seconds: float) -> None:
    """Waits for a task's end, which may be an error; after ``seconds`` or when cancelled, ends it."""
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        task.cancel()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
