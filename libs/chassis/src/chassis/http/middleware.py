"""What surrounds every request: id, bound in time, safe headers, log line, measurement, last catch.

Pure ASGI. The body is bounded where its route is known (:func:`bounded`, called by the route class).
"""

import asyncio
from time import perf_counter
from typing import Any

import structlog
from opentelemetry.trace import Span
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import traces
from chassis.http import call, problems
from chassis.http.refusals import BodyTooLarge, RequestTimeout
from chassis.outbox import correlation_id

log = structlog.get_logger()

REQUEST_SECONDS = Histogram(
    "wangdian_http_request_seconds",
    "Duration of requests until the answer starts.",
    ["method", "route", "status"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
#: What is measured under a name of its own; the rest would let a caller make series at will.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DEADLINE = "wangdian.deadline"
#: Headers that are used before the request's route is known.
READ_HERE = frozenset({b"x-request-id", b"accept-language", b"traceparent"})
#: From here on a request is worth a line in the log, as every refusal is.
SLOW_SECONDS = 1.0

#: Sent with every answer that does not set them itself.
SAFE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"strict-transport-security", b"max-age=31536000"),
)


class Surroundings:
    """The outermost layer: nothing leaves the service without passing here."""

    def __init__(self, app: ASGIApp, *, seconds_max: float) -> None:
        self.app = app
        self.seconds_max = seconds_max
        self._series: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; passes on what is none."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        given = {name: value for name, value in scope["headers"] if name in READ_HERE}
        request_id = call.request_id(given.get(b"x-request-id", b"").decode("latin-1"))
        here = call.Call(request_id, given.get(b"accept-language", b"").decode("latin-1"))
        entered, correlated = call.enter(here), correlation_id.set(request_id)
        outgoing = Outgoing(send, request_id)
        with traces.request(given.get(b"traceparent", b"").decode("latin-1")) as span:
            try:
                await self._answer(scope, receive, outgoing)
            finally:
                self._note(scope, outgoing.status, perf_counter() - begun, here.code, span)
                correlation_id.reset(correlated)
                call.leave(entered)

    async def _answer(self, scope: Scope, receive: Receive, outgoing: "Outgoing") -> None:
        try:
            async with asyncio.timeout(self.seconds_max) as outgoing.deadline:
                scope[DEADLINE] = outgoing.deadline
                await self.app(scope, receive, outgoing.send)
        except Exception as error:
            if outgoing.status:
                raise
            late = isinstance(error, TimeoutError) and outgoing.late
            outgoing.deadline = None
            response = problems.of_any(RequestTimeout() if late else error)
            await response(scope, receive, outgoing.send)

    def _note(self, scope: Scope, status: int, seconds: float, code: str | None, span: Span | None) -> None:
        route = scope.get("route")
        path: str = route.path if route is not None else "unmatched"
        method = scope["method"] if scope["method"] in METHODS else "other"
        traces.answered(span, method, path, status, code)
        key = (method, path, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = REQUEST_SECONDS.labels(method, path, status)
        series.observe(seconds)
        # Successes are measured; a line for each would cost more than what surrounds them. A caller who is
        # refused for the number of requests must not fill the log with them instead.
        if (status >= 400 and status != 429) or seconds >= SLOW_SECONDS:
            ms = round(seconds * 1000, 1)
            log.info("request", method=method, route=path, status=status, code=code, ms=ms)


class Outgoing:
    """The way out of one request: adds the safe headers, remembers the status (0 until the answer starts)."""

    __slots__ = ("_id", "_send", "deadline", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = request_id
        self.status = 0
        self.deadline: asyncio.Timeout | None = None

    @property
    def late(self) -> bool:
        """Whether the bound in time has passed."""
        return self.deadline is not None and self.deadline.expired()

    async def send(self, message: Message) -> None:
        """Passes the message on; the bound in time ends where the answer starts (streams have their own)."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.deadline is not None and not self.late:
                self.deadline.reschedule(None)
            headers = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += [header for header in SAFE_HEADERS if header[0] not in present]
            headers.append((b"x-request-id", self._id.encode()))
            message = {**message, "headers": headers}
        await self._send(message)


def prolong(scope: Scope, seconds: float) -> None:
    """Gives the request ``seconds`` from now on, instead of the service's setting."""
    deadline: asyncio.Timeout = scope[DEADLINE]
    deadline.reschedule(asyncio.get_running_loop().time() + seconds)


def bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """``receive`` that raises :class:`BodyTooLarge` when the body, announced or read, exceeds ``limit``."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    too_large = announced.isdigit() and int(announced[:20]) > limit
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        if too_large:
            raise BodyTooLarge(limit=limit)
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge(limit=limit)
        return message

    return receive_bounded
