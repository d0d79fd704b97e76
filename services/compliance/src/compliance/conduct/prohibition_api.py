"""The list of what the head of an outlet must not do, asked for one action (M022)."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import Query

from chassis.auth import action as permission
from chassis.http.routing import Now, Output, routes
from compliance.periods.domain import legal_date
from compliance.rulebook.prohibitions import ActionFacts
from compliance.rulebook.registers import prohibitions

router = routes("/v1/prohibitions", "conduct")


class ProhibitedPost(StrEnum):
    """Posts with a list of prohibitions."""

    OUTLET_HEAD = "OUTLET_HEAD"


class ProhibitionView(Output):
    """What stands against an action: rule, source, wording."""

    rule: str
    code: str
    citation: str
    messages: dict[str, str]


class PermissionView(Output):
    """Whether the post may do it; every prohibition that stands against it."""

    allowed: bool
    on: date
    violations: list[ProhibitionView]


@router.get("")
@permission("prohibition.check")
async def check_prohibition(
    clock: Now,
    post: ProhibitedPost,
    action: Annotated[str, Query(pattern=r"^[A-Z][A-Z_]{0,63}$")],
    on: date | None = None,
) -> PermissionView:
    """Ask whether the holder of a post may do something, by the list of a legal day (today)."""
    day = on or legal_date(clock.now())
    found = prohibitions(ActionFacts(post=post.value, action=action), day)
    return PermissionView(
        allowed=not found, on=day, violations=[ProhibitionView.model_validate(one) for one in found]
    )
