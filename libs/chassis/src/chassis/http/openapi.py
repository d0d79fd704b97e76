"""The API description: FastAPI's, completed by what the edge does on every route (OpenAPI 3.1)."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from chassis.http.problems import MEDIA_TYPE, Problem
from chassis.http.routing import Route, guard, if_match

SCHEMAS = "#/components/schemas/"
RESPONSES = "#/components/responses/"
PARAMETERS = "#/components/parameters/"

#: Hours of the wall clock, in OpenAPI's registry of formats; `time` would promise a zone (RFC 3339).
LOCAL_TIME = "time-local"
#: Component name, and what it means, by status.
KINDS: dict[int, tuple[str, str]] = {
    400: ("Malformed", "The request cannot be read."),
    401: ("Unauthenticated", "There is no valid token."),
    403: ("Forbidden", "The caller's roles do not allow it."),
    404: ("NotFound", "There is no such object, or it is not for the caller's eyes."),
    409: ("Conflict", "The state does not allow it."),
    412: ("Stale", "The object has another version by now."),
    413: ("TooLarge", "Something is over its limit of size."),
    415: ("Unsupported", "The content type is not taken."),
    422: (
        "Invalid",
        "The payload breaks its schema (errors) or a rule (violations; the refusal is on record).",
    ),
    428: ("PreconditionRequired", "If-Match is missing."),
    429: ("Limited", "Too many requests; see Retry-After."),
    503: ("Unavailable", "Try again after Retry-After, with the same Idempotency-Key."),
}
TEXT = {"type": "string"}
ETAG = {"description": 'Version of the object, such as "3".', "schema": TEXT}
LOCATION = {"description": "Path of the new object.", "schema": TEXT}
REQUEST_ID = {"description": "Names this request; 1 to 64 of the caller's own, or made here.", "schema": TEXT}
REPLAYED = {"description": "`true` where this is the stored answer to an earlier request.", "schema": TEXT}
RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
CHALLENGE = {"description": "What the caller must show (RFC 6750).", "schema": TEXT}

SHARED_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "A unique value for this operation; a retry with it gets the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "ETag of the version that is changed.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "description": "Language of `detail` and `title` in problems: zh-CN (default) or en.",
        "schema": TEXT,
    },
}


def describe(app: FastAPI, routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document of the app."""
    shown = [route for route in routes if route.include_in_schema]
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=shown,
        openapi_version="3.1.0",
    )
    by_operation = {route.unique_id: route for route in shown}
    for path in document.get("paths", {}).values():
        for operation in path.values():
            _complete(operation, by_operation[operation["operationId"]])
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_problem_schemas())
    name_local_times(document)
    components["schemas"] = dict(sorted(schemas.items()))
    components["parameters"] = SHARED_PARAMETERS
    components["responses"] = {name: _response(status) for status, (name, _) in KINDS.items()}
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token of the bank's identity provider (RFC 9068): aud names this service.",
        }
    }
    return document


def name_local_times(node: Any) -> None:
    """Gives every time of day in a document the format that it has."""
    if isinstance(node, dict):
        if node.get("type") == "string" and node.get("format") == "time":
            node["format"] = LOCAL_TIME
        for below in node.values():
            name_local_times(below)
    elif isinstance(node, list):
        for below in node:
            name_local_times(below)


def statuses(route: Route) -> set[int]:
    """The statuses of problems that the route may answer."""
    found = {400, 422, 429, 503}
    if not route.action.public:
        found |= {401, 403}
    if route.param_convertors or _asks_for(route.dependant, guard):
        found.add(404)
    if route.answers("POST", "PUT", "PATCH", "DELETE"):
        found |= {404, 409, 413, 415}
    if wants_version(route):
        found |= {412, 428}
    return found


def wants_version(route: Route) -> bool:
    """C1: whether the route's endpoint asks for ``If-Match``."""
    return _asks_for(route.dependant, if_match)


def _asks_for(dependant: Dependant, what: Callable[..., Any]) -> bool:
    return any(below.call is what or _asks_for(below, what) for below in dependant.dependencies)


def _complete(operation: dict[str, Any], route: Route) -> None:
    wanted = {"IdempotencyKey": route.keyed, "IfMatch": wants_version(route), "AcceptLanguage": True}
    shared = [{"$ref": PARAMETERS + name} for name, is_wanted in wanted.items() if is_wanted]
    # A new list: the one that stands there may be the route's own (openapi_extra).
    operation["parameters"] = [*operation.get("parameters", []), *shared]
    operation["security"] = [] if route.action.public else [{"bearer": []}]
    operation["x-action"] = route.action.name
    responses: dict[str, Any] = operation["responses"]
    for status in sorted(statuses(route)):
        responses[str(status)] = {"$ref": RESPONSES + KINDS[status][0]}
    for status_text, response in responses.items():
        if status_text.startswith("2"):
            headers = response.setdefault("headers", {})
            headers["X-Request-Id"] = REQUEST_ID
            if route.keyed:
                headers["Idempotency-Replayed"] = REPLAYED
            if (
                wants_version(route)
                or status_text == "201"
                or (route.answers("GET") and route.param_convertors)
            ):
                headers["ETag"] = ETAG
            if status_text == "201":
                headers["Location"] = LOCATION
    operation["responses"] = dict(sorted(responses.items()))


def _response(status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {"X-Request-Id": REQUEST_ID}
    if status in (429, 503):
        headers["Retry-After"] = RETRY_AFTER
    if status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    return {
        "description": KINDS[status][1],
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "Problem"}}},
    }


def _problem_schemas() -> dict[str, Any]:
    _, definitions = models_json_schema([(Problem, "serialization")], ref_template=SCHEMAS + "{model}")
    found: dict[str, Any] = definitions["$defs"]
    return found
