"""Who may buy what: means, capacity and age of the customer, high risks and large amounts."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.registers import etag, ok, refusal
from services.compliance.tests.selling import (
    LOGGED,
    SECOND,
    Deal,
    filmed,
    judged,
    make_ready,
    prepared,
)

#: A customer alone at a terminal that shows the risks (ZON-08).
BY_HIMSELF: dict[str, Any] = {"channel": "SELF_SERVICE", "staff_assisted": False, "risk_page_shown": True}

YUAN = 100


async def risky(kit: ServiceKit, *, level: int = 4, **case: Any) -> Deal:
    """A deal about a product of this level, with a customer whom it suits."""
    return await filmed(await prepared(kit, level=level, bank_risk_level=level), **case)


async def means(deal: Deal, liquid: int, currency: str = "CNY") -> None:
    """The customer states liquid assets in yuan."""
    stated = {"household_annual_income_minor": 0, "liquid_assets_minor": liquid * YUAN, "currency": currency}
    await deal.state(means=stated)


# --- Means -------------------------------------------------------------------------------------------------


@pytest.mark.rule("SUI-04", side="refuse")
async def test_what_costs_more_than_the_customer_has_is_not_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=3, bank_risk_level=3)
    await means(deal, 9_999)
    assert await judged(deal) == [("SUI-04", "FUNDS_MISMATCH")]


@pytest.mark.rule("SUI-04", side="pass")
@pytest.mark.parametrize("liquid", [10_000, 10_001])
async def test_all_that_the_customer_has_may_be_spent(kit: ServiceKit, liquid: int) -> None:
    deal = await make_ready(kit, level=3, bank_risk_level=3)
    await means(deal, liquid)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-04", side="refuse")
async def test_means_in_another_currency_are_not_compared(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await means(deal, 1_000_000, "USD")
    assert await judged(deal) == [("SUI-04", "FUNDS_MISMATCH")]


@pytest.mark.rule("SUI-04", side="refuse")
async def test_from_the_third_level_on_means_must_be_known(kit: ServiceKit) -> None:
    deal = await stranger(kit, 3)
    await deal.state(capacity="FULL", birth_date="1986-03-02")
    assert await judged(deal) == [("SUI-04", "FUNDS_MISMATCH")]


@pytest.mark.rule("SUI-04", side="pass")
async def test_an_ordinary_sale_does_not_ask_for_means(kit: ServiceKit) -> None:
    deal = await stranger(kit, 2)
    await deal.state(capacity="FULL")
    assert await judged(deal) == LOGGED


async def stranger(kit: ServiceKit, level: int) -> Deal:
    """A deal ready but for what the bank knows of its customer: that he has bought before."""
    deal = await prepared(kit, level=None, bank_risk_level=level)
    deal.customer = await deal.nobody()
    await deal.state(bought_wealth_before=True)
    await deal.assess(level)
    kit.clock.advance(SECOND)
    return await filmed(deal)


# --- The match has no exception ----------------------------------------------------------------------------


@pytest.mark.rule("SUI-06", side="refuse")
async def test_a_customer_who_asks_for_more_risk_in_writing_is_refused(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=2, bank_risk_level=3)
    evidence = {"valid_until": "2027-03-02", "evidence_id": str(new_id())}
    await deal.state(investor={"investor_class": "PROFESSIONAL"} | evidence)
    await deal.sign("OFF_OUTLET_AGREEMENT")
    ok(await deal.approve())
    assert await judged(deal) == [("SUI-03", "RISK_LEVEL_MISMATCH")]


@pytest.mark.rule("SUI-06", side="refuse")
async def test_no_request_carries_an_exception(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=2, bank_risk_level=3)
    asked = await deal.sell(over_risk_exception=True)
    assert asked.status_code == 422
    assert asked.json()["errors"][0]["pointer"] == "/over_risk_exception"
    assert await judged(deal) == [("SUI-03", "RISK_LEVEL_MISMATCH")]


@pytest.mark.rule("SUI-06", side="pass")
async def test_what_suits_needs_no_exception(kit: ServiceKit) -> None:
    assert await judged(await make_ready(kit, level=3, bank_risk_level=3)) == LOGGED


# --- Capacity ----------------------------------------------------------------------------------------------


@pytest.mark.rule("SUI-13", side="refuse")
async def test_nobody_without_capacity_buys(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=1)
    await deal.state(capacity="NONE")
    await deal.guardian_answers()
    assert await judged(deal) == [("SUI-13", "NO_CIVIL_CAPACITY")]


@pytest.mark.rule("SUI-13", side="refuse")
async def test_a_capacity_that_nobody_stated_is_none(kit: ServiceKit) -> None:
    deal = await stranger(kit, 1)
    assert await judged(deal) == [("SUI-13", "NO_CIVIL_CAPACITY")]


@pytest.mark.rule("SUI-13", side="refuse")
async def test_limited_capacity_needs_the_guardians_consent(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=1)
    await deal.state(capacity="LIMITED")
    assert await judged(deal) == [("SUI-13", "GUARDIAN_CONSENT_MISSING")]


@pytest.mark.rule("SUI-13", side="refuse")
async def test_a_consent_to_another_product_is_none_to_this(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=1)
    await deal.state(capacity="LIMITED")
    await deal.guardian_answers(product_id=str(new_id()))
    assert await judged(deal) == [("SUI-13", "GUARDIAN_CONSENT_MISSING")]


@pytest.mark.rule("SUI-13", side="refuse")
async def test_a_consent_that_was_taken_back_is_none(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=1)
    await deal.state(capacity="LIMITED")
    await deal.guardian_answers()
    await deal.guardian_answers(given=False)
    assert await judged(deal) == [("SUI-13", "GUARDIAN_CONSENT_MISSING")]


@pytest.mark.rule("SUI-13", side="pass")
@pytest.mark.parametrize("about", ["product", "case"])
async def test_with_the_guardians_consent_the_lowest_risk_is_sold(kit: ServiceKit, about: str) -> None:
    deal = await make_ready(kit, bank_risk_level=1)
    assert deal.case is not None
    await deal.state(capacity="LIMITED")
    await deal.guardian_answers(**({"case_id": deal.case["id"]} if about == "case" else {}))
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-13", side="refuse")
async def test_the_guardians_consent_carries_no_higher_risk(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=2)
    await deal.state(capacity="LIMITED")
    await deal.guardian_answers()
    assert await judged(deal) == [("SUI-13", "NO_CIVIL_CAPACITY")]


@pytest.mark.rule("SUI-13", side="pass")
async def test_full_capacity_asks_for_nobody(kit: ServiceKit) -> None:
    assert await judged(await make_ready(kit, bank_risk_level=2)) == LOGGED


# --- Age ---------------------------------------------------------------------------------------------------

#: Born so, the customer is 64, 65 on this very day, and 65 since yesterday, on the clock's first day.
YOUNGER, SIXTY_FIVE, OLDER = "1961-03-03", "1961-03-02", "1961-03-01"


@pytest.mark.rule("SUI-14", side="refuse")
@pytest.mark.parametrize("born", [SIXTY_FIVE, OLDER])
async def test_from_65_on_a_high_risk_waits_for_the_special_care(kit: ServiceKit, born: str) -> None:
    deal = await risky(kit)
    await deal.state(birth_date=born, bought_wealth_before=True)
    assert await judged(deal) == [("SUI-14", "ELDERLY_SPECIAL_CARE")]
    decision = ok(await kit.client("auditor").get("/v1/attempts"))["items"][0]["decision_id"]
    read = ok(await kit.client("auditor").get(f"/v1/decisions/{decision}"))
    assert read["result"] == "held"
    assert read["inputs"]["customer"]["age"] == 65
    assert born not in str(read)


@pytest.mark.rule("SUI-14", side="pass")
async def test_a_day_before_his_65th_birthday_he_buys_as_others_do(kit: ServiceKit) -> None:
    deal = await risky(kit)
    await deal.state(birth_date=YOUNGER)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-14", side="pass")
async def test_the_third_level_is_no_high_risk(kit: ServiceKit) -> None:
    deal = await risky(kit, level=3)
    await deal.state(birth_date=OLDER, bought_wealth_before=True)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-14", side="refuse")
async def test_a_high_risk_needs_a_known_age(kit: ServiceKit) -> None:
    deal = await stranger(kit, 4)
    await deal.state(capacity="FULL")
    await means(deal, 1_000_000)
    assert await judged(deal) == [("SUI-14", "ELDERLY_SPECIAL_CARE")]


async def cared_for(kit: ServiceKit, passed: timedelta, **done: bool) -> Deal:
    """A deal with an old customer of whom special care was taken so long ago."""
    deal = await prepared(kit, level=4, bank_risk_level=4)
    await deal.state(birth_date=OLDER, bought_wealth_before=True)
    await deal.open_case()
    await deal.care(**done)
    begun = kit.clock.now()
    await deal.consent()
    await deal.record()
    kit.clock.instant = begun + passed
    await deal.beat()
    return deal


@pytest.mark.rule("SUI-14", side="refuse")
async def test_the_time_to_think_is_not_cut_short(kit: ServiceKit) -> None:
    deal = await cared_for(kit, timedelta(hours=24) - SECOND)
    told = (await deal.sell()).json()["violations"]
    assert [(item["rule"], item["code"]) for item in told] == [("SUI-14", "ELDERLY_SPECIAL_CARE")]
    assert "2026-03-03T09:01" in told[0]["messages"]["en"]


@pytest.mark.rule("SUI-14", side="pass")
@pytest.mark.parametrize("more", [timedelta(0), SECOND])
async def test_after_the_time_to_think_he_buys(kit: ServiceKit, more: timedelta) -> None:
    assert await judged(await cared_for(kit, timedelta(hours=24) + more)) == LOGGED


@pytest.mark.rule("SUI-14", side="refuse")
async def test_care_that_lacks_an_item_is_none(kit: ServiceKit) -> None:
    deal = await cared_for(kit, timedelta(hours=25), companion_offered=False)
    assert await judged(deal) == [("SUI-14", "ELDERLY_SPECIAL_CARE")]


# --- High risks and large amounts --------------------------------------------------------------------------


@pytest.mark.rule("SUI-16", side="refuse")
async def test_a_high_risk_is_not_sold_by_self_service(kit: ServiceKit) -> None:
    deal = await risky(kit, **BY_HIMSELF)
    assert await judged(deal) == [("SUI-16", "HIGH_RISK_OFF_OUTLET")]
    decision = ok(await kit.client("auditor").get("/v1/attempts"))["items"][0]["decision_id"]
    assert ok(await kit.client("auditor").get(f"/v1/decisions/{decision}"))["result"] == "refused"


@pytest.mark.rule("SUI-16", side="pass")
async def test_with_a_written_agreement_it_is(kit: ServiceKit) -> None:
    deal = await risky(kit, **BY_HIMSELF)
    await deal.sign("OFF_OUTLET_AGREEMENT")
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-16", side="pass")
async def test_the_third_level_is_sold_by_self_service(kit: ServiceKit) -> None:
    assert await judged(await risky(kit, level=3, **BY_HIMSELF)) == LOGGED


@pytest.mark.rule("SUI-16", side="refuse")
@pytest.mark.parametrize("yuan", [1_000_000, 1_000_001])
async def test_a_large_amount_waits_for_its_approval(kit: ServiceKit, yuan: int) -> None:
    deal = await filmed(await prepared(kit), amount_minor=yuan * YUAN)
    assert await judged(deal) == [("SUI-16", "LARGE_AMOUNT_APPROVAL")]
    decision = ok(await kit.client("auditor").get("/v1/attempts"))["items"][0]["decision_id"]
    assert ok(await kit.client("auditor").get(f"/v1/decisions/{decision}"))["result"] == "held"


@pytest.mark.rule("SUI-16", side="pass")
async def test_a_little_less_needs_no_approval(kit: ServiceKit) -> None:
    assert await judged(await filmed(await prepared(kit), amount_minor=1_000_000 * YUAN - 1)) == LOGGED


@pytest.mark.rule("SUI-16", side="pass")
async def test_a_large_amount_that_was_approved_is_sold(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), amount_minor=1_000_000 * YUAN)
    ok(await deal.approve())
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-16", side="refuse")
async def test_the_seller_does_not_approve_his_own_case(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), amount_minor=1_000_000 * YUAN)
    assert refusal(await deal.approve(subject="seller-1")) == (403, "APPROVAL_BY_THE_SELLER")
    assert await judged(deal) == [("SUI-16", "LARGE_AMOUNT_APPROVAL")]


async def test_a_sold_case_takes_no_safeguard(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    ok(await deal.sell())
    assert refusal(await deal.approve()) == (409, "CASE_LOGGED")


async def test_a_safeguard_bumps_its_case(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await deal.sign("OFF_OUTLET_AGREEMENT")
    assert refusal(await deal.sell(version=1))[0] == 412
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}"
    assert (
        refusal(
            await deal.buyer.post(
                f"{path}/signatures", json={"document": "OFF_OUTLET_AGREEMENT"}, headers=etag(1)
            )
        )[0]
        == 412
    )
    kept = ok(await deal.buyer.get(f"{path}/safeguards"))["items"]
    assert [(one["kind"], one["case_version"], one["care"]) for one in kept] == [
        ("OFF_OUTLET_AGREEMENT", 2, None)
    ]
