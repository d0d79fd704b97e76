"""Routes and what their endpoints ask for: a transaction, the clock, the caller, the guard, a version.

Every route declares its action. The route class lets a request in by this order (C2): role, content type,
body within its bound, ``Idempotency-Key``, replay of a known key, and only then the endpoint with
``If-Match`` and its command. The effect, its facts and the stored answer commit together before the answer
leaves (T1).
"""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from chassis.auth import ACTION_ATTRIBUTE, Access, Action, Principal, Resource, Verdict
from chassis.clock import Clock
from chassis.errors import ObjectNotFound
from chassis.http import idempotency
from chassis.http.authentication import ANONYMOUS, PRINCIPAL
from chassis.http.direct import directly
from chassis.http.edge import Edge, edge_of
from chassis.http.middleware import bounded, prolong
from chassis.http.models import Input, Output
from chassis.http.paging import Page, PageQuery, PageRequest, paginate
from chassis.http.problems import refused
from chassis.http.refusals import (
    ActionForbidden,
    IfMatchInvalid,
    IfMatchMissing,
    MediaTypeUnsupported,
    TokenMissing,
)

__all__ = [
    "Caller", "Gate", "Guard", "IfMatch", "Input", "Now", "Output", "Page", "PageQuery", "PageRequest",
    "ReadSession", "Route", "Session", "paginate", "refused", "respond", "routes", "version_of",
]  # fmt: skip

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

GATE, SESSION = "wangdian.gate", "wangdian.session"

ALIVE = text("SELECT 1")

_STRONG_ETAG = re.compile(r'"([0-9]{1,18})"')


class Unset(Enum):
    """An argument that was not given, where None means something."""

    UNSET = "unset"


class Gate:
    """Asks the service's policy about the caller and this route's action."""

    __slots__ = ("_access", "_action", "asked_about_object", "principal")

    def __init__(self, access: Access, action: Action, principal: Principal) -> None:
        self._access = access
        self._action = action
        self.principal = principal
        self.asked_about_object = False

    def __call__(
        self, *, outlet_id: UUID | Literal[Unset.UNSET] | None = Unset.UNSET, owner: str | None = None
    ) -> None:
        """Without arguments: the role alone. With them: also where the object belongs.

        ``outlet_id=None`` says that the object belongs to no outlet; ``owner`` is the subject who owns it.
        Raises ``ActionForbidden`` (403) or ``ObjectNotFound`` (404: not for the caller's eyes).
        """
        if self._action.public:
            self.asked_about_object = True
            return
        resource: Resource | None = None
        if outlet_id is not Unset.UNSET or owner is not None:
            self.asked_about_object = True
            resource = Resource(None if outlet_id is Unset.UNSET else outlet_id, owner)
        match self._access(self.principal, self._action.name, resource):
            case Verdict.FORBIDDEN:
                raise ActionForbidden(action=self._action.name)
            case Verdict.HIDDEN:
                raise ObjectNotFound
            case Verdict.ALLOWED:
                return


