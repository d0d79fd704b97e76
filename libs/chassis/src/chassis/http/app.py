"""The application of one service: its routers behind the edge; complete, or not started."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from chassis.clock import Clock
from chassis.errors import ServiceError
from chassis.http import docs, health
from chassis.http.authentication import ANONYMOUS, Authentication, TokenVerifier
from chassis.http.direct import Direct
from chassis.http.edge import Edge, readers_of
from chassis.http.limits import Limits
from chassis.http.middleware import Surroundings
from chassis.http.openapi import describe
from chassis.http.problems import answer
from chassis.http.routing import Route
from chassis.service import Service
from chassis.settings import Settings

API_VERSION = "1.0.0"


class Application(FastAPI):
    """FastAPI with our description of what each route answers."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(self, (route for route in self.routes if isinstance(route, Route)))
        return self.openapi_schema


def create_app(
    service: Service,
    settings: Settings,
    *,
    sessions: async_sessionmaker[AsyncSession],
    clock: Clock,
    verifier: TokenVerifier,
) -> FastAPI:
    """The service's HTTP side.

    Raises ``TypeError`` where a route was not made by ``chassis.http.routing.routes`` (and so declares no
    action), where the policy does not know its action, or where two share an operation id.
    ``app.state.readiness`` and ``app.state.degradation`` take further checks, ``app.state.closing`` what has
    to be ended before the pool closes (:func:`close`).
    """
    routers = [router for capability in service.capabilities for router in capability.routers]
    found = checked_routes([*routers, docs.router, health.router])
    check_policy(service, found)
    app = Application(
        title=service.title,
        description=service.description,
        version=API_VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(Surroundings, seconds_max=settings.request_seconds_max),
            Middleware(Authentication, verifier=verifier),
            Middleware(Limits, settings=settings),
            Middleware(Direct, routes=[route for route in found if route.action.is_direct]),
        ],
        exception_handlers=dict.fromkeys(
            (ServiceError, RequestValidationError, HTTPException, SQLAlchemyError), answer
        ),
    )
    app.state.edge = Edge(service.access, settings, clock, sessions, readers_of(sessions))
    app.state.readiness, app.state.degradation, app.state.closing = [], [], []
    app.state.kept = {}
    # Added as they are, not included: each was made with its whole path, and one flat list is matched faster.
    app.router.routes.extend(found)
    return app


async def close(app: FastAPI) -> None:
    """Ends what the routes keep open between requests; to be called once, when none is answered any more."""
    for end in app.state.closing:
        await end()


def check_policy(service: Service, found: Iterable[Route]) -> None:
    """Raises ``TypeError`` for an action that the service's policy does not know."""
    for route in found:
        if route.action.public:
            continue
        try:
            service.access(ANONYMOUS, route.action.name, None)
        except LookupError as error:
            name = route.action.name
            raise TypeError(f"{route.path}: the policy of {service.name} knows no action {name}") from error


def checked_routes(routers: Iterable[APIRouter]) -> list[Route]:
    """Every route; raises ``TypeError`` for one that escapes the edge, or whose name is taken."""
    found: dict[str, Route] = {}
    for route in (route for router in routers for route in router.routes):
        if not isinstance(route, Route):
            path = getattr(route, "path", repr(route))
            raise TypeError(
                f"{path}: not a route with a declared action; make its router with routes(prefix, tag)"
            )
        if route.unique_id in found:
            raise TypeError(
                f"{route.path}: operation {route.unique_id} is taken by {found[route.unique_id].path}"
            )
        found[route.unique_id] = route
    return list(found.values())
