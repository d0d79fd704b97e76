"""Decisions: all rules, every failure, no missing fact forgiven, the same answer for ever."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence.domain import canonical, from_plain, to_plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import (
    Decision,
    NoRulesInForce,
    ReleaseUnknown,
    Result,
    State,
    decide,
    replay,
)
from compliance.rulebook.domain import Rule, RuleRelease, Severity, Subject
from compliance.rulebook.facts import ProductKind, ProductStatus, SaleFacts
from compliance.rulebook.zone_rules import ZONE_ITEMS
from services.compliance.tests.unit.builders import (
    CONSENT,
    NOTHING_KNOWN,
    NOW,
    RECORDING,
    SALE,
    broken,
    judge,
    rulebook,
    undecided,
    with_product,
)

INSTANTS = st.integers(-60, 700).map(lambda days: NOW + timedelta(days=days)) | st.just(NOW)
LEVELS = st.none() | st.integers(0, 6)


def sales() -> st.SearchStrategy[SaleFacts]:
    """Any facts, many of them close to a good sale."""
    product = (
        st.none()
        | st.just(SALE.product)
        | st.builds(
            replace,
            st.just(SALE.product),
            kind=st.sampled_from(ProductKind),
            status=st.none() | st.sampled_from(ProductStatus),
            bank_level=LEVELS,
            issuer_level=LEVELS,
        )
    )
    assessment = (
        st.none()
        | st.just(SALE.assessment)
        | st.builds(
            replace,
            st.just(SALE.assessment),
            level=LEVELS,
            completed_at=INSTANTS,
            change_reported_at=st.none() | INSTANTS,
        )
    )
    consent = (
        st.none()
        | st.just(CONSENT)
        | st.builds(
            replace, st.just(CONSENT), given=st.booleans(), at=INSTANTS, withdrawn_at=st.none() | INSTANTS
        )
    )
    recording = st.just(RECORDING) | st.builds(
        replace,
        st.just(RECORDING),
        sealed_at=st.none() | INSTANTS,
        has_sound=st.booleans(),
        segments=st.permutations(RECORDING.segments).map(tuple),
    )
    return st.builds(
        replace,
        st.just(SALE),
        decided_at=st.just(NOW) | INSTANTS,
        staffing_fresh=st.sampled_from([True, True, True, False, None]),
        product=product,
        assessment=assessment,
        consent=consent,
        recordings=st.lists(recording, max_size=2).map(tuple) | st.just(SALE.recordings),
        seller=st.sampled_from([SALE.seller, SALE.seller, None]),
        zone=st.sampled_from([SALE.zone, SALE.zone, None]),
    )


def again(decision: Decision) -> Decision:
    """The decision after a night in a database: as JSON text and back."""
    stored: Mapping[str, Any] = json.loads(canonical(to_plain(decision)))
    return from_plain(Decision, stored)


@given(sales(), st.text(max_size=3))
def test_the_text_is_the_canonical_form_whatever_it_is_put_together_of(facts: SaleFacts, odd: str) -> None:
    decision = judge(replace(facts, currency=odd))
    assert decision.text == canonical(to_plain(decision)).decode()
    # Most outcomes are those of every sale of the day, written once.
    again = judge(facts)
    assert again.text == canonical(to_plain(again)).decode()


@given(sales())
def test_a_decision_is_replayed_from_its_record_to_the_same_answer(facts: SaleFacts) -> None:
    decision = judge(facts)
    stored = again(decision)
    assert stored.digest == decision.digest
    assert replay(stored, rulebook(), SALE_CHECKS, SaleFacts).digest == decision.digest
    assert from_plain(SaleFacts, stored.inputs) == facts


@given(sales())
def test_all_rules_in_force_are_judged_and_refusals_explained(facts: SaleFacts) -> None:
    decision = judge(facts)
    kind = facts.product_kind
    concerned = {rule.id for rule in rulebook().in_force(Subject.SALE, decision.on) if rule.concerns(kind)}
    if kind in {ProductKind.FUND, ProductKind.SECURITIES}:
        concerned.add("REC-15")
    assert {outcome.rule for outcome in decision.outcomes} == concerned
    violations = decision.violations(rulebook())
    assert decision.passed == (not violations)
    for violation in violations:
        assert violation.citation
        assert all(text and "{" not in text for text in violation.messages.values())


@given(sales())
def test_undecided_never_passes_and_always_has_a_cause(facts: SaleFacts) -> None:
    decision = judge(facts)
    if undecided(decision):
        assert decision.result is Result.REFUSED
        assert any(outcome.state is State.FAILED for outcome in decision.outcomes)


#: The facts that may be unknown, by place. (A term, and the issuer's level of an own product, harmlessly.)
FORGETTABLE = [
    *(
        ("staffing_fresh",),
        ("product",),
        ("seller",),
        ("zone",),
        ("assessment",),
        ("consent",),
        ("recordings",),
    ),
    *(("product", "status"), ("product", "bank_level"), ("zone", "checklist"), ("assessment", "level")),
    *(("zone", "checklist", item) for item in ZONE_ITEMS),
]


def without(value: Any, path: tuple[str, ...]) -> Any:
    """The tree with one fact forgotten."""
    name, *rest = path
    if rest:
        return replace(value, **{name: without(getattr(value, name), tuple(rest))})
    return replace(value, **{name: () if name == "recordings" else None})


@pytest.mark.parametrize("path", FORGETTABLE, ids=".".join)
def test_a_missing_fact_is_a_failure(path: tuple[str, ...]) -> None:
    assert judge(without(SALE, path)).result is Result.REFUSED


def test_every_failure_is_reported_at_once() -> None:
    facts = replace(
        with_product(status=ProductStatus.ENDED, bank_level=5),
        staffing_fresh=False,
        consent=replace(CONSENT, given=False),
    )
    assert broken(judge(facts)) == {
        ("PRD-01", "PRODUCT_NOT_LISTED", "state"),
        ("SUI-03", "RISK_LEVEL_MISMATCH", "above"),
        ("SAL-01", "REGISTER_STALE", None),
        ("REC-04", "RECORDING_CONSENT_REFUSED", "refused"),
    }


def test_nothing_known_names_each_cause_once() -> None:
    decision = judge(NOTHING_KNOWN)
    assert {rule for rule, _, _ in broken(decision)} == {
        "PRD-01",
        "REC-01",
        "REC-04",
        "SUI-01",
        "SUI-02",
        "SUI-13",
        "SAL-01",
        "ZON-01",
    }
    assert undecided(decision) == {
        *("AGY-01", "AGY-03", "AGY-04", "AGY-05"),
        *("PRD-07", "PRD-08", "REC-02", "ZON-03", "SAL-10", "ZON-05", "ZON-06"),
        *("SUI-03", "SUI-04", "SUI-05", "SUI-07", "SUI-11", "SUI-12", "SUI-14", "SUI-17"),
        *("SUI-15", "SUI-18", "SUI-19", "SUI-21"),
        *("INT-ASSISTANCE", "INT-COMPANY", "INT-INVESTOR"),
    }


def test_a_violation_says_what_was_not_on_record() -> None:
    (violation,) = judge(with_product(bank_level=None)).violations(rulebook())
    assert violation.code == "PRODUCT_RISK_LEVEL_MISSING"
    assert violation.messages["zh-CN"].endswith("(尚无记录:本行评定的风险等级)")
    assert violation.messages["en"].endswith("(not on record: the bank's risk level)")


def test_a_sale_is_judged_by_the_rules_of_its_day() -> None:
    last = datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)
    versions = {
        instant: {
            outcome.rule: outcome.effective_from
            for outcome in judge(replace(SALE, decided_at=instant)).outcomes
        }
        for instant in (last, last + timedelta(seconds=1))
    }
    assert versions[last]["SUI-03"] == date(2012, 1, 1)
    assert "SUI-12" not in versions[last]
    assert versions[last + timedelta(seconds=1)]["SUI-03"] == date(2026, 2, 1)
    assert versions[last + timedelta(seconds=1)]["SUI-12"] == date(2026, 2, 1)


def test_without_rules_nothing_is_decided() -> None:
    with pytest.raises(NoRulesInForce):
        judge(replace(SALE, decided_at=datetime(2011, 1, 1, tzinfo=UTC)))


def release_with(rule_id: str, **changes: Any) -> RuleRelease:
    """The shipped release with one rule changed in all its versions."""

    def change(rule: Rule) -> Rule:
        return replace(rule, **changes) if rule.id == rule_id else rule

    return replace(rulebook(), rules=tuple(change(rule) for rule in rulebook().rules))


@pytest.mark.parametrize(
    ("severity", "result", "stops"),
    [
        (Severity.BLOCK, Result.REFUSED, True),
        (Severity.HOLD, Result.HELD, True),
        (Severity.FLAG, Result.PASSED, False),
        (Severity.SHADOW, Result.PASSED, False),
    ],
)
def test_severity_decides_what_a_failure_does(severity: Severity, result: Result, stops: bool) -> None:
    release = release_with("PRD-01", severity=severity)
    decision = decide(release, SALE_CHECKS, with_product(status=ProductStatus.ENDED))
    assert decision.result is result
    assert [violation.rule for violation in decision.violations(release)] == ["PRD-01"] * stops
    assert [warning.rule for warning in decision.warnings(release)] == ["PRD-01"] * (not stops)


def test_a_rule_that_only_reports_excuses_no_other() -> None:
    release = release_with("PRD-01", severity=Severity.SHADOW)
    decision = decide(release, SALE_CHECKS, replace(SALE, product=None))
    assert decision.result is Result.REFUSED
    rules = {violation.rule for violation in decision.violations(release)}
    # AGY-04 reports that the product is not known, so AGY-01 and AGY-05 do not say it again.
    assert rules == {
        *("PRD-07", "PRD-08", "SAL-01", "SAL-10", "AGY-01", "AGY-03", "AGY-04", "AGY-05"),
        *("SUI-03", "SUI-05", "SUI-14", "SUI-15", "SUI-17", "SUI-18", "SUI-19", "SUI-21"),
    }


def test_an_unconfirmed_rule_blocks_its_kinds_whatever_its_function_says() -> None:
    wording = {**rulebook().find("PRD-01", date(2016, 1, 1), Subject.SALE).wording}
    wording["RULE_UNCONFIRMED"] = wording["PRODUCT_NOT_LISTED"]
    release = release_with("PRD-01", confirmed_by=None, wording=wording, product_kinds=("WEALTH",))
    assert broken(decide(release, SALE_CHECKS, SALE)) == {("PRD-01", "RULE_UNCONFIRMED", None)}
    other = release_with("PRD-01", confirmed_by=None, wording=wording, product_kinds=("TRUST",))
    assert decide(other, SALE_CHECKS, SALE).passed


def test_another_release_neither_replays_nor_explains_a_decision() -> None:
    decision = judge(with_product(status=ProductStatus.ENDED))
    other = release_with("PRD-01", confirmed_by="somebody else")
    with pytest.raises(ReleaseUnknown):
        replay(decision, other, SALE_CHECKS, SaleFacts)
    with pytest.raises(ReleaseUnknown):
        decision.violations(other)


def test_changed_inputs_are_found_by_the_replay() -> None:
    decision = judge(with_product(status=ProductStatus.ENDED))
    better = replace(decision, inputs=judge(SALE).inputs)
    assert replay(better, rulebook(), SALE_CHECKS, SaleFacts) != better
