"""The function behind the list of what a post's holder must not do: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail

PROHIBITED = "ACTION_PROHIBITED"


@dataclass(frozen=True, kw_only=True)
class ActionFacts:
    """Somebody of a post is about to do something, or has done it."""

    post: str
    action: str


@dataclass(frozen=True, kw_only=True)
class Prohibitions:
    """M022: the actions that are prohibited, by post."""

    posts: Mapping[str, tuple[str, ...]]


def permitted(facts: ActionFacts, parameters: Prohibitions) -> Verdict:
    """M022: the action is not on the list of the post."""
    return (
        fail(PROHIBITED, action=[facts.action])
        if facts.action in parameters.posts.get(facts.post, ())
        else PASS
    )


_CHECKS: tuple[Check[ActionFacts], ...] = (
    PureCheck(
        "conduct.permitted.v1", dict.fromkeys(codes_of(PROHIBITED), ("action",)), Prohibitions, permitted
    ),
)

PROHIBITION_CHECKS: Mapping[str, Check[ActionFacts]] = {check.name: check for check in _CHECKS}
