"""The function behind the rule about what is recommended to a customer: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail
from compliance.rulebook.facts import ProductKind
from compliance.rulebook.suitability_rules import GradedKinds

OVER_RISK = "OVER_RISK_RECOMMENDATION"


@dataclass(frozen=True, kw_only=True)
class RecommendedFacts:
    """One product that is recommended; ``level`` is the higher of issuer's and bank's, None: ungraded."""

    code: str
    kind: ProductKind
    level: int | None


@dataclass(frozen=True, kw_only=True)
class RecommendationFacts:
    """What is recommended together; ``level`` of the customer, None: he has none that counts at present."""

    level: int | None
    products: tuple[RecommendedFacts, ...]


def within_level(facts: RecommendationFacts, parameters: GradedKinds) -> Verdict:
    """SUI-08: no product is above the customer's level; what carries none is of a kind that needs none."""
    graded = [one for one in facts.products if one.level is not None or one.kind in parameters.graded]
    if not graded:
        return PASS
    if facts.level is None:
        return fail(OVER_RISK, "customer", products=[one.code for one in graded])
    if ungraded := [one.code for one in graded if one.level is None]:
        return fail(OVER_RISK, "ungraded", products=ungraded)
    above = [one.code for one in graded if one.level is not None and one.level > facts.level]
    return fail(OVER_RISK, "above", products=above, level=[f"C{facts.level}"]) if above else PASS


_CHECKS: tuple[Check[RecommendationFacts], ...] = (
    PureCheck(
        "recommendation.within_level.v1",
        codes_of(OVER_RISK, customer=("products",), ungraded=("products",), above=("products", "level")),
        GradedKinds,
        within_level,
    ),
)

RECOMMENDATION_CHECKS: Mapping[str, Check[RecommendationFacts]] = {check.name: check for check in _CHECKS}