class Route(APIRoute):
    """A route that keeps the order above; not to be had without a declared action."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        declared = getattr(endpoint, ACTION_ATTRIBUTE, None)
        name = getattr(endpoint, "__qualname__", repr(endpoint))
        if not isinstance(declared, Action):
            raise TypeError(f"{path}: {name} declares no action")
        if not inspect.iscoroutinefunction(endpoint):
            # A plain function would leave the loop; a generator answers before it runs and could not refuse.
            raise TypeError(f"{path}: {name} is no coroutine function")
        self.action = declared
        super().__init__(path, endpoint, **options)

    @property
    def keyed(self) -> bool:
        """C2: whether requests need an ``Idempotency-Key``."""
        return self.action.idempotent and self.answers("POST")

    def answers(self, *methods: str) -> bool:
        """Whether the route answers one of the methods."""
        return not (self.methods or set()).isdisjoint(methods)

    @property
    def names_objects(self) -> bool:
        """Whether the path holds ids of objects that the caller may not see."""
        return bool(self.param_convertors) and not self.action.public

    def bound(self, scope: Scope, receive: Receive) -> Receive:
        """``receive``, the body and the time of the request bounded as the action says."""
        if self.action.seconds_max is not None:
            prolong(scope, self.action.seconds_max)
        limit = self.action.body_bytes_max or scope["app"].state.edge.settings.body_bytes_max
        return bounded(scope, receive, limit)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers in FastAPI's general way."""
        await super().handle(scope, self.bound(scope, receive), send)

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, let in by ours."""
        grouped = self.endpoint if self.action.grouped else self.action.ahead
        if grouped is not None:
            inner = directly(grouped, path=self.param_convertors, scoped={Gate: GATE})
            #: For a grouped route, the way around FastAPI's; what it raises is no answer yet.
            self.direct = self._letting_in(inner, claims=True)
        return self._letting_in(super().get_route_handler(), claims=self.action.grouped)

    def _letting_in(self, inner: Callable[[Request], Awaitable[Response]], *, claims: bool) -> Handler:
        """The order above around ``inner``: what it raises rolls back, what it returns commits first.

        ``claims``: the inner one claims the key and commits by itself.
        """
        reads_body = self.keyed or self.body_field is not None
        parameters = {
            field.alias for field in get_flat_params(self.dependant) if isinstance(field.field_info, Query)
        }

        async def handler(request: Request) -> Response:
            edge = edge_of(request)
            gate = let_in(request, edge, self.action)
            check_media_type(request, self.action)
            if request.scope["query_string"]:
                check_parameters(request, parameters)
            # Before any transaction: a slow client must not hold one open.
            body = await request.body() if reads_body else b""

            async def answer(given: Request) -> Response:
                response = await inner(given)
                if self.names_objects and not gate.asked_about_object:
                    raise RuntimeError(
                        f"{self.action.name}: the guard was never asked about the object in the path; say "
                        "guard(outlet_id=...), or guard(outlet_id=None) where it belongs to no outlet"
                    )
                return response

            if not self.keyed:
                return unchanged(request, await answer(request))
            claim = idempotency.claim_of(request, gate.principal, body)
            if claims:
                request.state.idempotency = claim
                return await answer(request)
            return await once(edge, request, claim, answer)

        return handler


async def once(
    edge: Edge,
    request: Request,
    claim: idempotency.Claim,
    answer: Callable[[Request], Awaitable[Response]],
) -> Response:
    """C2, T1: the stored answer, or the effect and its answer in one transaction. Nothing of 5xx is kept."""
    async with edge.transaction() as session:
        known = await idempotency.claim(session, claim)
        if known is not None:
            return known
        request.scope[SESSION] = session
        response = await answer(request)
        if response.status_code >= 500:
            await session.rollback()
        else:
            await idempotency.remember(session, [(claim, response)])
    return response


def let_in(request: Request, edge: Edge, action: Action) -> Gate:
    """The gate of this request, its role already judged; raises ``TokenMissing`` or ``ActionForbidden``."""
    principal: Principal | None = request.scope.get(PRINCIPAL)
    if principal is None:
        if not action.public:
            raise TokenMissing
        principal = ANONYMOUS
    gate = request.scope[GATE] = Gate(edge.access, action, principal)
    if not action.public:
        gate()
    return gate


def check_media_type(request: Request, action: Action) -> None:
    """Raises ``MediaTypeUnsupported`` for a body of a type that is not taken here."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in action.media_types:
        raise MediaTypeUnsupported(taken=", ".join(sorted(action.media_types)))


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Raises 422 for an unknown query parameter: a misspelt filter must not pass unnoticed."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        message = "There is no such query parameter"
        raise RequestValidationError(
            [{"type": "unknown_parameter", "loc": ("query", name), "msg": message} for name in unknown]
        )


def unchanged(request: Request, response: Response) -> Response:
    """C1: 304 instead of an object that the caller has in this version."""
    known = request.headers.get("if-none-match")
    etag = response.headers.get("etag")
    if known is None or etag is None or request.method != "GET" or response.status_code != 200:
        return response
    if known.strip() != "*" and etag not in [item.strip().removeprefix("W/") for item in known.split(",")]:
        return response
    return Response(status_code=304, headers={"ETag": etag})


def routes(prefix: str, tag: str) -> APIRouter:
    """A router below ``prefix`` (``/v1/outlets``), shown under ``tag``; endpoints name the operations."""
    return APIRouter(
        prefix=prefix, tags=[tag], route_class=Route, generate_unique_id_function=lambda route: route.name
    )


def respond(response: Response, *, version: int | None = None, location: str | None = None) -> None:
    """C1: names the object's version (ETag) and, for a new one, where it is (Location)."""
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    if location is not None:
        response.headers["Location"] = location


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """T1: the request's transaction. Function scope: it is committed before the answer leaves."""
    claimed: AsyncSession | None = request.scope.get(SESSION)
    if claimed is not None:
        yield claimed
        return
    async with edge_of(request).transaction() as session:
        yield session
        # A COMMIT after a failed statement is a silent ROLLBACK; if the endpoint swallowed it, this raises.
        await session.flush()
        await session.execute(ALIVE)


async def reading(request: Request) -> AsyncIterator[AsyncSession]:
    """A transaction that cannot write."""
    async with edge_of(request).readers() as session, session.begin():
        yield session


async def now(request: Request) -> Clock:
    """The service's clock."""
    return edge_of(request).clock


async def caller(request: Request) -> Principal:
    """Who is calling; on a public route without a token, :data:`ANONYMOUS`."""
    gate: Gate = request.scope[GATE]
    return gate.principal


async def guard(request: Request) -> Gate:
    """The gate of this request."""
    gate: Gate = request.scope[GATE]
    return gate


async def if_match(request: Request) -> int:
    """C1: the version to change; raises ``IfMatchMissing`` (428) or ``IfMatchInvalid`` (400)."""
    version = version_of(request)
    if version is None:
        raise IfMatchInvalid if "if-match" in request.headers else IfMatchMissing
    return version


def version_of(request: Request) -> int | None:
    """C1: the version to change; None where ``If-Match`` is missing or names no single version."""
    given = request.headers.getlist("if-match")
    found = _STRONG_ETAG.fullmatch(given[0].strip()) if len(given) == 1 else None
    return None if found is None else int(found[1])


Session = Annotated[AsyncSession, Depends(transaction, scope="function")]
ReadSession = Annotated[AsyncSession, Depends(reading, scope="function")]
Now = Annotated[Clock, Depends(now)]
Caller = Annotated[Principal, Depends(caller)]
Guard = Annotated[Gate, Depends(guard)]
IfMatch = Annotated[int, Depends(if_match)]
