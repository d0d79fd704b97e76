"""What belongs to the request being answered: its id and the language of its caller."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from chassis.ids import new_id

CHINESE, ENGLISH = "zh-CN", "en"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LANGUAGES_MAX = 20


@dataclass(slots=True)
class Call:
    """The request being answered: ``accept_language`` is the raw header, ``code`` how it was refused."""

    request_id: str
    accept_language: str = ""
    code: str | None = None

    @property
    def language(self) -> str:
        """``zh-CN`` or ``en``."""
        return language(self.accept_language)


_call: ContextVar[Call | None] = ContextVar("call", default=None)

enter = _call.set
leave = _call.reset


def current() -> Call:
    """The request being answered; outside of one, a call of its own, in Chinese."""
    return _call.get() or Call(request_id())


@contextmanager
def answering(one: Call) -> Iterator[None]:
    """What is inside answers this request, wherever it runs."""
    entered = enter(one)
    try:
        yield
    finally:
        leave(entered)


def request_id(given: str = "") -> str:
    """The caller's ``X-Request-Id`` if it is 1–64 characters of ``[A-Za-z0-9._-]``, else a new UUIDv7."""
    return given if _REQUEST_ID.fullmatch(given) else str(new_id())


@lru_cache(maxsize=256)
def language(accept_language: str) -> str:
    """E1: the language for an ``Accept-Language`` header: zh or en, the first by weight; else zh-CN."""
    wanted: list[tuple[float, str]] = []
    for item in accept_language[:200].split(",")[:_LANGUAGES_MAX]:
        tag, _, parameters = item.strip().partition(";")
        primary = tag.strip().partition("-")[0].lower()
        weight = _weight(parameters)
        if primary in ("zh", "en") and weight > 0:
            wanted.append((weight, primary))
    if not wanted:
        return CHINESE
    best = max(weight for weight, _ in wanted)
    return ENGLISH if next(tag for weight, tag in wanted if weight == best) == "en" else CHINESE


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
