"""What every player does alike: a token of one's own, retries that double nothing, a line in the ledger.

A request that changes something carries an ``Idempotency-Key``, and every repetition the same one: after a
timeout, a broken connection or a 5xx the client asks again until it is answered or its patience ends.
"""

import asyncio
import importlib.util
import itertools
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import httpx

from deploy import SERVICES
from deploy.demo.ledger import Ledger, Op, Outcome
from deploy.devstack.users import User

#: Seconds for which a player asks again before it gives up and knows nothing.
PATIENCE = 60.0
TIMEOUT = httpx.Timeout(10.0, connect=2.0, pool=None)
#: Connections to one service; each request looks through all of them.
CONNECTIONS_MAX = 24
#: Answers that do not say whether it has happened: ask again.
AGAIN_STATUS = frozenset({429, 500, 502, 503, 504})
AGAIN_CODES = frozenset({"REQUEST_IN_PROGRESS", "OBJECT_BUSY"})
#: Seconds before its end at which a token is replaced.
TOKEN_MARGIN = 60.0


#: Connections of this process that broke with a request in flight, by service: a fault that bit.
INTERRUPTED: Counter[str] = Counter()

JsonBody = Mapping[str, Any]
Learn = Mapping[str, str]


class Secrets(Protocol):
    """The users of a stack (:class:`deploy.devstack.users.Users`)."""

    def add_all(self, users: Iterable[User]) -> None:
        """Adds users, or changes those with the same client id."""
        ...

    def secret(self, client_id: str) -> str:
        """The client secret of a user."""
        ...


class StackLike(Protocol):
    """What the day needs of a stack (:class:`deploy.devstack.stack.Stack`)."""

    @property
    def state(self) -> Path:
        """Where it keeps what it remembers."""
        ...

    @property
    def users(self) -> Secrets:
        """The users of its issuer."""
        ...

    def urls(self, service: str) -> list[str]:
        """Where each process of a service answers."""
        ...

    def pid(self, service: str) -> int:
        """The process id of a service."""
        ...

    def describe(self) -> dict[str, Any]:
        """The content of ``stack.json``."""
        ...


class Unexpected(RuntimeError):
    """The system answered something that this day cannot go on with."""


