"""E1: what the edge itself refuses, each with its code and with words that say what to do."""

from chassis.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Limited,
    Malformed,
    NotFound,
    PreconditionRequired,
    ServiceError,
    StaleVersion,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)


class RequestMalformed(Malformed):
    """The request cannot be read as HTTP with this content type."""

    code = "REQUEST_MALFORMED"
    zh = "无法读取该请求；请检查请求头和请求体的格式。"
    en = "The request cannot be read; check its headers and the format of its body."


class MalformedJson(Malformed):
    """The body is no JSON."""

    code = "MALFORMED_JSON"
    zh = "请求体不是有效的 JSON（第 {position} 个字符处）；请更正后重新提交。"
    en = "The body is no valid JSON (at character {position}); correct it and send it again."


class IdempotencyKeyMissing(Malformed):
    """C2."""

    code = "IDEMPOTENCY_KEY_MISSING"
    zh = "缺少 Idempotency-Key 请求头；请为每次操作生成一个唯一值，重试时沿用该值。"
    en = "The header Idempotency-Key is missing; make a unique value for each operation, keep it for retries."


class IdempotencyKeyInvalid(Malformed):
    """C2."""

    code = "IDEMPOTENCY_KEY_INVALID"
    zh = "Idempotency-Key 必须只出现一次，且为 1 到 128 个可见 ASCII 字符；请改用 UUID。"
    en = "Idempotency-Key must appear once, as 1 to 128 visible ASCII characters; use a UUID."


class IdempotencyKeyReused(Invalid):
    """C2: the key belongs to another request."""

    code = "IDEMPOTENCY_KEY_REUSED"
    zh = "该 Idempotency-Key 已用于内容不同的请求；请为新的操作生成新的值。"
    en = "This Idempotency-Key was used with another content; make a new value for a new operation."


class RequestInProgress(Conflict):
    """C2: the first request with this key has not ended yet."""

    code = "REQUEST_IN_PROGRESS"
    zh = "使用同一 Idempotency-Key 的请求仍在处理；请稍后用同一值重试。"
    en = "A request with the same Idempotency-Key is still running; try again shortly with the same value."


class IfMatchInvalid(Malformed):
    """C1."""

    code = "IF_MATCH_INVALID"
    zh = 'If-Match 必须是一个带双引号的版本号，例如 "3"；请使用读取对象时返回的 ETag。'
    en = 'If-Match must be one version in double quotes, such as "3"; use the ETag that came with the object.'


class IfMatchMissing(PreconditionRequired):
    """C1."""

    code = "PRECONDITION_REQUIRED"
    zh = "修改已有对象须带 If-Match 请求头；请先读取对象，并使用返回的 ETag。"
    en = "A change needs If-Match; read the object first and use the ETag that comes with it."


class LostRace(StaleVersion):
    """C1: another transaction changed the object while this one was deciding."""

    zh = "对象刚刚被他人修改；请重新读取后再提交。"
    en = "Somebody changed the object a moment ago; read it again, then repeat the change."


class CursorInvalid(Malformed):
    """C3."""

    code = "CURSOR_INVALID"
    zh = "cursor 无效；请使用上一页返回的 next_cursor，或不带 cursor 从第一页开始。"
    en = "The cursor is not valid; use next_cursor of the page before, or start without one."


class TokenMissing(Unauthenticated):
    """No bearer token where one is needed."""

    code = "TOKEN_MISSING"
    zh = "该操作需要登录；请在 Authorization 请求头中携带 Bearer 令牌。"
    en = "This operation needs a token; send it as Bearer in the header Authorization."


class TokenInvalid(Unauthenticated):
    """The token is not one of ours, or no longer; the reason goes to the log, not to the caller."""

    code = "TOKEN_INVALID"
    zh = "令牌无效或已过期；请重新获取令牌。"
    en = "The token is not valid or has expired; get a new one."


class KeysUnavailable(Unavailable):
    """The issuer cannot be reached and none of its keys are known."""

    code = "IDENTITY_UNAVAILABLE"
    zh = "暂时无法核验令牌；请稍后重试。"
    en = "Tokens cannot be verified at the moment; try again shortly."


class ActionForbidden(Forbidden):
    """The caller's roles do not include this action."""

    code = "ACTION_FORBIDDEN"
    zh = "您的岗位无权执行该操作（{action}）；如有需要请联系网点负责人。"
    en = "Your roles do not allow this operation ({action}); ask the head of the outlet if you need it."


