"""E1: what is wrong with a field, in Chinese and in English, by the kind of pydantic's error."""

from collections.abc import Mapping, Sequence
from typing import Any

#: Kind of pydantic's error: (Chinese, English), filled with the error's context.
WORDING: dict[str, tuple[str, str]] = {
    "missing": ("缺少该字段；请补充。", "The field is missing; add it."),
    "extra_forbidden": ("不认识该字段；请删除。", "There is no such field; remove it."),
    "unknown_parameter": (
        "不认识该查询参数；请删除或更正。",
        "There is no such query parameter; remove or correct it.",
    ),
    "none_required": ("该字段必须为空；请删除其值。", "The field must be null; remove its value."),
    "string_type": ("应为字符串。", "Give a string."),
    "string_unicode": ("应为有效的 Unicode 文本。", "Give valid Unicode text."),
    "string_too_short": ("至少需要 {min_length} 个字符。", "Give at least {min_length} characters."),
    "string_too_long": ("最多允许 {max_length} 个字符。", "Give at most {max_length} characters."),
    "string_pattern_mismatch": ("格式应符合 {pattern}。", "The text must match {pattern}."),
    "int_type": ("应为整数。", "Give an integer."),
    "int_parsing": ("应为整数。", "Give an integer."),
    "int_from_float": ("应为整数，不能带小数。", "Give an integer without a fraction."),
    "int_parsing_size": ("数字过大；请改小。", "The number is too large; make it smaller."),
    "bool_type": ("应为 true 或 false。", "Give true or false."),
    "bool_parsing": ("应为 true 或 false。", "Give true or false."),
    "float_type": ("应为数字。", "Give a number."),
    "float_parsing": ("应为数字。", "Give a number."),
    "decimal_type": ("应为十进制数。", "Give a decimal number."),
    "decimal_parsing": ("应为十进制数。", "Give a decimal number."),
    "decimal_max_digits": ("最多允许 {max_digits} 位数字。", "Give at most {max_digits} digits."),
    "decimal_max_places": (
        "最多允许 {decimal_places} 位小数。",
        "Give at most {decimal_places} decimal places.",
    ),
    "finite_number": ("应为有限的数字。", "Give a finite number."),
    "greater_than": ("应大于 {gt}。", "Give a value greater than {gt}."),
    "greater_than_equal": ("应不小于 {ge}。", "Give {ge} or more."),
    "less_than": ("应小于 {lt}。", "Give a value less than {lt}."),
    "less_than_equal": ("应不大于 {le}。", "Give {le} or less."),
    "multiple_of": ("应为 {multiple_of} 的倍数。", "Give a multiple of {multiple_of}."),
    "uuid_type": ("应为 UUID。", "Give a UUID."),
    "uuid_parsing": ("应为 UUID。", "Give a UUID."),
    "uuid_version": ("应为第 {expected_version} 版 UUID。", "Give a UUID of version {expected_version}."),
    "enum": ("应为下列值之一：{expected}。", "Give one of {expected}."),
    "literal_error": ("应为下列值之一：{expected}。", "Give one of {expected}."),
    "union_tag_invalid": (
        "{discriminator} 应为下列值之一：{expected_tags}。",
        "{discriminator} must be one of {expected_tags}.",
    ),
    "union_tag_not_found": ("缺少 {discriminator}；请补充。", "{discriminator} is missing; add it."),
    "datetime_type": (
        "应为带时区的 RFC 3339 时刻，例如 2026-03-02T09:00:00+08:00。",
        "Give an RFC 3339 instant with its offset.",
    ),
    "datetime_parsing": (
        "应为带时区的 RFC 3339 时刻，例如 2026-03-02T09:00:00+08:00。",
        "Give an RFC 3339 instant with its offset.",
    ),
    "datetime_from_date_parsing": (
        "应为带时区的 RFC 3339 时刻。",
        "Give an RFC 3339 instant with its offset.",
    ),
    "datetime_object_invalid": ("应为有效的时刻。", "Give a valid instant."),
    "timezone_aware": ("时刻须带时区，例如 +08:00。", "Add the offset to the instant, such as +08:00."),
    "date_type": ("应为日期，例如 2026-03-02。", "Give a date such as 2026-03-02."),
    "date_parsing": ("应为日期，例如 2026-03-02。", "Give a date such as 2026-03-02."),
    "date_from_datetime_parsing": ("应为日期，例如 2026-03-02。", "Give a date such as 2026-03-02."),
    "date_from_datetime_inexact": ("应为不带时间的日期。", "Give a date without a time."),
    "date_past": ("应为过去的日期。", "Give a date in the past."),
    "date_future": ("应为将来的日期。", "Give a date in the future."),
    "time_type": ("应为时间，例如 09:00。", "Give a time such as 09:00."),
    "time_parsing": ("应为时间，例如 09:00。", "Give a time such as 09:00."),
    "list_type": ("应为数组。", "Give an array."),
    "tuple_type": ("应为数组。", "Give an array."),
    "set_type": ("应为数组。", "Give an array."),
    "frozen_set_type": ("应为数组。", "Give an array."),
    "dict_type": ("应为对象。", "Give an object."),
    "model_type": ("应为对象。", "Give an object."),
    "model_attributes_type": ("应为对象。", "Give an object."),
    "dataclass_type": ("应为对象。", "Give an object."),
    "too_short": (
        "至少需要 {min_length} 项，现有 {actual_length} 项。",
        "Give at least {min_length} items, not {actual_length}.",
    ),
    "too_long": (
        "最多允许 {max_length} 项，现有 {actual_length} 项。",
        "Give at most {max_length} items, not {actual_length}.",
    ),
    "url_parsing": ("应为有效的网址。", "Give a valid URL."),
    "url_scheme": ("网址的协议不在允许之列。", "The scheme of the URL is not allowed."),
    "bytes_too_long": ("最多允许 {max_length} 字节。", "Give at most {max_length} bytes."),
}
FIELD_ERRORS_MAX = 50
PLACES = {"body", "query", "path", "header", "cookie"}


