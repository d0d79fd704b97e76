"""Endpoints that are called as they are, beside FastAPI's general way (docs/adr/0003).

An endpoint whose requests share a commit (``grouped``) is called so often that finding out at every call what
it asks for costs more than its work. What it may ask for is little, and is found out once: the request, the
guard, parameters of the path, one body. The general way stays behind it: whatever cannot be read here goes
there, so that a refusal is worded in one place.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]
#: Finds one argument in a request and its body; raises ``ValidationError``.
Source = Callable[[Request, bytes], Any]


def directly(
    endpoint: Callable[..., Awaitable[Response]],
    general: Handler,
    *,
    path: Collection[str],
    scoped: dict[type, str],
) -> Handler:
    """A handler that calls the endpoint by itself, or ``general`` where the request does not fit.

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
        except ValidationError:
            return await general(request)
        return await endpoint(**arguments)

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
