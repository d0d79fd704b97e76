"""The function behind the rule about names of products: pure, typed, named with a version."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict

BANNED = "PRODUCT_NAME_BANNED_TERM"


class Flaw(StrEnum):
    """What a wording does that a name must not do."""

    ENTICING = "enticing"
    MISLEADING = "misleading"
    DISPUTED = "disputed"


@dataclass(frozen=True, kw_only=True)
class NameFacts:
    """A name that a product is about to bear."""

    name: str


@dataclass(frozen=True, kw_only=True)
class BannedTerm:
    """A wording, what is wrong with it, and longer words in which it means nothing."""

    term: str
    flaw: Flaw
    unless: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BannedTerms:
    """PRD-04: the list of wordings, as it stood from the rule's first day on."""

    terms: tuple[BannedTerm, ...]


def folded(text: str) -> str:
    """Letters and digits alone, in one width and case: what stands between them hides no wording."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if unicodedata.category(one)[0] in "LN" or one == "%")


def stands_in(text: str, term: str, unless: Iterable[str]) -> bool:
    """Whether the wording stands in the text otherwise than inside one of the longer words ``unless``."""
    rest = folded(text)
    for harmless in unless:
        rest = rest.replace(folded(harmless), "\0")
    return folded(term) in rest


def banned_terms(name: str, listed: BannedTerms) -> list[BannedTerm]:
    """PRD-04: the wordings of the list that stand in the name, in the order of the list."""
    return [banned for banned in listed.terms if stands_in(name, banned.term, banned.unless)]


def name_sober(facts: NameFacts, parameters: BannedTerms) -> Verdict:
    """PRD-04: the name neither entices, misleads nor invites dispute."""
    found = banned_terms(facts.name, parameters)
    if not found:
        return PASS
    return Verdict(
        tuple(Finding(code=BANNED, reason=one.flaw.value, details={"term": (one.term,)}) for one in found)
    )


_CHECKS: tuple[Check[NameFacts], ...] = (
    PureCheck(
        "product.name_sober.v1",
        {BANNED: ("term",)} | {f"{BANNED}/{flaw}": ("term",) for flaw in Flaw},
        BannedTerms,
        name_sober,
    ),
)

NAME_CHECKS: Mapping[str, Check[NameFacts]] = {check.name: check for check in _CHECKS}
