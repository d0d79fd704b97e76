"""Named errors by kind, each with its stable code and its wording in Chinese and English (E1).

ServiceError
├── Malformed            400  the request cannot be read
├── Unauthenticated      401  no valid token
├── Forbidden            403  the role does not allow it
├── NotFound             404  not there, or not for the caller's eyes
├── Conflict             409  the state does not allow it
├── Stale                412  the version named is not the present one
├── TooLarge             413  over a limit of size
├── Unsupported          415  a media type that is not taken
├── Invalid              422  the payload breaks a rule
├── PreconditionRequired 428  a required precondition is missing
├── Limited              429  over a limit of number
└── Unavailable          503  try again later

Domain code raises subclasses with a ``code``; the edge alone knows the status. A refusal that is itself a
record is returned with its :class:`Violation` values, never raised (T1); its code and words are those of a
:class:`RecordedRefusal`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

CATALOGUE: dict[str, type["ServiceError"]] = {}


@dataclass(frozen=True)
class Fault:
    """One field at fault: its JSON pointer, a stable code, the wording by language tag."""

    pointer: str
    code: str
    messages: dict[str, str]


class ServiceError(Exception):
    """Base of every error that a caller may see.

    ``zh`` and ``en`` say what happened and what to do; both are filled with the keyword arguments of the
    error. ``pointer`` is the JSON pointer of the field at fault, where there is one.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL"
    zh: ClassVar[str] = "服务内部出错；请稍后重试，并附请求编号报告管理员。"
    en: ClassVar[str] = "The service failed; try again later and report the request id to the operator."

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            return
        known = CATALOGUE.get(cls.code)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"error code {cls.code} is taken by {known.__qualname__}")
        CATALOGUE[cls.code] = cls

    def __init__(self, *, pointer: str | None = None, **details: object) -> None:
        self.pointer = pointer
        self.details = details
        super().__init__(self.messages["en"])

    @property
    def faults(self) -> tuple["Fault", ...]:
        """The fields at fault, none where no field is."""
        return () if self.pointer is None else (Fault(self.pointer, self.code, self.messages),)

    @property
    def messages(self) -> dict[str, str]:
        """The wording by language tag, ``zh-CN`` and ``en``."""
        return {"zh-CN": self.zh.format(**self.details), "en": self.en.format(**self.details)}


class Malformed(ServiceError):
    """The request cannot be read."""

    status = 400


class Unauthenticated(ServiceError):
    """No valid token."""

    status = 401


class Forbidden(ServiceError):
    """The role does not allow it."""

    status = 403


class NotFound(ServiceError):
    """Not there, or not for the caller's eyes."""

    status = 404


class Conflict(ServiceError):
    """The state does not allow it."""

    status = 409


class Stale(ServiceError):
    """The version that the caller named is not the present one."""

    status = 412


class TooLarge(ServiceError):
    """Over a limit of size."""

    status = 413


class Unsupported(ServiceError):
    """A media type that is not taken."""

    status = 415


class Invalid(ServiceError):
    """The payload breaks a rule."""

    status = 422


class ManyFaults(Invalid):
    """Several fields are at fault at once; all of them are shown."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(count=len(faults))
        self._faults = tuple(faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The fields at fault."""
        return self._faults


class PreconditionRequired(ServiceError):
    """A required precondition is missing."""

    status = 428


class Limited(ServiceError):
    """Over a limit of number."""

    status = 429


class Unavailable(ServiceError):
    """Try again later."""

    status = 503


class ObjectNotFound(NotFound):
    """The general 404, also the answer for an object of a foreign outlet."""

    code = "NOT_FOUND"
    zh = "没有找到该对象；请核对编号和所属网点。"
    en = "There is no such object; check the id and the outlet it belongs to."


class StaleVersion(Stale):
    """C1: somebody changed the object since the caller read it."""

    code = "VERSION_STALE"
    zh = "对象已更新至版本 {current}；请重新读取后再提交。"
    en = "The object is at version {current} by now; read it again, then repeat the change."


class RecordedRefusal(Invalid):
    """T1: a refusal that is itself a record. Its class is answered with what was recorded, never raised."""


@dataclass(frozen=True)
class Violation:
    """One broken rule in a recorded refusal: rule id, stable code, citation, wording by language tag."""

    rule: str
    code: str
    citation: str
    messages: dict[str, str]


def check_version(current: int, expected: int) -> None:
    """C1: raises :class:`StaleVersion` unless the caller's ``expected`` version is the ``current`` one."""
    if current != expected:
        raise StaleVersion(current=current)
