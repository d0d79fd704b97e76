"""What a process lives by ends with it, or ends it."""

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator

import pytest
import uvicorn

from chassis.clock import SystemClock
from chassis.consumer import Consumer
from chassis.db import create_engine, session_factory
from chassis.kafka import BrokerError, FactProducer
from chassis.outbox import WakeUp
from chassis.relay import Relay
from chassis.runtime import STOP_SIGNALS, Ended, Process, lasting
from chassis.settings import Settings
from chassis.watching import Watch
from libs.chassis.tests import sample


async def ends_by_its_own(*_: object) -> None:
    return


async def was_cancelled_within(*_: object) -> None:
    """As a library does that awaits a task it has cancelled."""
    lost = asyncio.create_task(asyncio.Event().wait())
    lost.cancel()
    await lost


@pytest.fixture
def collecting() -> Iterator[None]:
    """The collector as it was before a process was made."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


async def run(settings: Settings) -> None:
    """A whole process of the sample."""
    engine = create_engine(settings)
    async with asyncio.timeout(60):
        await Process(
            sample.service, settings, engine, session_factory(engine), SystemClock(), asyncio.Event()
        ).run()


@pytest.mark.usefixtures("collecting")
@pytest.mark.parametrize("end", [ends_by_its_own, was_cancelled_within])
@pytest.mark.parametrize(
    ("owner", "work"),
    [(Consumer, "run"), (Relay, "run"), (Process, "_repeat"), (Watch, "run"), (Watch, "delays")],
)
async def test_work_that_ends_without_a_word_takes_the_process_down(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    work: str,
    end: Callable[..., Awaitable[None]],
) -> None:
    """The others would go on as if nothing were missing: alive to whoever asks, and taking nothing."""
    monkeypatch.setattr(owner, work, end)
    monkeypatch.setattr(uvicorn.Server, "serve", lambda *_: asyncio.Event().wait())
    with pytest.raises(ExceptionGroup) as raised:
        await run(settings)
    loop = asyncio.get_running_loop()
    assert not any(loop.remove_signal_handler(number) for number in STOP_SIGNALS), "nobody listens any more"
    ended, other = raised.value.split(Ended)
    assert ended is not None
    assert other is None


@pytest.mark.usefixtures("collecting")
async def test_a_server_that_ends_without_a_word_is_no_orderly_stop(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts processes again only when they fail has to see that it did."""
    monkeypatch.setattr(uvicorn.Server, "serve", ends_by_its_own)
    with pytest.raises(ExceptionGroup) as raised:
        await run(settings)
    assert raised.value.split(Ended)[1] is None


async def swallowed() -> None:
    """As a client that has its answer in the same turn."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


@pytest.mark.parametrize("work", [asyncio.Event().wait, swallowed])
async def test_work_that_is_told_to_end_ends(work: Callable[[], Awaitable[object]]) -> None:
    """As at the stop of a process."""
    async with asyncio.TaskGroup() as siblings:
        task = siblings.create_task(lasting("consumer", work()))
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()


async def test_a_loop_whose_turn_swallows_its_cancellation_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relay is told once."""
    relay = Relay(
        create_engine(settings), FactProducer(settings), SystemClock(), settings, "sample", (), WakeUp()
    )
    turns: list[int] = []
    began = asyncio.Event()

    async def turn(*_: object) -> None:
        turns.append(1)
        began.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        raise BrokerError("in the same turn")

    monkeypatch.setattr(Relay, "_until_empty", turn)
    task = asyncio.create_task(relay.run())
    async with asyncio.timeout(30):
        await began.wait()
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled()
    assert len(turns) == 1
