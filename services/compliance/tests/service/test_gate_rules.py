"""Each rule of the gate on both sides of its boundary: alone it refuses, its nearest neighbour is logged."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from chassis.clock import BANK_ZONE
from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.filming import SEGMENTS
from services.compliance.tests.registers import etag, ok, prepare_zone
from services.compliance.tests.selling import (
    LOGGED,
    SECOND,
    Deal,
    begin,
    broken,
    filmed,
    judged,
    make_ready,
    prepared,
)


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now."""
    return await make_ready(kit)


# --- Products ----------------------------------------------------------------------------------------------


@pytest.mark.rule("PRD-01", side="refuse")
async def test_a_product_off_sale_is_not_sold(deal: Deal) -> None:
    await deal.withdraw_product()
    assert await judged(deal) == [("PRD-01", "PRODUCT_NOT_LISTED")]


@pytest.mark.rule("PRD-01", side="refuse")
async def test_a_product_outside_the_registry_is_not_sold(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), product_id="0190a000-0000-7000-8000-000000000000")
    assert await judged(deal) == [("PRD-01", "PRODUCT_NOT_LISTED")]
    (fact,) = await kit.facts("compliance.sale.refused.v1")
    assert fact.data["rules"] == ["PRD-01"]


@pytest.mark.rule("PRD-01", side="pass")
async def test_a_product_is_sold_until_its_withdrawal(deal: Deal) -> None:
    assert await judged(deal) == LOGGED
    await deal.withdraw_product()


@pytest.mark.rule("PRD-07", side="refuse")
async def test_a_product_without_the_banks_level_is_not_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=None)
    assert await judged(deal) == [("PRD-07", "PRODUCT_RISK_LEVEL_MISSING")]


@pytest.mark.rule("PRD-07", side="refuse")
async def test_an_agency_product_without_its_issuers_level_is_not_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, origin="AGENCY")
    assert await judged(deal) == [("PRD-07", "PRODUCT_RISK_LEVEL_MISSING")]


@pytest.mark.rule("PRD-07", side="pass")
async def test_once_both_levels_are_given_it_is_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, origin="AGENCY")
    await deal.grade(bank=2, issuer=1)
    await deal.match()
    await deal.record()
    assert await judged(deal) == LOGGED


# --- Zones -------------------------------------------------------------------------------------------------


@pytest.mark.rule("ZON-01", side="refuse")
async def test_in_the_zone_of_another_outlet_nothing_is_sold(kit: ServiceKit) -> None:
    other = await prepared(kit, subject="seller-2", code="SH-0002")
    deal = await prepared(kit)
    assert other.zone is not None
    await filmed(deal, zone_id=other.zone["id"])
    assert await judged(deal) == [("ZON-01", "OUTSIDE_SALES_ZONE")]


@pytest.mark.rule("ZON-01", side="refuse")
async def test_outside_any_zone_nothing_is_sold(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), zone_id=None)
    assert await judged(deal) == [("ZON-01", "OUTSIDE_SALES_ZONE")]


