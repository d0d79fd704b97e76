"""The gate against its second reading: random sales around every border break the same rules for both.

The second reading is that of the books, written from the rules' texts. A small sample is read in every run;
``ORACLE=full`` (``make oracle``) reads all of it.
"""

import os
from collections import Counter

import pytest

from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import Decision
from compliance.rulebook.domain import Subject
from deploy.books import gate
from services.compliance.tests.gate.borders import BORDERS, OTHERS
from services.compliance.tests.gate.cases import applied, cases
from services.compliance.tests.gate.changes import Change
from services.compliance.tests.gate.readings import again, failed, first, said, unsatisfied
from services.compliance.tests.gate.wordings import SAID
from services.compliance.tests.unit.builders import SALE, rulebook

FULL = os.environ.get("ORACLE") == "full"
COUNT = 100_000 if FULL else 5_000
SEED = 20261129
#: Of 100,000 sales each rule alone is broken by at least 300.
ALONE = 300 if FULL else 1


def test_both_readings_break_the_same_rules() -> None:
    passing, alone = 0, Counter[str]()
    for case in cases(rulebook(), SEED, COUNT):
        decision = first(case.facts)
        broken = unsatisfied(decision)
        assert broken == (found := again(decision.inputs)), (sorted(broken ^ found), case)
        passing += not broken
        if len(only := failed(decision)) == 1:
            alone.update(only)
    print(
        f"\n{COUNT} sales, {passing} pass; broken alone:",
        ", ".join(f"{r} {n}" for r, n in sorted(alone.items())),
    )
    assert passing >= 0.3 * COUNT
    rare = {rule: alone[rule] for rule in sorted(BORDERS) if alone[rule] < ALONE}
    assert not rare, f"too rarely the only broken rule: {rare}"


@pytest.mark.parametrize("rule", sorted(BORDERS))
def test_each_border_has_two_sides(rule: str) -> None:
    for border in BORDERS[rule]:
        for n, change in enumerate(border.held):
            assert rule not in unsatisfied(judged(change)), ("held", n)
        for n, change in enumerate(border.broken):
            assert failed(judged(change)) == {rule}, ("broken", n)
        for n, change in enumerate(border.among):
            assert rule in unsatisfied(judged(change)), ("among", n)


def test_sales_of_other_kinds_pass() -> None:
    for change in OTHERS:
        assert judged(change).passed


def judged(change: Change) -> Decision:
    """The gate's decision about the good sale so changed, of which the second reading says the same."""
    decision = first(change(SALE))
    assert again(decision.inputs) == unsatisfied(decision)
    return decision


def test_every_rule_is_read_a_second_time() -> None:
    sale = {rule.id for rule in applied(rulebook()) if rule.subject is Subject.SALE}
    assert sorted(sale - gate.RULES.keys()) == [], "deploy/books/gate.py says nothing of these rules"


def test_every_rule_has_borders() -> None:
    rules = {rule.id for rule in applied(rulebook())}
    assert sorted(rules - BORDERS.keys()) == [], "say in borders_of_*.py where these rules end"
    assert sorted(BORDERS.keys() - rules) == [], "these rules have borders, and the gate applies them no more"
    one_sided = sorted(rule for rule in BORDERS if not any(border.broken for border in BORDERS[rule]))
    assert one_sided == [], "no change breaks these rules alone"


def test_every_finding_is_met() -> None:
    """Whatever a function can find is found near some border of its rule."""
    missed = []
    for rule in applied(rulebook()):
        if rule.subject is Subject.SALE:
            check, changes = (
                SALE_CHECKS[rule.function],
                [change for border in BORDERS[rule.id] for change in (*border.broken, *border.among)],
            )
            verdicts = (check.judge(change(SALE), rule.parameters) for change in changes)
            met = {said(finding).partition(" ")[0] for verdict in verdicts for finding in verdict.findings}
            missed += [f"{rule.id}: {finding}" for finding in sorted(check.codes.keys() - met)]
    assert missed == [], "no border of the rule leads to these"


@pytest.mark.parametrize(("function", "number"), [(said[0], n) for n, said in enumerate(SAID)])
def test_what_is_said(function: str, number: int) -> None:
    _, change, words = SAID[number]
    rule = next(rule for rule in applied(rulebook()) if rule.function == function)
    verdict = SALE_CHECKS[function].judge(change(SALE), rule.parameters)
    assert [said(finding) for finding in verdict.findings] == words
