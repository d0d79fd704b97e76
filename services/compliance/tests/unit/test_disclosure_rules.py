"""What the customer was told before he bought: each rule at its boundary."""

from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.evidence.domain import SegmentKind
from compliance.rulebook.decisions import Result
from compliance.rulebook.facts import ProductKind
from services.compliance.tests.unit.builders import (
    DISCLOSURE,
    NOW,
    OPINION,
    RECORDING,
    SALE,
    an_id,
    broken,
    judge,
    only,
    passes,
    with_assessment,
    with_product,
    with_qualification,
)

MOMENT = timedelta(microseconds=1)
CONFIRMED = RECORDING.started_at + timedelta(seconds=list(SegmentKind).index(SegmentKind.CONFIRMATION))


@pytest.mark.rule("SUI-07")
def test_the_assessment_comes_before_the_recorded_confirmation() -> None:
    assert only(with_assessment(completed_at=CONFIRMED)) == ("SUI-07", "ASSESSMENT_AFTER_SALE", None)
    assert passes(with_assessment(completed_at=CONFIRMED - MOMENT))


@pytest.mark.rule("SUI-05")
def test_the_opinion_rests_on_what_counts_and_is_acknowledged() -> None:
    missing, outdated, unseen = (
        ("SUI-05", "MATCHING_OPINION_MISSING", reason) for reason in (None, "outdated", "unacknowledged")
    )
    assert only(replace(SALE, opinion=None)) == missing
    for changes in ({"assessment_id": an_id(99)}, {"customer_level": 4}):
        assert only(replace(SALE, opinion=replace(OPINION, **changes))) == outdated
    for acknowledged in (None, NOW + MOMENT):
        assert only(replace(SALE, opinion=replace(OPINION, acknowledged_at=acknowledged))) == unseen
    assert passes(replace(SALE, opinion=replace(OPINION, acknowledged_at=NOW)))


@pytest.mark.rule("PRD-08")
@pytest.mark.parametrize("level", [2, 4])
def test_another_level_is_another_opinion(level: int) -> None:
    decision = judge(replace(SALE, opinion=replace(OPINION, product_level=level)))
    assert decision.result is Result.HELD
    assert broken(decision) == {("PRD-08", "REMATCH_REQUIRED", "changed")}


@pytest.mark.rule("SUI-02")
def test_the_customer_acknowledges_the_risks() -> None:
    assert only(replace(SALE, disclosure=None)) == ("SUI-02", "DISCLOSURE_EVIDENCE_MISSING", None)
    for acknowledged in (None, NOW + MOMENT):
        unseen = replace(SALE, disclosure=replace(DISCLOSURE, acknowledged_at=acknowledged))
        assert only(unseen) == ("SUI-02", "DISCLOSURE_EVIDENCE_MISSING", "unacknowledged")
    assert passes(replace(SALE, disclosure=replace(DISCLOSURE, acknowledged_at=NOW)))


def test_what_has_no_level_needs_no_opinion() -> None:
    facts = replace(
        with_product(kind=ProductKind.INSURANCE, bank_level=None),
        seller=with_qualification(kind="AGENCY_INSURANCE").seller,
        opinion=None,
    )
    assert passes(facts)
