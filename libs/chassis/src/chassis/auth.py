"""Who is calling: the principal of a verified token, the policy function, the declared action of a route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeVar
from uuid import UUID

ALL_OUTLETS: Literal["*"] = "*"

ACTION_ATTRIBUTE = "__wangdian_action__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Verdict(StrEnum):
    """What the policy says: do it, say 403, or say 404 (the object is not for the caller's eyes)."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Principal:
    """The subject of a verified token: roles say what, outlets say where (`*` = everywhere)."""

    subject: str
    roles: frozenset[str]
    outlets: frozenset[str]
    device_id: str | None = None
    acr: str | None = None

    def sees(self, outlet_id: UUID | str) -> bool:
        """Whether the outlet is among the caller's."""
        return ALL_OUTLETS in self.outlets or str(outlet_id) in self.outlets


@dataclass(frozen=True)
class Resource:
    """What an action is about: the outlet it belongs to, and the subject who owns it, where there is one."""

    outlet_id: UUID | None = None
    owner: str | None = None


#: ``allow(principal, action, resource)``: pure; with ``resource=None`` it judges the role alone.
Access = Callable[[Principal, str, Resource | None], Verdict]


@dataclass(frozen=True, kw_only=True)
class Action:
    """What a route does, in the words of ``access.py``, and the bounds it keeps."""

    name: str
    public: bool = False
    #: C2: whether a repeated request must be recognised by its ``Idempotency-Key``.
    idempotent: bool = True
    #: C2: the endpoint claims the key in its own statement and commits by itself (several requests share a
    #: commit).
    grouped: bool = False
    #: Answers several requests in one commit, in front of the endpoint, or leaves a request to it (None).
    ahead: Callable[..., Awaitable[Any]] | None = None
    #: Content types taken; a body of another is 415.
    media_types: frozenset[str] = frozenset({"application/json"})
    #: Largest body in bytes and longest request in seconds, where the service's settings do not fit.
    body_bytes_max: int | None = None
    seconds_max: float | None = None

    @property
    def is_direct(self) -> bool:
        """Whether requests are answered, or looked at first, in front of the framework's layers."""
        return self.grouped or self.ahead is not None


def action(
    name: str,
    *,
    public: bool = False,
    idempotent: bool = True,
    grouped: bool = False,
    ahead: Callable[..., Awaitable[Any]] | None = None,
    media_types: frozenset[str] = frozenset({"application/json"}),
    body_bytes_max: int | None = None,
    seconds_max: float | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Declares the action of an endpoint. A route without one stops the service at start-up.

    ``public``: no token needed (product query). ``idempotent=False``: a POST that needs no
    ``Idempotency-Key`` because it has its own offsets (tus) or changes nothing (dry run). ``grouped``: the
    key is checked and handed over as ``request.state.idempotency``, the endpoint claims it and commits by
    itself. ``ahead``: the same of a function that is asked first; where it answers None, nothing has happened
    and the endpoint is. The rest are bounds of the request. Raises ``TypeError`` for ``ahead`` without a key.
    """
    if ahead is not None and (grouped or not idempotent):
        raise TypeError(f"{name}: what stands ahead claims keys, and leaves them to an endpoint that does")
    declared = Action(
        name=name,
        public=public,
        idempotent=idempotent,
        grouped=grouped,
        ahead=ahead,
        media_types=media_types,
        body_bytes_max=body_bytes_max,
        seconds_max=seconds_max,
    )

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, ACTION_ATTRIBUTE, declared)
        return endpoint

    return declare
