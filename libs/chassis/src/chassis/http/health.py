"""Whether the process lives, whether it can serve, and its measurements."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from chassis.auth import action
from chassis.db import DATABASE_FAILURES
from chassis.http.edge import Edge, edge_of
from chassis.http.models import Output
from chassis.http.routing import routes

#: ``(name, whether it holds, a word about it)``; kept in ``app.state.readiness`` and ``.degradation``.
Check = Callable[[], Awaitable[tuple[str, bool, str]]]

CHECK_SECONDS_MAX = 1.0

router = routes("", "health")


class CheckView(Output):
    """One check; one that is not ``required`` degrades the service and leaves it ready."""

    name: str
    ok: bool
    required: bool
    detail: str


class Readiness(Output):
    """``ready``, ``degraded`` (something beside us is away) or ``unready``."""

    status: str
    checks: list[CheckView]


@router.get("/livez", include_in_schema=False)
@action("health.live", public=True)
async def livez() -> dict[str, str]:
    """The event loop answers."""
    return {"status": "alive"}


@router.get("/readyz", include_in_schema=False)
@action("health.ready", public=True)
async def readyz(request: Request, response: Response) -> Readiness:
    """503 unless every required check holds."""
    state = request.app.state
    checks = [
        *[(check, True) for check in (database(edge_of(request)), *state.readiness)],
        *[(check, False) for check in state.degradation],
    ]
    views = await asyncio.gather(*[_view(check, required) for check, required in checks])
    unready = any(view.required and not view.ok for view in views)
    status = "unready" if unready else "ready" if all(view.ok for view in views) else "degraded"
    if unready:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return Readiness(status=status, checks=views)


@router.get("/metrics", include_in_schema=False)
@action("health.metrics", public=True)
async def metrics() -> Response:
    """Everything that is measured, in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def database(edge: Edge) -> Check:
    """The check that the database answers."""

    async def database_answers() -> tuple[str, bool, str]:
        async with edge.readers() as session:
            await session.execute(text("SELECT 1"))
        return "database", True, "answers"

    return database_answers


async def _view(check: Check, required: bool) -> CheckView:
    name = getattr(check, "__name__", "check")
    try:
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            name, ok, detail = await check()
    except DATABASE_FAILURES as error:
        ok, detail = False, f"no answer ({type(error).__name__})"
    return CheckView(name=name, ok=ok, required=required, detail=detail)
