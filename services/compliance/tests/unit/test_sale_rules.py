"""Each rule of the gate at its boundary: the nearest sale that passes, and one that it alone refuses."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from compliance.evidence.domain import Segment, SegmentKind
from compliance.periods.domain import end_of, start_of
from compliance.rulebook.facts import (
    ChecklistFacts,
    ProductForm,
    ProductKind,
    ProductOrigin,
    ProductStatus,
    SaleFacts,
    WindowFacts,
    ZoneState,
)
from services.compliance.tests.unit.builders import (
    CHECKLIST,
    DISCLOSURE,
    NOW,
    OPINION,
    PREPARATION,
    QUALIFICATION,
    RECORDING,
    SALE,
    SEGMENTS,
    TRAININGS,
    an_id,
    broken,
    judge,
    only,
    passes,
    rulebook,
    with_assessment,
    with_consent,
    with_product,
    with_qualification,
    with_recorder,
    with_recording,
    with_zone,
)

MOMENT = timedelta(microseconds=1)


def test_the_good_sale_passes() -> None:
    assert passes(SALE)


@pytest.mark.rule("PRD-01")
@pytest.mark.parametrize("status", [ProductStatus.EXISTING, ProductStatus.ENDED])
def test_only_a_product_on_sale_is_sold(status: ProductStatus) -> None:
    assert only(with_product(status=status)) == ("PRD-01", "PRODUCT_NOT_LISTED", "state")


@pytest.mark.rule("PRD-01")
def test_a_product_is_sold_from_the_first_instant_of_its_window_until_before_the_last() -> None:
    for begins, ends, reason in (
        (NOW - MOMENT, NOW + MOMENT, None),
        (NOW, None, None),
        (NOW + MOMENT, None, "early"),
        (None, NOW, "over"),
        (None, NOW - MOMENT, "over"),
        (None, None, None),
    ):
        facts = with_product(window=WindowFacts(offered_from=begins, offered_until=ends))
        if reason is None:
            assert passes(facts), (begins, ends)
        else:
            assert only(facts) == ("PRD-01", "OFFERING_WINDOW_CLOSED", reason)


@pytest.mark.rule("PRD-01")
def test_a_product_outside_the_registry_is_not_sold() -> None:
    assert only(with_product(status=None)) == ("PRD-01", "PRODUCT_NOT_LISTED", None)
    assert only(replace(SALE, product=None)) == ("PRD-01", "PRODUCT_NOT_LISTED", None)


@pytest.mark.rule("PRD-07")
def test_an_investment_product_needs_its_levels() -> None:
    assert only(with_product(bank_level=None)) == ("PRD-07", "PRODUCT_RISK_LEVEL_MISSING", None)
    agency = with_product(origin=ProductOrigin.AGENCY, issuer_level=None)
    assert only(agency) == ("PRD-07", "PRODUCT_RISK_LEVEL_MISSING", None)
    assert passes(with_product(origin=ProductOrigin.AGENCY, issuer_level=3))


@pytest.mark.rule("PRD-07")
@pytest.mark.parametrize(("level", "finding"), [(0, "scale"), (1, None), (3, None)])
def test_a_level_lies_on_the_scale(level: int, finding: str | None) -> None:
    facts = with_product(bank_level=level)
    assert (
        passes(facts)
        if finding is None
        else only(facts)
        == (
            "PRD-07",
            "PRODUCT_RISK_LEVEL_MISSING",
            finding,
        )
    )


@pytest.mark.rule("PRD-07")
def test_what_is_no_investment_needs_no_level() -> None:
    insurance = replace(
        with_product(kind=ProductKind.INSURANCE, bank_level=None),
        seller=with_qualification(kind="AGENCY_INSURANCE").seller,
    )
    assert passes(insurance)


@pytest.mark.rule("ZON-01")
def test_a_sale_happens_in_the_zone_of_the_sellers_outlet() -> None:
    assert only(with_zone(outlet_id=an_id(99))) == ("ZON-01", "OUTSIDE_SALES_ZONE", "foreign")
    assert only(replace(SALE, zone=None)) == ("ZON-01", "OUTSIDE_SALES_ZONE", None)
    for state in (ZoneState.PREPARING, ZoneState.CLOSED):
        assert only(with_zone(state=state)) == ("ZON-01", "OUTSIDE_SALES_ZONE", "state")


def a_checklist(item: str, found: bool | None) -> ChecklistFacts:
    """The good checklist, one item found otherwise."""
    changes: dict[str, Any] = {item: found}
    return replace(CHECKLIST, **changes)


@pytest.mark.rule("ZON-03")
@pytest.mark.parametrize(
    "item", [field.name for field in fields(ChecklistFacts) if field.name != "inspected_at"]
)
def test_a_zone_is_ready_with_all_five_items(item: str) -> None:
    state = ZoneState.SUSPENDED
    lacking = with_zone(checklist=a_checklist(item, False), state=state)
    assert only(lacking) == ("ZON-03", "ZONE_NOT_READY", "items")
    unknown = with_zone(checklist=a_checklist(item, None))
    assert only(unknown) == ("ZON-03", "ZONE_NOT_READY", None)


@pytest.mark.rule("ZON-03")
def test_a_zone_is_ready_once_inspected_and_not_suspended() -> None:
    assert only(with_zone(checklist=None)) == ("ZON-03", "ZONE_NOT_READY", None)
    assert only(with_zone(state=ZoneState.SUSPENDED)) == ("ZON-03", "ZONE_NOT_READY", "suspended")
    assert passes(with_zone(checklist=replace(CHECKLIST, inspected_at=NOW)))
    later = with_zone(checklist=replace(CHECKLIST, inspected_at=NOW + MOMENT))
    assert only(later) == ("ZON-03", "ZONE_NOT_READY", None)


@pytest.mark.rule("REC-01")
def test_a_sale_has_exactly_one_recording() -> None:
    assert only(replace(SALE, recordings=())) == ("REC-01", "RECORDING_MISSING", None)
    two = replace(SALE, recordings=(RECORDING, replace(RECORDING, recording_id=an_id(41))))
    assert only(two) == ("REC-01", "RECORDING_MISSING", "several")


@pytest.mark.rule("REC-01")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"customer_id": an_id(99)}, "customer"),
        ({"session_id": an_id(99)}, "session"),
        ({"sealed_at": None}, "unsealed"),
        ({"manifest": None}, "unsealed"),
        ({"sealed_at": NOW}, "late"),
        ({"has_picture": False}, "picture"),
        ({"has_sound": False}, "sound"),
    ],
)
def test_the_recording_is_of_this_session_whole_and_sealed_before(
    changes: dict[str, object], reason: str
) -> None:
    assert only(with_recording(**changes)) == ("REC-01", "RECORDING_MISSING", reason)


@pytest.mark.rule("REC-01")
def test_a_moment_between_seal_and_sale_is_enough() -> None:
    assert passes(with_recording(sealed_at=NOW - MOMENT))


@pytest.mark.rule("REC-02")
@pytest.mark.parametrize("kind", list(SegmentKind))
def test_no_segment_may_be_missing(kind: SegmentKind) -> None:
    facts = with_recording(segments=tuple(segment for segment in SEGMENTS if segment.kind is not kind))
    assert only(facts) == ("REC-02", "RECORDING_SEGMENT_MISSING", "absent")


@pytest.mark.rule("REC-02")
def test_every_missing_segment_is_listed() -> None:
    (violation,) = judge(with_recording(segments=SEGMENTS[:3])).violations(rulebook())
    assert violation.messages["zh-CN"] == "录音录像缺少环节:消费者确认、消费者反馈;请重新录制。"
    assert "customer's confirmation, customer's feedback" in violation.messages["en"]


@pytest.mark.rule("REC-02")
def test_segments_come_in_their_order_inside_the_recording() -> None:
    kinds = list(SegmentKind)
    swapped = tuple(
        Segment(kind=kind, starts_ms=1000 * n, ends_ms=1000 * (n + 1))
        for n, kind in enumerate([kinds[1], kinds[0], *kinds[2:]])
    )
    assert only(with_recording(segments=swapped)) == ("REC-02", "RECORDING_SEGMENT_MISSING", "order")
    together = tuple(replace(segment, starts_ms=0) for segment in SEGMENTS)
    assert only(with_recording(segments=together)) == ("REC-02", "RECORDING_SEGMENT_MISSING", "order")
    assert only(with_recording(duration_ms=4999)) == ("REC-02", "RECORDING_SEGMENT_MISSING", "outside")
    assert passes(with_recording(segments=tuple(reversed(SEGMENTS))))
    repeated = (*SEGMENTS, replace(SEGMENTS[0], starts_ms=4500, ends_ms=5000))
    assert passes(with_recording(segments=repeated))


@pytest.mark.rule("REC-04")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"given": False}, "refused"),
        ({"customer_id": an_id(99)}, "customer"),
        ({"session_id": an_id(99)}, "session"),
        ({"at": RECORDING.started_at + MOMENT}, "late"),
        ({"withdrawn_at": NOW}, "withdrawn"),
    ],
)
def test_without_consent_nothing_is_sold(changes: dict[str, object], reason: str) -> None:
    assert only(with_consent(**changes)) == ("REC-04", "RECORDING_CONSENT_REFUSED", reason)


@pytest.mark.rule("REC-04")
def test_consent_may_come_with_the_first_frame_and_is_needed() -> None:
    assert only(replace(SALE, consent=None)) == ("REC-04", "RECORDING_CONSENT_REFUSED", None)
    assert passes(with_consent(at=RECORDING.started_at))
    assert passes(with_consent(withdrawn_at=NOW + MOMENT))


@pytest.mark.rule("SUI-01")
def test_the_customer_is_assessed_before_the_sale() -> None:
    assert only(replace(SALE, assessment=None)) == ("SUI-01", "ASSESSMENT_MISSING", None)
    assert only(with_assessment(level=None)) == ("SUI-01", "ASSESSMENT_MISSING", None)
    assert only(with_assessment(customer_id=an_id(99))) == ("SUI-01", "ASSESSMENT_MISSING", "customer")
    late = ("SUI-01", "ASSESSMENT_MISSING", "late")
    assert late in broken(judge(with_assessment(completed_at=NOW)))
    assert late not in broken(judge(with_assessment(completed_at=NOW - MOMENT)))


@pytest.mark.rule("SUI-03")
@pytest.mark.parametrize("customer", range(1, 6))
@pytest.mark.parametrize("bank", range(1, 6))
@pytest.mark.parametrize("issuer", range(1, 6))
def test_no_product_above_the_customers_level(bank: int, issuer: int, customer: int) -> None:
    facts = replace(
        with_product(bank_level=bank, issuer_level=issuer, origin=ProductOrigin.AGENCY),
        assessment=with_assessment(level=customer).assessment,
        opinion=replace(OPINION, product_level=max(bank, issuer), customer_level=customer),
    )
    if max(bank, issuer) <= customer:
        assert passes(facts)
    else:
        assert only(facts) == ("SUI-03", "RISK_LEVEL_MISMATCH", "above")


@pytest.mark.rule("SUI-03")
def test_a_level_is_compared_wherever_there_is_one() -> None:
    facts = replace(
        with_product(kind=ProductKind.INSURANCE, bank_level=4),
        seller=with_qualification(kind="AGENCY_INSURANCE").seller,
    )
    assert only(facts) == ("SUI-03", "RISK_LEVEL_MISMATCH", "above")


def at(instant: datetime, assessed: datetime) -> SaleFacts:
    """The good sale at another instant, assessed at ``assessed``; all else keeps its distance."""
    moved = instant - NOW
    return replace(
        SALE,
        decided_at=instant,
        assessment=with_assessment(completed_at=assessed).assessment,
        opinion=replace(OPINION, acknowledged_at=instant),
        disclosure=replace(DISCLOSURE, acknowledged_at=instant),
        zone=with_recorder(began_at=NOW + moved - timedelta(hours=2), heard_at=NOW + moved).zone,
        consent=with_consent(at=RECORDING.started_at + moved).consent,
        recordings=with_recording(
            started_at=RECORDING.started_at + moved, sealed_at=instant - MOMENT
        ).recordings,
    )


@pytest.mark.rule("SUI-12")
@pytest.mark.parametrize(
    ("assessed_on", "last_day"),
    [(date(2025, 3, 2), date(2026, 3, 2)), (date(2025, 2, 28), date(2026, 2, 28))],
)
def test_an_assessment_holds_through_its_last_day(assessed_on: date, last_day: date) -> None:
    for assessed in (start_of(assessed_on), end_of(assessed_on) - MOMENT):
        assert passes(at(end_of(last_day) - MOMENT, assessed))
        assert only(at(end_of(last_day), assessed)) == ("SUI-12", "ASSESSMENT_EXPIRED", "over")


@pytest.mark.rule("SUI-12")
def test_an_assessment_of_a_leap_day_ends_with_the_month() -> None:
    assessed = start_of(date(2028, 2, 29))
    seller = with_qualification(valid_until=None).seller
    assert seller is not None
    trained = tuple(replace(one, completed_on=date(2029, 2, 1)) for one in TRAININGS)
    seller = replace(seller, preparation=replace(PREPARATION, trainings=trained))
    late = replace(at(end_of(date(2029, 2, 28)), assessed), seller=seller)
    assert passes(replace(at(end_of(date(2029, 2, 28)) - MOMENT, assessed), seller=seller))
    assert only(late) == ("SUI-12", "ASSESSMENT_EXPIRED", "over")


@pytest.mark.rule("SUI-12")
def test_a_reported_change_ends_an_assessment() -> None:
    completed = NOW - timedelta(days=90)
    assert only(with_assessment(change_reported_at=completed)) == ("SUI-12", "REASSESSMENT_REQUIRED", None)
    assert passes(with_assessment(change_reported_at=completed - MOMENT))
    both = with_assessment(completed_at=NOW - timedelta(days=400), change_reported_at=NOW)
    assert broken(judge(both)) == {
        ("SUI-12", "ASSESSMENT_EXPIRED", "over"),
        ("SUI-12", "REASSESSMENT_REQUIRED", None),
    }


@pytest.mark.rule("SAL-01")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"revoked_at": NOW}, "revoked"),
        ({"suspended_at": NOW}, "suspended"),
        ({"valid_until": date(2026, 3, 1)}, "expired"),
        ({"valid_from": date(2026, 3, 3)}, "early"),
        ({"kind": "AGENCY_FUND"}, "none"),
    ],
)
def test_the_seller_holds_a_right_that_covers_the_product(changes: dict[str, object], reason: str) -> None:
    assert only(with_qualification(**changes)) == ("SAL-01", "SALESPERSON_NOT_QUALIFIED", reason)


@pytest.mark.rule("SAL-01")
@pytest.mark.parametrize(
    "changes",
    [
        {"revoked_at": NOW + MOMENT},
        {"suspended_at": NOW + MOMENT},
        {"valid_until": date(2026, 3, 2)},
        {"valid_from": date(2026, 3, 2)},
        {"valid_until": None},
    ],
)
def test_a_right_holds_to_its_last_moment(changes: dict[str, object]) -> None:
    assert passes(with_qualification(**changes))


@pytest.mark.rule("SAL-01")
def test_one_valid_right_among_others_is_enough() -> None:
    assert SALE.seller is not None
    rights = (replace(QUALIFICATION, revoked_at=NOW), QUALIFICATION)
    assert passes(replace(SALE, seller=replace(SALE.seller, qualifications=rights)))
    assert only(replace(SALE, seller=replace(SALE.seller, qualifications=()))) == (
        "SAL-01",
        "SALESPERSON_NOT_QUALIFIED",
        "none",
    )


@pytest.mark.rule("SAL-01")
@pytest.mark.parametrize("fresh", [False, None])
def test_a_stale_register_proves_nobody(fresh: bool | None) -> None:
    assert only(replace(SALE, staffing_fresh=fresh)) == ("SAL-01", "REGISTER_STALE", None)
    assert only(replace(SALE, staffing_fresh=fresh, seller=None)) == ("SAL-01", "REGISTER_STALE", None)


@pytest.mark.rule("SAL-01")
def test_a_seller_of_whom_nothing_is_known_sells_nothing() -> None:
    assert only(replace(SALE, seller=None)) == ("SAL-01", "SALESPERSON_NOT_QUALIFIED", None)


@pytest.mark.rule("REC-15")
@pytest.mark.parametrize("kind", list(ProductKind))
@pytest.mark.parametrize("form", list(ProductForm))
def test_what_nobody_knows_how_long_to_keep_is_not_sold(kind: ProductKind, form: ProductForm) -> None:
    covering = {
        ProductKind.WEALTH: "WEALTH",
        ProductKind.FUND: "AGENCY_FUND",
        ProductKind.SECURITIES: "AGENCY_SECURITIES",
        ProductKind.TRUST: "AGENCY_TRUST",
        ProductKind.INSURANCE: "AGENCY_INSURANCE",
        ProductKind.INVESTMENT_INSURANCE: "AGENCY_INSURANCE",
        ProductKind.GOV_BOND: "GOV_BOND",
        ProductKind.PHYSICAL_METAL: "PHYSICAL_METAL",
    }
    facts = replace(with_product(kind=kind, form=form), seller=with_qualification(kind=covering[kind]).seller)
    if kind in {ProductKind.FUND, ProductKind.SECURITIES}:
        assert only(facts) == ("REC-15", "RETENTION_UNCONFIRMED", None)
    else:
        assert passes(facts)
