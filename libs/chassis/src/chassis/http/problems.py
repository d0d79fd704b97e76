"""E1: every refusal as RFC 9457 problem details, in the caller's language, with both languages inside."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import RecordedRefusal, ServiceError, Violation
from chassis.events import to_json
from chassis.http import call, refusals
from chassis.http.credentials import is_credential
from chassis.http.failures import log_failure, refusal_of
from chassis.http.wording import FIELD_ERRORS_MAX, field_error

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

#: Short names of the kinds, by status: Chinese, English.
TITLES: dict[int, tuple[str, str]] = {
    400: ("请求无法读取", "Request cannot be read"),
    401: ("未通过身份核验", "Not authenticated"),
    403: ("无权操作", "Not allowed"),
    404: ("未找到", "Not found"),
    405: ("请求方法不支持", "Method not allowed"),
    409: ("状态冲突", "State conflict"),
    412: ("版本已变更", "Version is stale"),
    413: ("内容过大", "Content too large"),
    415: ("内容类型不支持", "Media type not supported"),
    422: ("内容或规则不符", "Payload or rule violated"),
    428: ("缺少前提条件", "Precondition required"),
    429: ("请求过多", "Too many requests"),
    500: ("服务内部错误", "Internal error"),
    503: ("暂不可用", "Temporarily unavailable"),
}
#: How a field or a parameter is refused that nothing declares.
UNDECLARED = frozenset({"extra_forbidden", "unknown_parameter"})
OTHER_TITLE = ("请求被拒绝", "Request refused")
#: What the framework refuses by a bare status.
BY_STATUS: dict[int, type[ServiceError]] = {
    400: refusals.RequestMalformed,
    404: refusals.RouteNotFound,
    405: refusals.MethodNotAllowed,
    503: refusals.ServiceUnavailable,
}


class Messages(BaseModel):
    """One message in each language."""

    model_config = ConfigDict(serialize_by_alias=True)

    zh_cn: str = Field(alias="zh-CN")
    en: str


class FieldError(BaseModel):
    """One field that breaks the schema of the request."""

    pointer: str = Field(description="JSON pointer (RFC 6901) of the field in that place")
    place: str = Field(alias="in", description="body, query, path or header")
    code: str
    detail: str
    messages: Messages


class BrokenRule(BaseModel):
    """One rule that a recorded refusal rests on."""

    rule: str = Field(description="id of the rule, such as SUI-03")
    code: str
    citation: str
    messages: Messages


class Problem(BaseModel):
    """RFC 9457 problem details; ``code`` is stable, ``detail`` is in the language of ``Accept-Language``."""

    type: str = Field(description="/problems/<code>")
    title: str
    status: int
    code: str
    detail: str
    messages: Messages
    instance: str = Field(description="names this occurrence; report it with request_id")
    request_id: str
    errors: list[FieldError] | None = Field(None, description="fields that break the schema")
    violations: list[BrokenRule] | None = Field(
        None, description="rules that were broken; the refusal is on record"
    )
    record: dict[str, Any] | None = Field(None, description="what was recorded about the refusal")


def problem(
    status: int,
    code: str,
    messages: Mapping[str, str],
    *,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response for one refusal; ``members`` are added to the body."""
    now = call.current()
    now.code = code
    language = now.language
    titles = TITLES.get(status, OTHER_TITLE)
    body = {
        "type": f"/problems/{code}",
        "title": titles[0] if language == call.CHINESE else titles[1],
        "status": status,
        "code": code,
        "detail": messages[language],
        "messages": messages,
        "instance": f"/requests/{now.request_id}",
        "request_id": now.request_id,
        **(members or {}),
    }
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language, "Vary": "Accept-Language", **(headers or {})},
    )


def of_error(error: ServiceError) -> Response:
    """The response for a raised error of ours."""
    headers: dict[str, str] = {}
    members: dict[str, Any] = {}
    if error.status in (429, 503):
        seconds = error.details.get("retry_after_seconds", RETRY_AFTER_SECONDS)
        headers["Retry-After"] = str(seconds)
    elif error.status == 401:
        headers["WWW-Authenticate"] = challenge(error)
    elif error.status == 405:
        headers["Allow"] = str(error.details.get("allow", ""))
    if error.faults:
        members["errors"] = [
            spoken({"pointer": one.pointer, "in": "body", "code": one.code, "messages": one.messages})
            for one in error.faults
        ]
    return problem(error.status, error.code, error.messages, members=members, headers=headers)


def challenge(error: ServiceError) -> str:
    """RFC 6750 §3: what the caller must show."""
    if isinstance(error, refusals.TokenInvalid):
        return 'Bearer realm="wangdian", error="invalid_token"'
    return 'Bearer realm="wangdian"'


def of_validation(error: RequestValidationError) -> Response:
    """422 with a pointer to each field at fault; 400 where the body is no JSON."""
    found = error.errors()
    for first in found:
        if first["type"] == "json_invalid":
            return of_error(refusals.MalformedJson(position=first["loc"][-1]))
    secret = [item for item in found if item["type"] in UNDECLARED and is_credential(str(item["loc"][-1]))]
    refusal = refusals.C3DataRejected() if secret else refusals.PayloadInvalid(count=len(found))
    errors = [spoken(field_error(item, error.body)) for item in (secret or found)[:FIELD_ERRORS_MAX]]
    return problem(refusal.status, refusal.code, refusal.messages, members={"errors": errors})


def spoken(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its ``detail`` in the caller's language."""
    return {**entry, "detail": entry["messages"][call.current().language]}


def of_framework(error: HTTPException) -> Response:
    """The response for what the framework refuses by itself: unknown path, method, unreadable body."""
    if isinstance(error.__cause__, ServiceError):
        return of_error(error.__cause__)
    kind = BY_STATUS.get(error.status_code)
    if kind is None:
        refusal = refusals.RefusedByFramework(given=error.status_code)
        return problem(error.status_code, refusal.code, refusal.messages, headers=error.headers)
    return of_error(kind(allow=(error.headers or {}).get("Allow", "")))


def of_any(error: Exception) -> Response:
    """The response for whatever was raised; what nobody foresaw is 500, logged, and tells nothing."""
    match error:
        case ServiceError():
            return of_error(error)
        case RequestValidationError():
            return of_validation(error)
        case HTTPException():
            return of_framework(error)
    refusal = refusal_of(error)
    log_failure(error, refusal)
    return of_error(refusal or ServiceError())


async def answer(request: Request, error: Exception) -> Response:
    """The exception handler of every kind that the framework would answer itself."""
    return of_any(error)


def refused(
    kind: type[RecordedRefusal],
    violations: Sequence[Violation] = (),
    *,
    body: BaseModel | Mapping[str, Any] | None = None,
    version: int | None = None,
    location: str | None = None,
) -> Response:
    """T1: a refusal that is itself a record (422). RETURN it, so that the transaction commits.

    ``body`` is what was recorded (member ``record``); ``version`` and ``location`` become ETag and Location.
    """
    members: dict[str, Any] = {"violations": [to_json(violation) for violation in violations]}
    if body is not None:
        members["record"] = (
            body.model_dump(mode="json") if isinstance(body, BaseModel) else to_json(dict(body))
        )
    headers = {"ETag": f'"{version}"'} if version is not None else {}
    if location is not None:
        headers["Location"] = location
    refusal = kind()
    return problem(refusal.status, refusal.code, refusal.messages, members=members, headers=headers)