@pytest.mark.rule("ZON-01", side="pass")
async def test_in_a_second_zone_of_the_outlet_it_is_sold(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    head = kit.client("outlet_head", subject="head-1")
    deal.zone = await prepare_zone(head, deal.outlet_id, code="Z2")
    ok(await deal.inspect_zone())
    await deal.equip()
    assert await judged(await filmed(deal)) == LOGGED


@pytest.mark.rule("ZON-03", side="refuse")
@pytest.mark.parametrize("item", ["zone_sign", "product_list"])
async def test_a_zone_that_lacks_an_item_is_not_ready(deal: Deal, item: str) -> None:
    ok(await deal.inspect_zone(**{item: False}))
    assert await judged(deal) == [("ZON-03", "ZONE_NOT_READY")]


@pytest.mark.rule("ZON-03", side="refuse")
async def test_a_suspended_zone_is_not_ready(deal: Deal) -> None:
    ok(await deal.suspend_zone())
    assert await judged(deal) == [("ZON-03", "ZONE_NOT_READY")]


@pytest.mark.rule("ZON-03", side="pass")
async def test_a_zone_is_ready_again_once_it_has_passed(deal: Deal) -> None:
    ok(await deal.inspect_zone(product_list=False))
    ok(await deal.inspect_zone())
    assert await judged(deal) == LOGGED


# --- Recordings --------------------------------------------------------------------------------------------


@pytest.mark.rule("REC-01", side="refuse")
async def test_without_a_recording_nothing_is_sold(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    await deal.consent()
    await deal.beat()
    assert await judged(deal) == [("REC-01", "RECORDING_MISSING")]


@pytest.mark.rule("REC-01", side="refuse")
async def test_a_recording_that_is_not_sealed_proves_nothing(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), sealed=False)
    assert await judged(deal) == [("REC-01", "RECORDING_MISSING")]


@pytest.mark.rule("REC-01", side="refuse")
async def test_a_recording_is_sealed_before_the_sale(deal: Deal) -> None:
    deal.kit.clock.advance(-SECOND)
    await deal.beat()
    assert await judged(deal) == [("REC-01", "RECORDING_MISSING")]


@pytest.mark.rule("REC-01", side="refuse")
async def test_the_recording_of_another_visit_proves_nothing(deal: Deal) -> None:
    await deal.open_case()
    await deal.consent()
    deal.kit.clock.advance(SECOND)
    (found,) = {rule for rule, _ in await judged(deal)} - {"REC-04"}
    assert found == "REC-01"


@pytest.mark.rule("REC-01", side="pass")
async def test_a_recording_sealed_a_second_ago_proves_the_sale(deal: Deal) -> None:
    assert deal.recording is not None
    assert await judged(deal) == LOGGED


@pytest.mark.rule("REC-02", side="refuse")
@pytest.mark.parametrize("missing", [SEGMENTS[0], SEGMENTS[-1]])
async def test_a_recording_without_one_segment_is_incomplete(kit: ServiceKit, missing: str) -> None:
    segments = tuple(kind for kind in SEGMENTS if kind != missing)
    deal = await filmed(await prepared(kit), segments=segments)
    assert await judged(deal) == [("REC-02", "RECORDING_SEGMENT_MISSING")]


@pytest.mark.rule("REC-02", side="pass")
async def test_a_recording_with_all_segments_is_complete(deal: Deal) -> None:
    assert await judged(deal) == LOGGED


@pytest.mark.rule("REC-04", side="refuse")
async def test_a_consent_after_the_recording_began_is_too_late(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    await deal.record()
    await deal.consent()
    await deal.beat()
    assert await judged(deal) == [("REC-04", "RECORDING_CONSENT_REFUSED")]


@pytest.mark.rule("REC-04", side="refuse")
async def test_a_consent_that_was_taken_back_is_none(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    consent = await deal.consent()
    await deal.record()
    await deal.beat()
    ok(await deal.buyer.post(f"/v1/consents/{consent['id']}/withdrawal", headers=etag(1)))
    assert await judged(deal) == [("REC-04", "RECORDING_CONSENT_REFUSED")]


@pytest.mark.rule("REC-04", side="pass")
async def test_a_consent_at_the_instant_of_the_beginning_is_in_time(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    consent = await deal.consent()
    recording = await deal.record()
    assert consent["answered_at"] == recording["started_at"]
    await deal.beat()
    assert await judged(deal) == LOGGED


# --- Suitability -------------------------------------------------------------------------------------------


@pytest.mark.rule("SUI-01", side="refuse")
async def test_a_customer_who_was_never_assessed_buys_nothing(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=None)
    assert await judged(deal) == [("SUI-01", "ASSESSMENT_MISSING")]


async def test_an_assessment_at_the_instant_of_the_sale_is_too_late(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=None)
    await deal.assess()
    await deal.match()
    assert await judged(deal) == [("SUI-01", "ASSESSMENT_MISSING"), ("SUI-07", "ASSESSMENT_AFTER_SALE")]


@pytest.mark.rule("SUI-01", side="pass")
async def test_an_assessment_before_the_case_is_in_time(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    await deal.assess()
    assert await judged(await filmed(deal)) == LOGGED


@pytest.mark.rule("SUI-03", side="refuse")
async def test_a_product_one_level_above_the_customer_is_not_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=2, bank_risk_level=3)
    assert await judged(deal) == [("SUI-03", "RISK_LEVEL_MISMATCH")]


@pytest.mark.rule("SUI-03", side="refuse")
async def test_the_higher_of_both_levels_counts(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=2, bank_risk_level=2, issuer_risk_level=3, origin="AGENCY")
    assert await judged(deal) == [("SUI-03", "RISK_LEVEL_MISMATCH")]


@pytest.mark.rule("SUI-03", side="pass")
async def test_a_product_of_the_customers_level_is_sold(kit: ServiceKit) -> None:
    assert await judged(await make_ready(kit, level=3, bank_risk_level=3)) == LOGGED


#: Assessed on 2025-03-05, twelve months: 2026-03-05 is the last day, through its end in Shanghai.
ASSESSED = datetime(2025, 3, 5, 8, tzinfo=BANK_ZONE)
LAST_SECOND = datetime(2026, 3, 5, 23, 59, 59, tzinfo=BANK_ZONE)


async def assessed_a_year_ago(kit: ServiceKit, at: datetime) -> Deal:
    """A deal of a customer whose imported assessment is a year old, at ``at``."""
    deal = await prepared(kit, level=None)
    await deal.import_assessment(ASSESSED)
    await filmed(deal)
    kit.clock.instant = at.astimezone(UTC)
    await deal.beat()
    return deal


@pytest.mark.rule("SUI-12", side="refuse")
async def test_an_assessment_is_over_with_the_first_instant_after_its_last_day(kit: ServiceKit) -> None:
    deal = await assessed_a_year_ago(kit, LAST_SECOND + SECOND)
    assert await judged(deal) == [("SUI-12", "ASSESSMENT_EXPIRED")]


@pytest.mark.rule("SUI-12", side="pass")
async def test_an_assessment_counts_through_its_last_day(kit: ServiceKit) -> None:
    assert await judged(await assessed_a_year_ago(kit, LAST_SECOND)) == LOGGED


@pytest.mark.rule("SUI-12", side="refuse")
async def test_after_a_reported_change_the_customer_is_assessed_again(deal: Deal) -> None:
    await deal.report_change()
    assert await judged(deal) == [("SUI-12", "REASSESSMENT_REQUIRED")]


@pytest.mark.rule("SUI-12", side="pass")
async def test_a_new_assessment_answers_the_reported_change(deal: Deal) -> None:
    await deal.report_change()
    deal.kit.clock.advance(SECOND)
    await deal.assess()
    assert await judged(await filmed(deal)) == LOGGED


# --- Sellers -----------------------------------------------------------------------------------------------


@pytest.mark.rule("SAL-01", side="refuse")
async def test_a_qualification_revoked_at_this_instant_is_none(deal: Deal) -> None:
    await deal.kit.deliver(deal.employee.revoked(deal.qualification_id, deal.kit.clock.now()))
    assert await judged(deal) == [("SAL-01", "SALESPERSON_NOT_QUALIFIED")]


@pytest.mark.rule("SAL-01", side="pass")
async def test_a_qualification_revoked_an_instant_later_counts(deal: Deal) -> None:
    await deal.kit.deliver(
        deal.employee.revoked(deal.qualification_id, deal.kit.clock.now() + timedelta(microseconds=1))
    )
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SAL-01", side="refuse")
async def test_a_suspended_seller_sells_nothing(deal: Deal) -> None:
    await deal.kit.deliver(deal.employee.suspended(deal.qualification_id, deal.kit.clock.now()))
    assert await judged(deal) == [("SAL-01", "SALESPERSON_NOT_QUALIFIED")]


@pytest.mark.rule("SAL-01", side="refuse")
async def test_a_right_for_another_kind_of_product_does_not_cover(kit: ServiceKit) -> None:
    deal = await make_ready(kit, kind="INSURANCE")
    assert await judged(deal) == [("SAL-01", "SALESPERSON_NOT_QUALIFIED")]


async def test_what_nobody_knows_how_long_to_keep_is_not_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, kind="FUND")
    await kit.deliver(deal.employee.granted(new_id(), kind="agency_fund"))
    assert await judged(deal) == [("REC-15", "RETENTION_UNCONFIRMED")]


@pytest.mark.rule("SAL-01", side="refuse")
async def test_a_register_not_heard_of_for_more_than_15_seconds_is_stale(deal: Deal) -> None:
    deal.kit.clock.advance(timedelta(seconds=15, microseconds=1))
    assert await judged(deal) == [("SAL-01", "REGISTER_STALE")]


@pytest.mark.rule("SAL-01", side="pass")
async def test_a_register_heard_of_15_seconds_ago_is_fresh(deal: Deal) -> None:
    deal.kit.clock.advance(timedelta(seconds=15))
    assert await judged(deal) == LOGGED


# --- All together ------------------------------------------------------------------------------------------


async def test_every_broken_rule_is_listed(kit: ServiceKit) -> None:
    deal = await begin(kit)
    await deal.withdraw_product()
    await deal.open_case(told=False)
    response: httpx.Response = await deal.sell()
    assert broken(response) == [
        ("PRD-01", "PRODUCT_NOT_LISTED"),
        ("REC-01", "RECORDING_MISSING"),
        ("REC-04", "RECORDING_CONSENT_REFUSED"),
        ("SAL-01", "REGISTER_STALE"),
        ("SUI-01", "ASSESSMENT_MISSING"),
        ("SUI-02", "DISCLOSURE_EVIDENCE_MISSING"),
        ("ZON-01", "OUTSIDE_SALES_ZONE"),
    ]
    record = response.json()["record"]
    assert set(record["undecided"]) == {
        "PRD-08",
        "REC-02",
        "SUI-03",
        "SUI-05",
        "SUI-07",
        "SUI-11",
        "SUI-12",
        "SUI-15",
        "ZON-03",
        "ZON-06",
    }
    assert {"assessment", "consent", "recording", "zone"} <= set(record["missing"])
