"""The function behind the rule about offers of several things together: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail

TYING = "TYING_FORBIDDEN"


@dataclass(frozen=True, kw_only=True)
class PartFacts:
    """One part of an offer, by its code, and whether the customer must take it to get the others."""

    code: str
    mandatory: bool


@dataclass(frozen=True, kw_only=True)
class OfferFacts:
    """Products and services that are about to be offered together."""

    parts: tuple[PartFacts, ...]


def untied(facts: OfferFacts, parameters: NoParameters) -> Verdict:
    """SAL-06: every part is the customer's to take or to leave."""
    tied = [part.code for part in facts.parts if part.mandatory]
    return fail(TYING, parts=tied) if tied else PASS


_CHECKS: tuple[Check[OfferFacts], ...] = (
    PureCheck("offer.untied.v1", dict.fromkeys(codes_of(TYING), ("parts",)), NoParameters, untied),
)

OFFER_CHECKS: Mapping[str, Check[OfferFacts]] = {check.name: check for check in _CHECKS}
