"""What is sold to whom: first purchases, private products, smallest amounts, foreign assessments."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import BANK_ZONE
from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.ordering import ask_reversal, decide, reverse, sold
from services.compliance.tests.registers import ok
from services.compliance.tests.selling import LOGGED, SECOND, Deal, filmed, judged, make_ready, prepared

YUAN = 100
DAY = timedelta(days=1)

# --- First purchases ---------------------------------------------------------------------------------------

NOT_AT_OUTLET = [("SUI-15", "FIRST_ASSESSMENT_NOT_AT_OUTLET")]


async def assessed(kit: ServiceKit, *, product: dict[str, Any] | None = None, **given: Any) -> Deal:
    """A deal ready to be judged, whose customer was assessed so."""
    deal = await prepared(kit, level=None, **(product or {}))
    await deal.assess(**given)
    kit.clock.advance(SECOND)
    return await filmed(deal)


@pytest.mark.rule("SUI-15", side="refuse")
@pytest.mark.parametrize("place", ["REMOTE", None])
async def test_a_first_buyer_who_was_not_assessed_at_an_outlet_waits(
    kit: ServiceKit, place: str | None
) -> None:
    assert await judged(await assessed(kit, place=place)) == NOT_AT_OUTLET


@pytest.mark.rule("SUI-15", side="refuse")
async def test_an_imported_assessment_says_where_it_was_done(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    await deal.import_assessment(kit.clock.now() - DAY, place=None)
    assert await judged(await filmed(deal)) == NOT_AT_OUTLET


@pytest.mark.rule("SUI-15", side="pass")
async def test_a_first_buyer_assessed_at_an_outlet_buys(kit: ServiceKit) -> None:
    assert await judged(await assessed(kit, place="OUTLET")) == LOGGED


@pytest.mark.rule("SUI-15", side="pass")
async def test_who_was_stated_to_have_bought_before_is_no_first_buyer(kit: ServiceKit) -> None:
    deal = await assessed(kit, place="REMOTE")
    await deal.state(bought_wealth_before=True)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-15", side="pass")
async def test_a_second_purchase_follows_from_our_own_sales(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert await judged(deal) == LOGGED
    await deal.assess(place="REMOTE")
    kit.clock.advance(SECOND)
    assert await judged(await filmed(deal)) == LOGGED


@pytest.mark.rule("SUI-15", side="refuse")
async def test_a_purchase_that_was_taken_back_is_none(kit: ServiceKit) -> None:
    deal, sale, _ = await sold(kit)
    await reverse(kit, sale)
    await deal.assess(place="REMOTE")
    kit.clock.advance(SECOND)
    assert await judged(await filmed(deal)) == NOT_AT_OUTLET
    await deal.state(bought_wealth_before=True)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-15", side="pass")
async def test_a_purchase_counts_until_its_reversal_is_approved(kit: ServiceKit) -> None:
    deal, sale, _ = await sold(kit)
    request = ok(await ask_reversal(kit, sale), 1)
    await deal.assess(place="REMOTE")
    kit.clock.advance(SECOND)
    await filmed(deal)
    assert (await deal.check())["violations"] == []
    ok(await decide(kit, request, "rejection"), 2)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-15", side="pass")
async def test_the_product_of_a_wealth_company_has_no_such_duty(kit: ServiceKit) -> None:
    agency = {"origin": "AGENCY", "issuer_risk_level": 2}
    assert await judged(await assessed(kit, product=agency, place="REMOTE")) == LOGGED


#: The customer is 64, 65 on this very day, 65 since yesterday.
@pytest.mark.parametrize(
    ("born", "considered", "found"),
    [
        pytest.param("1961-03-03", None, LOGGED, marks=pytest.mark.rule("SUI-15", side="pass")),
        pytest.param("1961-03-02", None, NOT_AT_OUTLET, marks=pytest.mark.rule("SUI-15", side="refuse")),
        pytest.param("1961-03-01", False, NOT_AT_OUTLET, marks=pytest.mark.rule("SUI-15", side="refuse")),
        pytest.param("1961-03-02", True, LOGGED, marks=pytest.mark.rule("SUI-15", side="pass")),
    ],
)
async def test_from_65_on_age_and_experience_are_considered(
    kit: ServiceKit, born: str, considered: bool | None, found: list[tuple[str, str]]
) -> None:
    deal = await assessed(kit, age_considered=considered)
    await deal.state(birth_date=born)
    assert await judged(deal) == found


@pytest.mark.rule("SUI-15", side="refuse")
async def test_the_age_of_a_first_buyer_must_be_known(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    deal.customer = await deal.nobody()
    await deal.state(capacity="FULL")
    await deal.assess()
    kit.clock.advance(SECOND)
    assert await judged(await filmed(deal)) == NOT_AT_OUTLET


# --- Private products --------------------------------------------------------------------------------------

PRIVATE: dict[str, Any] = {"offering": "PRIVATE", "asset_class": "FIXED_INCOME"}
TODAY = date(2026, 3, 2)


async def private(kit: ServiceKit, *, yuan: int = 300_000, until: date | None = None, **product: Any) -> Deal:
    """A deal about a private product with a qualified investor who signed more than a day ago."""
    deal = await prepared(kit, **(PRIVATE | product))
    await qualify(deal, until or TODAY + 7 * DAY)
    await deal.open_case(amount_minor=yuan * YUAN)
    await deal.sign("CONTRACT")
    kit.clock.advance(timedelta(hours=24))
    await deal.consent()
    await deal.record()
    await deal.beat()
    return deal


async def qualify(deal: Deal, until: date, investor_class: str = "QUALIFIED") -> None:
    """The customer is found to be such an investor through that day."""
    found = {
        "investor_class": investor_class,
        "valid_until": until.isoformat(),
        "evidence_id": str(new_id()),
    }
    await deal.state(investor=found)


@pytest.mark.rule("SUI-17", side="refuse")
@pytest.mark.parametrize("investor_class", ["ORDINARY", "PROFESSIONAL"])
async def test_a_private_product_goes_to_no_other_investor(kit: ServiceKit, investor_class: str) -> None:
    deal = await private(kit)
    if investor_class == "ORDINARY":
        await deal.state(investor={"investor_class": "ORDINARY"})
    else:
        await qualify(deal, TODAY + 7 * DAY, investor_class)
    assert await judged(deal) == [("SUI-17", "NOT_QUALIFIED_INVESTOR")]


@pytest.mark.rule("SUI-17", side="refuse")
async def test_the_standing_of_yesterday_is_over(kit: ServiceKit) -> None:
    assert await judged(await private(kit, until=TODAY)) == [("SUI-17", "NOT_QUALIFIED_INVESTOR")]


@pytest.mark.rule("SUI-17", side="pass")
async def test_a_qualified_investor_buys_through_his_last_day(kit: ServiceKit) -> None:
    assert await judged(await private(kit, until=TODAY + DAY)) == LOGGED


AGENCY: dict[str, Any] = {"origin": "AGENCY", "issuer_risk_level": 2}


@pytest.mark.rule("SUI-17", side="refuse")
async def test_a_threshold_is_not_reached_in_small_sales(kit: ServiceKit) -> None:
    deal = await private(kit, yuan=200_000, **AGENCY)
    assert await judged(deal) == [("SUI-17", "NOT_QUALIFIED_INVESTOR")]
    await deal.open_case(amount_minor=200_000 * YUAN)
    await deal.sign("CONTRACT")
    kit.clock.advance(DAY)
    await deal.consent()
    await deal.record()
    await deal.beat()
    assert await judged(deal) == [("SUI-17", "NOT_QUALIFIED_INVESTOR")]


@pytest.mark.rule("SUI-17", side="pass")
async def test_one_sale_of_the_threshold_is_whole(kit: ServiceKit) -> None:
    assert await judged(await private(kit, **AGENCY)) == LOGGED


async def cooling(kit: ServiceKit, passed: timedelta) -> Deal:
    """A deal about a private product so long after the signature."""
    deal = await prepared(kit, **PRIVATE)
    await qualify(deal, TODAY + 7 * DAY)
    await deal.open_case(amount_minor=300_000 * YUAN)
    await deal.sign("CONTRACT")
    signed = kit.clock.now()
    await deal.consent()
    await deal.record()
    kit.clock.instant = signed + passed
    await deal.beat()
    return deal


COOLING_OFF = [("SUI-18", "COOLING_OFF")]


@pytest.mark.rule("SUI-18", side="refuse")
async def test_a_second_before_the_end_of_the_cooling_off_nothing_is_settled(kit: ServiceKit) -> None:
    deal = await cooling(kit, timedelta(hours=24) - SECOND)
    assert await judged(deal) == COOLING_OFF
    decision = ok(await kit.client("auditor").get("/v1/attempts"))["items"][0]["decision_id"]
    assert ok(await kit.client("auditor").get(f"/v1/decisions/{decision}"))["result"] == "held"
    told = (await deal.sell()).json()["violations"]
    assert "2026-03-03T09:01" in told[0]["messages"]["en"]


@pytest.mark.rule("SUI-18", side="pass")
@pytest.mark.parametrize("more", [timedelta(0), SECOND])
async def test_after_24_hours_it_is(kit: ServiceKit, more: timedelta) -> None:
    assert await judged(await cooling(kit, timedelta(hours=24) + more)) == LOGGED


@pytest.mark.rule("SUI-18", side="refuse")
async def test_what_the_customer_did_not_sign_does_not_cool(kit: ServiceKit) -> None:
    deal = await prepared(kit, **PRIVATE)
    await qualify(deal, TODAY + DAY)
    await filmed(deal, amount_minor=300_000 * YUAN)
    assert await judged(deal) == COOLING_OFF


@pytest.mark.rule("SUI-18", side="refuse")
async def test_who_changes_his_mind_gets_everything_back(kit: ServiceKit) -> None:
    deal = await cooling(kit, timedelta(hours=24))
    done = await deal.cancel()
    assert (done["kind"], done["refund_minor"], done["currency"]) == ("CANCELLATION", 30_000_000, "CNY")
    assert await judged(deal) == COOLING_OFF
    assert (await deal.cancel())["case_version"] == done["case_version"] + 1, "always accepted"
    await deal.sign("CONTRACT")
    assert await judged(deal) == COOLING_OFF, "signed anew, it cools anew"


# --- Smallest amounts --------------------------------------------------------------------------------------

SMALLEST = {
    None: 10_000,
    "FIXED_INCOME": 300_000,
    "MIXED": 400_000,
    "EQUITY": 1_000_000,
    "COMMODITY_DERIVATIVE": 1_000_000,
}


async def amounting(kit: ServiceKit, asset_class: str | None, amount_minor: int, **product: Any) -> Deal:
    """A deal of this amount, about a public product or a private one of the asset class."""
    if asset_class is not None:
        product = {"offering": "PRIVATE", "asset_class": asset_class} | product
    deal = await prepared(kit, **product)
    await qualify(deal, TODAY + 7 * DAY)
    await deal.open_case(amount_minor=amount_minor)
    await deal.sign("CONTRACT")
    ok(await deal.approve())
    kit.clock.advance(DAY)
    await deal.consent()
    await deal.record()
    await deal.beat()
    return deal


@pytest.mark.rule("SUI-19", side="refuse")
@pytest.mark.parametrize("asset_class", SMALLEST)
async def test_a_fen_below_the_smallest_amount_is_too_little(
    kit: ServiceKit, asset_class: str | None
) -> None:
    deal = await amounting(kit, asset_class, SMALLEST[asset_class] * YUAN - 1)
    assert await judged(deal) == [("SUI-19", "BELOW_MINIMUM_AMOUNT")]


@pytest.mark.rule("SUI-19", side="pass")
@pytest.mark.parametrize("asset_class", SMALLEST)
@pytest.mark.parametrize("more", [0, 1])
async def test_the_smallest_amount_is_enough(kit: ServiceKit, asset_class: str | None, more: int) -> None:
    assert await judged(await amounting(kit, asset_class, SMALLEST[asset_class] * YUAN + more)) == LOGGED


@pytest.mark.rule("SUI-19", side="pass")
async def test_a_wealth_companys_public_product_has_no_smallest_amount(kit: ServiceKit) -> None:
    assert await judged(await amounting(kit, None, 1, **AGENCY)) == LOGGED


@pytest.mark.rule("SUI-19", side="refuse")
async def test_a_private_product_needs_its_asset_class(kit: ServiceKit) -> None:
    deal = await amounting(kit, None, 2_000_000 * YUAN, offering="PRIVATE")
    assert await judged(deal) == [("SUI-19", "BELOW_MINIMUM_AMOUNT")]


# --- Foreign assessments -----------------------------------------------------------------------------------

FIRST_DAY = datetime(2026, 9, 30, tzinfo=BANK_ZONE)


async def imported(kit: ServiceKit, source: str, at: datetime) -> Deal:
    """A deal judged at ``at`` on an assessment that this system gave."""
    kit.clock.instant = (at - timedelta(hours=1)).astimezone(UTC)
    deal = await prepared(kit, level=None)
    await deal.import_assessment(kit.clock.now() - DAY, source=source)
    await filmed(deal)
    kit.clock.instant = at.astimezone(UTC)
    await deal.beat()
    return deal


@pytest.mark.rule("SUI-20", side="refuse")
async def test_the_assessment_of_a_third_party_counts_for_nothing(kit: ServiceKit) -> None:
    deal = await imported(kit, "shop-platform", FIRST_DAY)
    assert await judged(deal) == [("SUI-20", "THIRD_PARTY_ASSESSMENT")]


@pytest.mark.rule("SUI-20", side="pass")
async def test_an_assessment_of_the_banks_own_system_counts(kit: ServiceKit) -> None:
    assert await judged(await imported(kit, "crm", FIRST_DAY)) == LOGGED


@pytest.mark.rule("SUI-20", side="pass")
async def test_until_the_rules_first_day_it_counted(kit: ServiceKit) -> None:
    assert await judged(await imported(kit, "shop-platform", FIRST_DAY - SECOND)) == LOGGED