class _Context(dict[str, Any]):
    """What pydantic says about an error; what it leaves out stays blank."""

    def __missing__(self, name: str) -> str:
        return ""


def field_error(error: Mapping[str, Any], body: object) -> dict[str, Any]:
    """One entry of ``errors``: where (``in`` and JSON ``pointer``), which kind, both wordings; no value.

    A validator of our own may raise ``PydanticCustomError(kind, english, {"zh": chinese})``.
    """
    location = [part for part in error["loc"] if part != ""]
    place = location.pop(0) if location and location[0] in PLACES else "body"
    steps = present_steps(location, body) if place == "body" else location
    chinese, english = words(error)
    return {
        "pointer": "".join(f"/{escaped(step)}" for step in steps),
        "in": place,
        "code": str(error["type"]).upper(),
        "messages": {"zh-CN": chinese, "en": english},
    }


def words(error: Mapping[str, Any]) -> tuple[str, str]:
    """Chinese and English for one error of pydantic."""
    context = _Context(error.get("ctx") or {})
    chinese = context.get("zh")
    if isinstance(chinese, str):
        return chinese, str(error["msg"])
    known = WORDING.get(error["type"])
    if known is None:
        return "该字段的值不符合要求；请更正。", f"{error['msg']}."
    return known[0].format_map(context), known[1].format_map(context)


def present_steps(location: Sequence[Any], body: object) -> list[Any]:
    """The steps of ``location`` that lead through ``body``.

    Pydantic also names the chosen member of a union, which is no step of the document; the last step may be
    missing from it.
    """
    steps: list[Any] = []
    here: Any = body
    for index, step in enumerate(location):
        if (isinstance(here, dict) and step in here) or _is_place(here, step):
            here = here[step]
        elif index < len(location) - 1 or not isinstance(here, dict):
            continue
        steps.append(step)
    return steps


def _is_place(here: object, step: object) -> bool:
    return isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here)


def escaped(step: object) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")