class RouteNotFound(NotFound):
    """No such path."""

    code = "ROUTE_NOT_FOUND"
    zh = "没有该接口；请核对请求路径。"
    en = "There is no such path; check it against the API description."


class MethodNotAllowed(ServiceError):
    """The path exists, the method does not."""

    status = 405
    code = "METHOD_NOT_ALLOWED"
    zh = "该路径不支持此请求方法；请按 Allow 响应头选用。"
    en = "This path does not take the method; use one of those in the header Allow."


class BodyTooLarge(TooLarge):
    """API4."""

    code = "BODY_TOO_LARGE"
    zh = "请求体超过 {limit} 字节；请缩短内容后重试。"
    en = "The body is larger than {limit} bytes; shorten it and try again."


class MediaTypeUnsupported(Unsupported):
    """The body's content type is not taken here."""

    code = "MEDIA_TYPE_UNSUPPORTED"
    zh = "不支持该内容类型；请使用 Content-Type: {taken}。"
    en = "This content type is not taken; use Content-Type: {taken}."


class PayloadInvalid(Invalid):
    """Fields of the request break its schema; ``errors`` names each."""

    code = "PAYLOAD_INVALID"
    zh = "请求内容有 {count} 处不符合要求；请按 errors 逐项更正。"
    en = "The request breaks its schema in {count} places; correct each one named in errors."


class C3DataRejected(Invalid):
    """PRI-08: a field that would hold a password, a code, a card's secret or a biometric template."""

    code = "C3_DATA_REJECTED"
    zh = "本系统不接收密码、验证码、卡片验证信息或生物识别凭证；请从请求中删除该字段，且勿再次发送。"
    en = "Passwords, codes, card secrets and biometric credentials are not taken; remove the field for good."


class TextInvalid(Invalid):
    """A text holds a character that cannot be stored."""

    code = "TEXT_INVALID"
    zh = "文本中含有无法保存的字符（如 NUL）；请删除后重新提交。"
    en = "A text holds a character that cannot be stored (such as NUL); remove it and send the request again."


class AlreadyExists(Conflict):
    """A unique rule of the database was broken, mostly by somebody faster."""

    code = "ALREADY_EXISTS"
    zh = "已存在相同的对象；请先查询，再决定是否修改。"
    en = "The same object exists already; look it up before you change it."


class ObjectBusy(Unavailable):
    """A row stayed locked, or the transaction lost against another; nothing was changed."""

    code = "OBJECT_BUSY"
    zh = "对象正被他人操作，本次未作任何修改；请稍后重试。"
    en = "Others are at work on the object and nothing was changed; try again shortly."


class ServiceUnavailable(Unavailable):
    """The database does not answer."""

    code = "UNAVAILABLE"
    zh = "服务暂时不可用；请稍后用同一 Idempotency-Key 重试。"
    en = "The service is not available at the moment; try again shortly with the same Idempotency-Key."


class StorageFull(Unavailable):
    """The database's disk, or the evidence store's, has no room; nothing was kept."""

    code = "STORAGE_FULL"
    zh = "存储空间不足，本次未保存任何内容；请联系管理员清理空间，稍后用同一 Idempotency-Key 重试。"
    en = "No room is left and nothing was kept; tell the operator, try again with the same Idempotency-Key."


class RequestTimeout(Unavailable):
    """The request took longer than its bound."""

    code = "REQUEST_TIMEOUT"
    zh = "请求处理超时；请稍后用同一 Idempotency-Key 重试。"
    en = "The request took too long; try again shortly with the same Idempotency-Key."


class ServiceBusy(Unavailable):
    """API4: more is being worked on already than the process takes at once."""

    code = "SERVICE_BUSY"
    zh = "服务正忙，本次请求未处理；请稍后用同一 Idempotency-Key 重试。"
    en = "The service is busy and did nothing of this; try again shortly with the same Idempotency-Key."


class TooManyRequests(Limited):
    """API4, API6."""

    code = "TOO_MANY_REQUESTS"
    zh = "请求过于频繁；请在 {retry_after_seconds} 秒后重试。"
    en = "Too many requests; try again after {retry_after_seconds} seconds."


class RefusedByFramework(ServiceError):
    """A status of the framework that has no name of its own here."""

    code = "REQUEST_REFUSED"
    zh = "请求被拒绝（状态 {given}）；请核对接口说明。"
    en = "The request was refused (status {given}); check it against the API description."