@dataclass(frozen=True)
class Answer:
    """What came back in the end. ``version`` is that of the ETag; ``status`` 0: no answer at all."""

    outcome: Outcome
    status: int
    body: JsonBody
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it was acknowledged."""
        return self.outcome is Outcome.OK

    @property
    def code(self) -> str | None:
        """The code of the problem."""
        return None if self.ok else self.body.get("code")

    def expect(self, what: str) -> "Answer":
        """Itself when it was acknowledged; raises :class:`Unexpected` otherwise."""
        if not self.ok:
            raise Unexpected(f"{what}: {self.status} {self.body.get('code')} {self.body.get('detail', '')}")
        return self

    @property
    def etag(self) -> int:
        """The version; raises :class:`Unexpected` where the answer names none."""
        if self.version is None:
            raise Unexpected(f"an answer {self.status} without its version")
        return self.version


class Wire:
    """The connections of all players, and their tokens."""

    def __init__(self, stack: StackLike, clients: Mapping[str, httpx.AsyncClient], patience: float) -> None:
        self.stack = stack
        self.patience = patience
        self._clients = clients
        self._tokens: dict[str, tuple[str, float]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    def client(self, service: str) -> httpx.AsyncClient:
        """The connections to a service."""
        return self._clients[service]

    async def token(self, client_id: str) -> str:
        """An access token of a user, from the issuer when there is none that lasts."""
        async with self._asking.setdefault(client_id, asyncio.Lock()):
            token, until = self._tokens.get(client_id, ("", 0.0))
            if time.monotonic() > until:
                token, seconds = await self._ask(client_id)
                self._tokens[client_id] = (token, time.monotonic() + seconds - TOKEN_MARGIN)
        return token

    def forget(self, client_id: str) -> None:
        """The next request of this user brings a new token."""
        self._tokens.pop(client_id, None)

    async def _ask(self, client_id: str) -> tuple[str, float]:
        credentials = (client_id, self.stack.users.secret(client_id))
        for wait in backoff(self.patience):
            try:
                answer = await self._clients["issuer"].post(
                    "/token", auth=credentials, data={"grant_type": "client_credentials"}
                )
            except httpx.TransportError:
                await asyncio.sleep(wait)
                continue
            if answer.status_code == httpx.codes.OK:
                body = answer.json()
                return str(body["access_token"]), float(body["expires_in"])
            if answer.status_code not in AGAIN_STATUS:
                raise Unexpected(f"the issuer gives {client_id} no token: {answer.text}")
            await asyncio.sleep(wait)
        raise Unexpected("the issuer does not answer")


@asynccontextmanager
async def connected(stack: StackLike, patience: float = PATIENCE) -> AsyncIterator[Wire]:
    """Connections to issuer and services, kept alive until the end."""
    if importlib.util.find_spec("sniffio") is None:
        # httpcore asks for this optional package several times a request, and each miss searches every folder
        # on the path, which costs more than the request itself. None: known to be absent.
        cast(dict[str, Any], sys.modules)["sniffio"] = None
    async with AsyncExitStack() as exits:
        clients = {
            service: await exits.enter_async_context(_client(stack.urls(service)))
            for service in ("issuer", *SERVICES)
        }
        yield Wire(stack, clients, patience)


def _client(urls: list[str]) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
    # Loopback without TLS: nothing to verify, and no certificates to load.
    one_by_one = httpx.AsyncHTTPTransport(limits=limits, verify=not urls[0].startswith("http:"))
    transport = one_by_one if len(urls) == 1 else Turns(urls, one_by_one)
    return httpx.AsyncClient(base_url=urls[0], timeout=TIMEOUT, trust_env=False, transport=transport)


class Turns(httpx.AsyncBaseTransport):
    """Sends each request to the next of several processes, as a load balancer without a memory does."""

    def __init__(self, urls: list[str], transport: httpx.AsyncHTTPTransport) -> None:
        self._urls = itertools.cycle(httpx.URL(url) for url in urls)
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request to whose turn it is."""
        there = next(self._urls)
        request.url = request.url.copy_with(host=there.host, port=there.port)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Ends the connections."""
        await self._transport.aclose()


def backoff(patience: float) -> Any:
    """How long to wait before each further attempt, in seconds, until ``patience`` seconds are over."""
    deadline = time.monotonic() + patience
    wait = 0.05
    while time.monotonic() < deadline:
        yield wait
        wait = min(wait * 2, 1.0)


class Actor:
    """Somebody with a token: a kiosk, a teller, a customer, an officer."""

    def __init__(self, wire: Wire, ledger: Ledger, client_id: str) -> None:
        self.wire = wire
        self.ledger = ledger
        self.client_id = client_id

    async def get(self, service: str, path: str, **query: str) -> Answer:
        """Reads something."""
        return await self._send(service, "GET", path, {"params": query} if query else {}, {})

    async def everything(self, service: str, path: str, **query: str) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = {"limit": "200", **query} | ({"cursor": cursor} if cursor else {})
            body = (await self.get(service, path, **page)).expect(f"GET {path}").body
            items += body["items"]
            cursor = body["next_cursor"]
            if cursor is None:
                return items

    async def act(
        self,
        op: Op | None,
        service: str,
        path: str,
        body: JsonBody | None = None,
        *,
        method: str = "POST",
        if_match: int | None = None,
        ids: Mapping[str, object] | None = None,
        learn: Learn | None = None,
        unwritten: frozenset[str] = frozenset(),
    ) -> Answer:
        """Changes something, and writes what came of it into the ledger (``op`` None: nothing to balance).

        ``ids`` are known before; ``learn`` says which fields of an acknowledged answer are further ids
        (``{"ticket_id": "id"}``). A refusal with a code of ``unwritten`` is no event and is not written.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        answer = await self._send(service, method, path, {} if body is None else {"json": body}, headers)
        if op is not None and answer.code not in unwritten:
            self.write(op, answer, request=body, ids=ids, learn=learn)
        return answer

    def write(
        self,
        op: Op,
        answer: Answer,
        *,
        request: JsonBody | None,
        ids: Mapping[str, object] | None,
        learn: Learn | None = None,
    ) -> None:
        """Writes an answer into the ledger."""
        known = dict(ids or {})
        source = answer.body if answer.ok else answer.body.get("record") or {}
        known |= {name: source[there] for name, there in (learn or {}).items() if there in source}
        if not answer.ok:
            known |= {name: value for name, value in source.items() if name.endswith("_id")}
        self.ledger.write(
            op,
            answer.outcome,
            status=answer.status,
            code=answer.code,
            subject=self.client_id,
            ids=known,
            request=request,
            body=answer.body,
            violations=answer.body.get("violations") or (),
        )

    async def _send(
        self, service: str, method: str, path: str, content: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Answer:
        async def once(authorization: Mapping[str, str]) -> httpx.Response:
            return await self.request(service, method, path, content, {**headers, **authorization})

        return await self.repeat(once)

    async def request(
        self, service: str, method: str, path: str, content: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        """One request, once; counts the connections that break."""
        try:
            return await self.wire.client(service).request(method, path, headers=dict(headers), **content)
        except httpx.TransportError:
            INTERRUPTED[service] += 1
            raise

    async def repeat(self, once: Callable[[Mapping[str, str]], Any]) -> Answer:
        """Sends until something is answered that says what happened, or the patience ends."""
        last = Answer(Outcome.UNKNOWN, 0, {})
        renewed = False
        for wait in backoff(self.wire.patience):
            authorization = {"Authorization": f"Bearer {await self.wire.token(self.client_id)}"}
            try:
                response = await once(authorization)
            except httpx.TransportError:
                await asyncio.sleep(wait)
                continue
            body = _json(response)
            if response.is_success:
                return Answer(
                    Outcome.OK, response.status_code, body, _version(response), dict(response.headers)
                )
            last = Answer(Outcome.UNKNOWN, response.status_code, body)
            if response.status_code == httpx.codes.UNAUTHORIZED and not renewed:
                self.wire.forget(self.client_id)
                renewed = True
            elif response.status_code in AGAIN_STATUS or body.get("code") in AGAIN_CODES:
                await asyncio.sleep(wait)
            else:
                return Answer(Outcome.REFUSED, response.status_code, body, headers=dict(response.headers))
        return last


def _json(response: httpx.Response) -> JsonBody:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _version(response: httpx.Response) -> int | None:
    text = response.headers.get("etag", "").strip('"')
    return int(text) if text.isdecimal() else None
