"""Rules that are to come, judged beside a decision on the same facts: they refuse nothing, they only tell.

What they say is no part of the decision, neither of its outcomes nor of its digest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from compliance.evidence.domain import Plain, not_known_then
from compliance.rulebook.decisions import Facts, unconfirmed
from compliance.rulebook.domain import Check, Rule, RuleRelease, Subject, Verdict

G = TypeVar("G", bound=Facts)

#: How long before its first day a rule is tried on what is sold.
AHEAD_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a rule that is to come says of facts of today.

    ``unknown``: only facts were missing that were not kept yet when the facts were stored, so that it says
    nothing about the sale.
    """

    rule: Rule
    verdict: Verdict
    unknown: bool


def coming(release: RuleRelease, on: date) -> tuple[Rule, ...]:
    """The rules of a sale that begin after the legal day ``on`` and within the days ahead, by id."""
    until = on + timedelta(days=AHEAD_DAYS)
    return tuple(
        rule for rule in release.rules if rule.subject is Subject.SALE and on < rule.effective_from <= until
    )


def foresee(
    release: RuleRelease,
    rules: Iterable[Rule],
    checks: Mapping[str, Check[G]],
    facts: G,
    *,
    inputs: Mapping[str, Plain] | None = None,
) -> list[Foreseen]:
    """What each rule that concerns the product's kind would say; ``inputs``: what the facts were read from.

    A rule that the matrix of its first day does not ask of this transaction says nothing. An unconfirmed rule
    would fail, as at the gate.
    """
    absent = frozenset() if inputs is None else not_known_then(type(facts), inputs)
    found = []
    for rule in rules:
        spared = release.not_asked(rule.id, facts.transaction_kind, rule.effective_from)
        if spared is None and rule.concerns(facts.product_kind):
            verdict = checks[rule.function].judge(facts, rule.parameters)
            missing = [finding.missing for finding in verdict.findings]
            unknown = bool(missing) and all(_all_absent(paths, absent) for paths in missing)
            if not rule.confirmed:
                verdict, unknown = Verdict((*verdict.findings, unconfirmed(rule))), False
            found.append(Foreseen(rule=rule, verdict=verdict, unknown=unknown))
    return found


def _all_absent(paths: tuple[str, ...], absent: frozenset[str]) -> bool:
    return bool(paths) and all(
        any(path == one or path.startswith(f"{one}.") for one in absent) for path in paths
    )
