"""T1: several requests share one commit, and a single one waits for nobody.

A lane is one connection with a loop: it takes whatever has queued up while its last statement ran, runs one
statement for all of it, which commits by itself, and hands each request its own answer. An idle desk answers
a single request at once; the busier it is, the more requests a commit carries. Who was answered together
often comes again together, one a little behind the other: the lane gives as many as shared its last
statement a fraction of the time that it took. A long statement (one that waits for a lock) is passed by:
another lane opens for those behind it. If a shared statement fails, its requests are run one by one, so that
each gets its own answer or its own error. A transaction of several statements is one of them here.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from contextvars import Context
from typing import Generic, Protocol, TypeVar


class Wire(Protocol):
    """A connection that can be lost."""

    def is_closed(self) -> bool:
        """Whether it is lost."""
        ...


#: A lane without work keeps its connection for this long: at a busy desk the next requests are on their way.
IDLE_SECONDS = 0.05
#: Which part of what its last statement took a lane waits for as many to come again. Without it the first of
#: them leaves alone and the others wait for that: every second statement would be for one request.
GATHERING = 0.25

W = TypeVar("W", bound=Wire)
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Lanes(Generic[W, Item, Answer]):
    """At most ``lanes`` connections at a time, each held only while there is work and a moment longer.

    ``work`` runs one statement for all items on a connection and answers in their order; it either commits
    for all of them or raises. Where it raises after a commit, it must find that out when it is run again.
    What takes longer than ``long_seconds`` does not hold up those that come behind it.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[W]],
        work: Callable[[W, Sequence[Item]], Awaitable[Sequence[Answer]]],
        *,
        lanes: int = 4,
        together_max: int = 64,
        long_seconds: float = 0.025,
    ) -> None:
        self._connect = connect
        self._work = work
        self._lanes = lanes
        self._together_max = together_max
        self._long_seconds = long_seconds
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._come = asyncio.Event()
        self._closing = False
        self._running: set[asyncio.Task[None]] = set()
        #: How many of those that run are held up by a long statement.
        self._held_up = 0

    def put(self, item: Item) -> "asyncio.Future[Answer]":
        """Queues the item. Whoever cancels the future before its statement begins takes the item back."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._come.set()
        self._open()
        return future

    async def close(self) -> None:
        """Waits for what is under way and lets the connections go at once."""
        self._closing = True
        self._come.set()
        await asyncio.gather(*self._running)

    def _open(self) -> None:
        """Opens a lane for what waits, unless one is running that will come to it."""
        if self._waiting and len(self._running) == self._held_up < self._lanes:
            # A context of its own: what a lane does belongs to no single request.
            self._running.add(asyncio.create_task(self._run(), name="lane", context=Context()))

    async def _run(self) -> None:
        lane = asyncio.current_task()
        assert lane is not None
        try:
            # Nothing is awaited between the last look at what waits and the end of the lane.
            while self._waiting:
                try:
                    async with self._connect() as connection:
                        await self._serve(connection)
                except Exception as error:
                    self._refuse(error)
        finally:
            self._running.discard(lane)

    async def _serve(self, connection: W) -> None:
        """What waits and what comes, until nothing does for a moment or the connection is lost."""
        together, seconds = 0, 0.0
        while not connection.is_closed():
            if self._waiting:
                await self._gather(together, min(seconds, self._long_seconds) * GATHERING)
                begun, taken = time.monotonic(), self._take()
                await self._share(connection, taken)
                together, seconds = len(taken), time.monotonic() - begun
            elif not await self._more():
                break

    async def _gather(self, together: int, seconds: float) -> None:
        """Until as many wait as shared the last statement, and no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self._waiting) < together and not self._closing:
                    self._come.clear()
                    await self._come.wait()

    async def _more(self) -> bool:
        """Whether something has come within a moment."""
        if not self._closing:
            self._come.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._come.wait()
        return bool(self._waiting)

    def _take(self) -> "list[tuple[Item, asyncio.Future[Answer]]]":
        """The next items, in the order of their coming, without those whose caller has gone."""
        taken: list[tuple[Item, asyncio.Future[Answer]]] = []
        while self._waiting and len(taken) < self._together_max:
            item, future = self._waiting.popleft()
            if not future.done():
                taken.append((item, future))
        return taken

    async def _share(self, connection: W, taken: "list[tuple[Item, asyncio.Future[Answer]]]") -> None:
        if not taken:
            return
        with self._watched():
            try:
                answers = await self._work(connection, [item for item, _ in taken])
            except Exception as error:
                if len(taken) == 1:
                    _fail(taken[0][1], error)
                    return
                for item, future in taken:
                    await self._alone(item, future)
                return
        for (_, future), answer in zip(taken, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Counts the lane as held up as soon as what is inside takes long."""
        held_up = False

        def hold_up() -> None:
            nonlocal held_up
            held_up = True
            self._held_up += 1
            self._open()

        watch = asyncio.get_running_loop().call_later(self._long_seconds, hold_up)
        try:
            yield
        finally:
            watch.cancel()
            self._held_up -= held_up

    async def _alone(self, item: Item, future: "asyncio.Future[Answer]") -> None:
        """One item on a connection of its own: the shared one may be lost."""
        if future.done():
            return
        try:
            async with self._connect() as connection:
                (answer,) = await self._work(connection, [item])
        except Exception as error:
            _fail(future, error)
            return
        if not future.done():
            future.set_result(answer)

    def _refuse(self, error: Exception) -> None:
        """No connection: whoever waits is told, unless another lane is at work."""
        if len(self._running) > 1:
            return
        while self._waiting:
            _fail(self._waiting.popleft()[1], error)


def _fail(future: "asyncio.Future[Answer]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
