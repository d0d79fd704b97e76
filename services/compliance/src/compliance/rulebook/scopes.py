"""The function behind the rule about what zone and recording hold for: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, fail
from compliance.rulebook.facts import ProductKind

NOT_ALLOWED = "SCOPE_EXCLUSION_NOT_ALLOWED"


@dataclass(frozen=True, kw_only=True)
class ScopeFacts:
    """The kinds of products that the bank is about to leave out."""

    excluded: tuple[ProductKind, ...]


@dataclass(frozen=True, kw_only=True)
class Exclusions:
    """ZON-07: the kinds that the bank may leave out by its own decision."""

    may_exclude: tuple[ProductKind, ...]


def exclusions_allowed(facts: ScopeFacts, parameters: Exclusions) -> Verdict:
    """ZON-07: nothing but these kinds is left out."""
    others = [kind.value for kind in facts.excluded if kind not in parameters.may_exclude]
    return fail(NOT_ALLOWED, kinds=others) if others else PASS


_CHECKS: tuple[Check[ScopeFacts], ...] = (
    PureCheck("sales_scope.exclusions.v1", {NOT_ALLOWED: ("kinds",)}, Exclusions, exclusions_allowed),
)

SCOPE_CHECKS: Mapping[str, Check[ScopeFacts]] = {check.name: check for check in _CHECKS}
