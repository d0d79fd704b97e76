"""Who is calling: the principal of a verified token, the policy function, the declared action of a route."""

from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Action:
    """What a route does, in the words of ``access.py``."""

    name: str
    public: bool = field(default=False)
    #: C2: whether a repeated request must be recognised by its ``Idempotency-Key``.
    idempotent: bool = field(default=True)


def action(name: str, *, public: bool = False, idempotent: bool = True) -> Callable[[Endpoint], Endpoint]:
    """Declares the action of an endpoint. A route without one stops the service at start-up.

    ``public``: no token needed (product query). ``idempotent=False``: a POST that needs no ``Idempotency-Key``
    because it has its own offsets (tus) or changes nothing (dry run).
    """

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, ACTION_ATTRIBUTE, Action(name, public, idempotent))
        return endpoint

    return declare
