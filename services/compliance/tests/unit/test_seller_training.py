"""SAL-10 at its borders: minutes of training, the twelve months, the year of experience, the record."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import BANK_ZONE
from compliance.rulebook.decisions import Result
from compliance.rulebook.domain import PASS, Verdict
from compliance.rulebook.facts import ProductKind, SaleFacts
from compliance.rulebook.seller_facts import TrainingFacts
from compliance.rulebook.seller_rules import CHECKS, Preparation, Preparations, seller_trained
from compliance.sellers.preparation import Experienced, Learnt, Lesson, Trained, TrainingAnnulled, prepared
from services.compliance.tests.unit.builders import (
    NOW,
    PRODUCT,
    SALE,
    an_id,
    broken,
    judge,
    only,
    passes,
    rulebook,
    undecided,
    with_preparation,
)

TODAY, DAY = date(2026, 3, 2), timedelta(days=1)
SHORT = ("SAL-10", "TRAINING_SHORTFALL", "hours")


def course(
    minutes: int = 1200, completed_on: date = TODAY, kind: str = "WEALTH", n: int = 90
) -> TrainingFacts:
    return TrainingFacts(training_id=an_id(n), kind=kind, minutes=minutes, completed_on=completed_on)


def insurance(**changes: Any) -> Verdict:
    """What the shipped rule finds about a seller of investment-linked insurance."""
    facts = with_preparation(**changes)
    product = replace(PRODUCT, kind=ProductKind.INVESTMENT_INSURANCE)
    (rule,) = (one for one in rulebook().rules if one.id == "SAL-10")
    (check,) = (one for one in CHECKS if one.name == rule.function)
    return check.judge(replace(facts, product=product), rule.parameters)


def reasons(verdict: Verdict) -> list[str | None]:
    return [finding.reason for finding in verdict.findings]


@pytest.mark.parametrize(("minutes", "enough"), [(1199, False), (1200, True), (1201, True)])
def test_twenty_hours_for_wealth_products(minutes: int, enough: bool) -> None:
    facts = with_preparation(trainings=(course(minutes),))
    assert passes(facts) if enough else only(facts) == SHORT


@pytest.mark.parametrize(("minutes", "enough"), [(2399, False), (2400, True), (2401, True)])
def test_forty_hours_for_investment_insurance(minutes: int, enough: bool) -> None:
    verdict = insurance(trainings=(course(minutes, kind="INVESTMENT_INSURANCE"),))
    assert reasons(verdict) == ([] if enough else ["hours"])


def test_minutes_add_up_and_other_courses_do_not_count() -> None:
    halves = (course(600, n=1), course(600, n=2))
    assert passes(with_preparation(trainings=halves))
    mixed = (course(1199, n=1), course(6000, kind="INVESTMENT_INSURANCE", n=2))
    assert only(with_preparation(trainings=mixed)) == SHORT
    assert reasons(insurance(trainings=(course(6000),))) == ["hours"]
    assert only(with_preparation(trainings=())) == SHORT


@pytest.mark.parametrize(
    ("completed_on", "counts"),
    [
        (date(2025, 3, 1), False),
        (date(2025, 3, 2), True),
        (date(2025, 3, 3), True),
        (TODAY, True),
        (TODAY + DAY, False),
    ],
)
def test_twelve_months_end_with_the_day_of_the_same_number(completed_on: date, counts: bool) -> None:
    facts = with_preparation(trainings=(course(completed_on=completed_on),))
    assert passes(facts) if counts else only(facts) == SHORT


def test_the_last_day_counts_in_full_in_the_banks_zone() -> None:
    last = datetime(2026, 3, 2, 23, 59, 59, tzinfo=BANK_ZONE)
    facts = with_preparation(trainings=(course(completed_on=date(2025, 3, 2)),))
    for decided_at, found in ((last, []), (last + timedelta(seconds=1), ["hours"])):
        verdict = seller_trained(replace(facts, decided_at=decided_at), _parameters())
        assert reasons(verdict) == found


def _parameters(**changes: Any) -> Preparations:
    row = Preparation(
        kinds=("WEALTH",),
        courses=("WEALTH",),
        minutes=1200,
        months=12,
        experience_months=None,
        clean_record=False,
    )
    return Preparations(by_kind=(replace(row, **changes),))


@pytest.mark.parametrize(
    ("since", "long_enough"),
    [(date(2025, 2, 28), True), (date(2025, 3, 1), True), (date(2025, 3, 2), False), (TODAY, False)],
)
def test_a_year_in_a_selling_post_is_over_when_its_last_day_is(since: date, long_enough: bool) -> None:
    verdict = insurance(selling_since=since)
    assert reasons(verdict) == ([] if long_enough else ["experience"])
    if since == date(2025, 3, 2):
        assert verdict.findings[0].details == {"earliest": ("2026-03-03",)}


def test_experience_that_nobody_recorded_is_missing() -> None:
    (finding,) = insurance(selling_since=None).findings
    assert (finding.code, finding.missing) == ("TRAINING_SHORTFALL", ("seller.preparation.selling_since",))
    assert passes(with_preparation(selling_since=None))


def test_a_bad_record_keeps_from_investment_insurance_alone() -> None:
    assert reasons(insurance(bad_records=(an_id(1),))) == ["record"]
    assert insurance(bad_records=()) == PASS
    assert passes(with_preparation(bad_records=(an_id(1),)))


def test_every_shortfall_is_named() -> None:
    verdict = insurance(trainings=(), selling_since=TODAY, bad_records=(an_id(1),))
    assert reasons(verdict) == ["hours", "experience", "record"]
    assert verdict.findings[0].details == {"done": ("0:00",), "needed": ("40:00",)}


@pytest.mark.parametrize("kind", sorted(set(ProductKind) - {"WEALTH", "INVESTMENT_INSURANCE"}))
def test_other_kinds_ask_for_nothing(kind: str) -> None:
    product = replace(PRODUCT, kind=ProductKind(kind))
    facts = replace(with_preparation(trainings=(), selling_since=None), product=product)
    assert "SAL-10" not in {outcome.rule for outcome in judge(facts).outcomes}


def unprepared() -> SaleFacts:
    """What was stored before the register knew of preparation."""
    assert SALE.seller is not None
    return replace(SALE, seller=replace(SALE.seller, preparation=None))


def test_what_is_not_known_fails() -> None:
    decision = judge(unprepared())
    assert decision.result is Result.REFUSED
    assert broken(decision) == {("SAL-10", "TRAINING_SHORTFALL", None)}
    decision = judge(replace(SALE, seller=None))
    assert "SAL-10" in undecided(decision)


def test_a_rule_looks_no_further_back_than_the_facts_reach() -> None:
    _parameters(months=24)
    with pytest.raises(ValueError, match="24 months"):
        _parameters(months=25)


@pytest.mark.parametrize(
    ("completed_on", "kept"), [(date(2024, 3, 1), False), (date(2024, 3, 2), True), (date(2024, 3, 3), True)]
)
def test_a_decision_keeps_two_years_of_training(completed_on: date, kept: bool) -> None:
    trained = Trained(training_id=an_id(1), kind="wealth", minutes=30, completed_on=completed_on)
    learnt = [Learnt(seller_id=an_id(9), sequence=2, told_at=NOW, change=trained)]
    assert bool(prepared(learnt, (), TODAY).trainings) == kept


def test_what_staffing_told_last_counts() -> None:
    changes: tuple[Lesson, ...] = (
        Trained(training_id=an_id(1), kind="wealth", minutes=30, completed_on=TODAY),
        Experienced(selling_since=date(2024, 1, 1)),
        Trained(training_id=an_id(2), kind="investment_insurance", minutes=40, completed_on=TODAY),
        TrainingAnnulled(training_id=an_id(1)),
        Experienced(selling_since=date(2025, 1, 1)),
    )
    learnt = [
        Learnt(seller_id=an_id(9), sequence=n, told_at=NOW, change=change)
        for n, change in enumerate(changes, 2)
    ]
    found = prepared(learnt, (), TODAY)
    assert [(one.training_id, one.kind) for one in found.trainings] == [(an_id(2), "INVESTMENT_INSURANCE")]
    assert found.selling_since == date(2025, 1, 1)
