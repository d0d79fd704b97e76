"""Endpoints that are called as they are, beside FastAPI's general way (docs/adr/0003).

An endpoint whose requests share a commit (``grouped``) is called so often that finding out at every call what
it asks for, and passing through the framework's layers, costs more than its work. What it may ask for is
little, and is found out once: the request, the guard, parameters of the path, one body. The general way stays
behind it: whatever cannot be read here goes there, so that a refusal is worded in one place. A function that
stands ``ahead`` of an endpoint may leave it whatever it cannot answer.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Handler = Callable[[Request], Awaitable[Response]]
#: Finds one argument in a request and its body; raises ``ValidationError``.
Source = Callable[[Request, bytes], Any]


class NotHere(Exception):
    """The request does not fit what the endpoint asks for, or is left to the general way by it."""


class Grouped(Protocol):
    """A route whose endpoint can be called directly."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the route answers a request, and what it knows of it then."""
        ...

    @property
    def direct(self) -> Handler:
        """Gives the answer, a refusal included; raises :class:`NotHere`, and what no refusal is."""
        ...

    def bound(self, scope: Scope, receive: Receive) -> Receive:
        """``receive``, the body and the time of the request bounded as the route's action says."""
        ...


class Direct:
    """The innermost layer in front of the framework: answers what is asked most."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[Grouped]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request of a grouped route; passes on every other, and what it cannot read."""
        for route in self.routes:
            match, known = route.matches(scope)
            if match is Match.FULL:
                scope.update(known)
                request = Request(scope, route.bound(scope, receive), send)
                try:
                    response = await route.direct(request)
                except NotHere:
                    await self.app(scope, again(await request.body(), receive), send)
                else:
                    await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def again(body: bytes, receive: Receive) -> Receive:
    """``receive`` for a request whose body has been read already: gives it once more."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def directly(
    endpoint: Callable[..., Awaitable[Response | None]], *, path: Collection[str], scoped: dict[type, str]
) -> Handler:
    """A handler that calls the endpoint by itself; raises :class:`NotHere` where it does not answer.

    ``path``: names of the path's parameters; ``scoped``: where in the scope an argument of that type stands.
    Raises ``TypeError`` for an endpoint that asks for anything else.
    """
    sources = {
        name: source_of(name, parameter.annotation, path, scoped)
        for name, parameter in inspect.signature(endpoint, eval_str=True).parameters.items()
    }

    async def handler(request: Request) -> Response:
        body = await request.body()
        try:
            arguments = {name: source(request, body) for name, source in sources.items()}
        except ValidationError as error:
            raise NotHere from error
        response = await endpoint(**arguments)
        if response is None:
            raise NotHere
        return response

    return handler


def source_of(name: str, annotation: Any, path: Collection[str], scoped: dict[type, str]) -> Source:
    """Where the argument comes from; raises ``TypeError`` where that is nowhere."""
    kind = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    if kind is Request:
        return lambda request, body: request
    if kind in scoped:
        place = scoped[kind]
        return lambda request, body: request.scope[place]
    if name in path:
        read = TypeAdapter(annotation).validate_python
        return lambda request, body: read(request.path_params[name])
    if get_origin(kind) is None and isinstance(kind, type) and issubclass(kind, BaseModel):
        model: type[BaseModel] = kind
        return lambda request, body: model.model_validate_json(body)
    raise TypeError(f"a grouped endpoint cannot ask for {name}: {annotation}")
