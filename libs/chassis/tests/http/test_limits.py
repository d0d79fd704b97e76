"""API4: what one caller asks too often is 429, what is too much at once is 503; nobody else pays for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.auth import Principal
from chassis.http.authentication import PRINCIPAL
from chassis.http.limits import LIMITED, PROBES, Limits
from chassis.testing import Caller, ServiceKit
from libs.chassis.tests.http import notes
from libs.chassis.tests.http.conftest import OUTLET, Rows, a_note

WINDOW_SECONDS = 3600


@pytest.fixture
async def narrow(kit: ServiceKit) -> AsyncIterator[ServiceKit]:
    """The same service, which takes three requests of a caller in an hour."""
    further = {"caller_requests_max": 3, "caller_window_seconds": WINDOW_SECONDS}
    narrow = ServiceKit(notes.service, kit.database, kit.data_dir, further=further)
    yield narrow
    await narrow.close()


def teller_of(kit: ServiceKit, subject: str) -> Caller:
    return kit.client("teller", outlets=(str(OUTLET),), subject=subject)


async def test_api4_a_caller_over_the_limit_is_429_and_changes_nothing(
    narrow: ServiceKit, rows: Rows
) -> None:
    greedy = teller_of(narrow, "greedy")
    assert [(await greedy.post("/v1/notes", json=a_note())).status_code for _ in range(3)] == [201] * 3
    refused = await greedy.post("/v1/notes", json=a_note())
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert refused.headers["retry-after"] == str(WINDOW_SECONDS)
    assert str(WINDOW_SECONDS) in refused.json()["messages"]["zh-CN"]
    assert (await rows("notes"), await rows("idempotency")) == (3, 3)


async def test_api4_others_are_not_refused_for_it(narrow: ServiceKit) -> None:
    greedy, modest = teller_of(narrow, "greedy"), teller_of(narrow, "modest")
    assert [(await greedy.get("/v1/notes")).status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert (await modest.get("/v1/notes")).status_code == 200
    # A second token of the same subject is the same caller.
    assert (await teller_of(narrow, "greedy").get("/v1/notes")).status_code == 429


async def test_api4_who_brings_no_token_is_counted_by_address(narrow: ServiceKit) -> None:
    stranger = narrow.client()
    statuses = [(await stranger.get("/v1/notes")).status_code for _ in range(5)]
    assert statuses == [401] * 3 + [429] * 2
    assert (await teller_of(narrow, "modest").get("/v1/notes")).status_code == 200


async def test_probes_are_never_refused_for_their_number(narrow: ServiceKit) -> None:
    stranger = narrow.client()
    statuses = {(await stranger.get(path)).status_code for path in sorted(PROBES) for _ in range(5)}
    assert statuses == {200}


Ask = Callable[..., Coroutine[Any, Any, int]]


def asked(kit: ServiceKit, app: ASGIApp) -> Ask:
    """Asks ``app`` behind the limits; two requests are worked on at once."""
    limits = Limits(app, settings=kit.settings.model_copy(update={"requests_at_once_max": 2}))

    async def ask(path: str = "/v1/notes", subject: str = "teller-1") -> int:
        answers: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            answers.append(message)

        principal = Principal(subject, frozenset(), frozenset())
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "headers": []}
        await limits(scope | {PRINCIPAL: principal}, receive, send)
        return int(answers[0]["status"])

    return ask


async def test_api4_too_much_at_once_is_503_until_something_is_done(kit: ServiceKit) -> None:
    released = asyncio.Event()
    entered = asyncio.Semaphore(0)

    async def works(scope: Scope, receive: Receive, send: Send) -> None:
        entered.release()
        if scope["path"] not in PROBES:
            await released.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    ask = asked(kit, works)
    before = LIMITED.labels("at_once")._value.get()
    async with asyncio.TaskGroup() as group:
        first = [group.create_task(ask(subject=f"teller-{number}")) for number in range(2)]
        for _ in first:
            await entered.acquire()
        assert await ask(subject="teller-3") == 503
        assert await ask(path="/livez", subject="teller-3") == 200
        released.set()
    assert [task.result() for task in first] == [200, 200]
    assert LIMITED.labels("at_once")._value.get() == before + 1
    assert await ask(subject="teller-3") == 200


async def test_a_stream_counts_until_its_answer_starts_and_a_failure_until_it_ends(kit: ServiceKit) -> None:
    ended = asyncio.Event()

    async def streams(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/breaks":
            raise LookupError("before any answer")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/stream":
            await ended.wait()

    ask = asked(kit, streams)
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(ask("/stream"))
        for _ in range(3):
            with pytest.raises(LookupError):
                await ask("/breaks")
        assert await ask() == 200
        ended.set()
