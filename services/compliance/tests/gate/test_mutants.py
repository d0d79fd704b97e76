"""A turned comparison, a dropped fact or a shifted day in any rule of the gate is noticed.

Noticed means: for some sale the rule comes out otherwise than in the second reading, or it says something
else than it has to. The table of all mutants is printed (``make oracle`` shows it).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import attrgetter

import pytest

from compliance.evidence.domain import to_plain
from compliance.periods.domain import legal_date, start_of
from compliance.rulebook.domain import STOPPING, Rule
from compliance.rulebook.facts import ProductFacts
from services.compliance.tests.gate.borders import BORDERS
from services.compliance.tests.gate.cases import FIRST_DAY, Case
from services.compliance.tests.gate.changes import Change, at, together
from services.compliance.tests.gate.mutants import Mutant, entries, mutants
from services.compliance.tests.gate.readings import again, first, said, unsatisfied
from services.compliance.tests.gate.wordings import SAID
from services.compliance.tests.unit.builders import SALE, rulebook

SHARED = "the list is that of other rules too; this one is about WEALTH alone"

NO_KIND = "what has no kind is a subscription, of which it is not asked"

#: What nobody can notice, and why.
EQUIVALENT: Mapping[str, str] = {
    "agency_rules.wanted: bool(self.senior_offerings) and product.offering in {None, *self.senior_offerings}"
    " -> product.offering in {None, *self.senior_offerings}": "the entry that ended 2025-10-01 names none",
    "agency_rules.wanted: least is not None and level is not None and (level >= least)"
    " -> level is not None and level >= least": "the entry that ended 2025-10-01 names none",
    "footage_rules._changes: kind in then and then[kind] != now -> kind in then": "no part of it differs",
    "insurance_rules.premium_declared: customer is None -> False": "nobody without means comes so far",
    "product_rules.product_graded: n is None or not parameters.lowest <= n <= parameters.highest"
    " -> not parameters.lowest <= n <= parameters.highest": "no level without a number comes so far",
    "INT-TRAINING sale.presenters_trained.v1: product_kinds: every": "its rows name no other kind",
    "SAL-10 sale.seller_trained.v1: product_kinds: every": "its rows name no other kind",
    "SUI-16 sale.high_risk_at_outlet.v1: graded: without FUND": SHARED,
    "SUI-16 sale.high_risk_at_outlet.v1: graded: without SECURITIES": SHARED,
    "SUI-16 sale.high_risk_at_outlet.v1: graded: without TRUST": SHARED,
    "SUI-16 sale.high_risk_at_outlet.v1: graded: without INVESTMENT_INSURANCE": SHARED,
    "SUI-17 sale.investor_qualified.v1: public_minor: 1000000 -> 999999": "what is public has passed before",
    "SUI-17 sale.investor_qualified.v1: public_minor: 1000000 -> 1000001": "what is public has passed before",
    **{
        f"transaction_rules.{function}: facts.transaction is None -> False": NO_KIND
        for function in (
            "rollover_consented",
            "rollover_no_riskier",
            "holding_is_his",
            "holding_on_record",
            "heir_identified",
        )
    },
    "transaction_rules.holding_on_record: holding is not None and (holding.own or holding.logged_here)"
    " -> holding.own or holding.logged_here": "without a holding the other limb refuses",
    "TXN-03 sale.holding_on_record.v1: effective_from: 2026-02-02": "a flag stops no sale",
    "ZON-06 sale.recorder_working.v1: suspend_after_seconds: 86400 -> 86399": "suspends zones, not sales",
    "ZON-06 sale.recorder_working.v1: suspend_after_seconds: 86400 -> 86401": "suspends zones, not sales",
}


@cache
def sample() -> list[tuple[Case, set[str]]]:
    """Every border of every rule, each again when it begins to hold, with what the second reading says."""
    near = [Case(change(SALE), (rule,)) for rule in BORDERS for change in sides(rule)]
    begins = {rule.id: rule.effective_from for rule in entries() if rule.effective_from >= FIRST_DAY}
    near += [
        Case(together(at(start_of(day)), change)(SALE), (rule,))
        for rule, day in begins.items()
        for border in BORDERS[rule]
        for change in border.broken
    ]
    return [(case, again(to_plain(case.facts))) for case in near]


def sides(rule: str) -> Iterator[Change]:
    """Every change around the borders of the rule."""
    for border in BORDERS[rule]:
        yield from (*border.held, *border.broken, *border.among)


def limbs(mutant: Mutant) -> Mapping[str, list[Rule]]:
    """The entries of each rule that the mutant may reach."""
    found: dict[str, list[Rule]] = {}
    for rule in mutant.entries:
        if rule.id in mutant.rules:
            found.setdefault(rule.id, []).append(rule)
    return found


def compared(mutant: Mutant) -> bool:
    """Whether some sale comes out otherwise than in the second reading."""
    rules = limbs(mutant)
    ordered = sorted(sample(), key=lambda one: mutant.rules.isdisjoint(one[0].near))
    return any(differs(mutant, rules, case, broken) for case, broken in ordered)


def differs(mutant: Mutant, rules: Mapping[str, list[Rule]], case: Case, broken: set[str]) -> bool:
    """Whether one of the rules comes out otherwise, or not at all."""
    on, kind = legal_date(case.facts.decided_at), case.facts.product_kind
    try:
        for rule, entries in rules.items():
            if rulebook().not_asked(rule, case.facts.transaction_kind, on) is not None:
                continue
            verdicts = [
                mutant.checks[entry.function].judge(case.facts, entry.parameters)
                for entry in entries
                if entry.in_force(on) and entry.concerns(kind) and entry.severity in STOPPING
            ]
            if all(verdict.passed for verdict in verdicts) == (rule in broken):
                return True
    except (AssertionError, AttributeError, KeyError, NameError, TypeError, ValueError):
        return True
    return False


def says_otherwise(mutant: Mutant) -> bool:
    """Whether one of the rules says something else than it has to."""
    entries = {rule.function: rule for rules in limbs(mutant).values() for rule in rules}
    return any(
        [
            said(one)
            for one in mutant.checks[function].judge(change(SALE), entries[function].parameters).findings
        ]
        != words
        for function, change, words in SAID
        if function in entries
    )


def test_every_mutant_is_noticed() -> None:
    lines: dict[str, Counter[str]] = {}
    left = []
    for mutant in mutants():
        by = "sales" if compared(mutant) else "words" if says_otherwise(mutant) else "nobody"
        lines.setdefault(mutant.where, Counter()).update([by])
        if by == "nobody":
            left.append(mutant.name)
    shown(lines)
    assert sorted(set(left) - EQUIVALENT.keys()) == [], "nobody noticed"
    assert sorted(EQUIVALENT.keys() - set(left)) == [], (
        "these are noticed or gone: take them out of EQUIVALENT"
    )


@pytest.mark.parametrize("level", ["bank_level", "issuer_level"])
def test_the_higher_level_counts(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProductFacts, "effective_level", property(attrgetter(level)))
    assert any(unsatisfied(first(case.facts)) != broken for case, broken in sample())


def shown(lines: Mapping[str, Counter[str]]) -> None:
    """Prints the table: a line for each function and for each entry of the rule files."""
    width = max(len(where) for where in lines)
    print(f"\n{'where':{width}}  mutants  noticed by sales  by words  equivalent")
    for where, by in [*lines.items(), ("all", total(lines.values()))]:
        print(f"{where:{width}} {by.total():8} {by['sales']:17} {by['words']:9} {by['nobody']:11}")


def total(counts: Iterable[Counter[str]]) -> Counter[str]:
    """All of them together."""
    return sum(counts, Counter())
