"""Branch days for as long as a test breaks things: one follows the other until the test has had enough."""

import asyncio
import time
from collections.abc import Callable

from deploy.books import Imbalance, balance
from deploy.demo.day import Summary, play
from deploy.devstack.stack import Stack

#: A day is short, so that little of it is left when the last fault is over.
SECONDS = 30.0
TICKETS_PER_SECOND = 6


class Days:
    """Days played in the background; an error of theirs is raised to whoever waits."""

    def __init__(self, stack: Stack, *, sales: int, seed: int, patience: float) -> None:
        self._stack = stack
        self._closing = asyncio.Event()
        self._playing = asyncio.create_task(self._play(sales, seed, patience))
        self.summaries: list[Summary] = []

    async def _play(self, sales: int, seed: int, patience: float) -> None:
        while not self._closing.is_set():
            summary = await play(
                self._stack,
                tickets=int(SECONDS * TICKETS_PER_SECOND),
                sales=sales,
                seconds=SECONDS,
                seed=seed + len(self.summaries),
                patience=patience,
                stale=False,
                books=False,
            )
            self.summaries.append(summary)

    async def last(self, seconds: float) -> None:
        """Lets so much time pass."""
        await asyncio.wait({self._playing}, timeout=seconds)
        if self._playing.done():
            self._playing.result()

    async def until(self, condition: Callable[[], bool], otherwise: str, seconds: float = 90.0) -> None:
        """Waits, at most so long, until the condition holds; else the test fails with ``otherwise``.

        The condition is asked in a thread of its own.
        """
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < deadline, otherwise
            await self.last(0.1)

    async def imbalances(self) -> list[Imbalance]:
        """Ends with the present day; what its clients and the books of all days have to object to."""
        self._closing.set()
        await self._playing
        assert [wrong for summary in self.summaries for wrong in summary.wrong] == []
        return await asyncio.to_thread(balance, self._stack.describe(), self._stack.state / "ledger")

    async def abandon(self) -> None:
        """Stops at once, whatever the day is at."""
        self._playing.cancel()
        await asyncio.wait({self._playing})
