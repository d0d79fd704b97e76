"""What the broker's client leaves to whoever uses it: connections that a start or a stop which is cut short
would leave open, and fetching that has ended without a word.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import KafkaError

#: How long a cancelled start waits for its first questions; connecting itself is bounded by the client.
BOOTSTRAP_SECONDS_MAX = 5.0
CONNECTIONS_SECONDS_MAX = 1.0


async def start_whole(client: Any) -> None:
    """Starts a consumer or producer; a start that is cancelled finishes its first questions before it ends.

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
    """Stops a consumer or producer, and closes its connections however that ends; raises nothing of its own.

    A consumer awaits tasks that it has cancelled. One that had not begun answers with its cancellation, which
    comes out of the consumer's stop in the middle, as if whoever stops had been cancelled: hence a task.
    """
    try:
        await _until_done(asyncio.ensure_future(client.stop()), seconds)
    finally:
        for task in getattr(getattr(client, "_fetcher", None), "_pending_tasks", ()):
            task.cancel()
        await _until_done(asyncio.ensure_future(_connections(client).close()), CONNECTIONS_SECONDS_MAX)


def must_fetch(consumer: Any) -> None:
    """Raises ``KafkaError`` where a started consumer has ceased to fetch: it would wait for records for ever.

    aiokafka ends its fetching at what it does not expect (seen when leaders move: a second error about one
    partition, before the first was read), and only logs it.
    """
    fetching = vars(consumer)["_fetcher"].error_future
    if fetching.done():
        cause = None if fetching.cancelled() else fetching.exception()
        raise KafkaError("the client has ceased to fetch") from cause


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
