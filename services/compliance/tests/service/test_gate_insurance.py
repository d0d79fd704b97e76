"""Insurance at the gate: the old are reviewed by the insurer, heavy premiums are declared (SUI-21)."""

from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.attending import company, resolve, signs
from services.compliance.tests.selling import LOGGED, Deal, filmed, judged, prepared

YUAN = 100

REVIEW = [("SUI-21", "INSURANCE_ELDERLY_REVIEW")]
DECLARATION = [("SUI-21", "PREMIUM_DECLARATION_MISSING")]
#: Ages on the clock's first day, by birthdays of that day.
BORN = {
    40: "1986-03-02",
    59: "1967-03-02",
    60: "1966-03-02",
    61: "1965-03-02",
    65: "1961-03-02",
    66: "1960-03-02",
}


async def insured(
    kit: ServiceKit, age: int = 40, *, income: int = 1_000_000, yuan: int = 10_000, **product: Any
) -> Deal:
    """A deal about insurance with a customer of this age and household income in yuan."""
    body: dict[str, Any] = {
        "kind": "INSURANCE",
        "instalment": False,
        "benefit_certain": True,
        "bank_risk_level": 1,
    }
    deal = await prepared(kit, **(body | product))
    await kit.deliver(deal.employee.granted(new_id(), kind="agency_insurance"))
    means = {
        "household_annual_income_minor": income * YUAN,
        "liquid_assets_minor": 100_000_000 * YUAN,
        "currency": "CNY",
    }
    await deal.state(birth_date=BORN[age], means=means)
    return await filmed(deal, amount_minor=yuan * YUAN)


INSTALMENTS: dict[str, Any] = {"instalment": True, "payment_years": 10}


@pytest.mark.rule("SUI-21", side="refuse")
async def test_beyond_65_the_insurer_looks_itself(kit: ServiceKit) -> None:
    deal = await insured(kit, 66)
    assert await judged(deal) == REVIEW


@pytest.mark.rule("SUI-21", side="pass")
async def test_at_65_the_counter_may_issue(kit: ServiceKit) -> None:
    assert await judged(await insured(kit, 65)) == LOGGED


@pytest.mark.rule("SUI-21", side="pass")
async def test_what_the_insurer_accepts_is_sold(kit: ServiceKit) -> None:
    deal = await insured(kit, 66)
    await deal.insurer_accepts()
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-21", side="refuse")
async def test_an_uncertain_benefit_is_not_for_the_old(kit: ServiceKit) -> None:
    deal = await insured(kit, 66, benefit_certain=False)
    await deal.insurer_accepts()
    assert await judged(deal) == REVIEW


@pytest.mark.rule("SUI-21", side="refuse")
async def test_with_instalments_it_is_beyond_60(kit: ServiceKit) -> None:
    deal = await insured(kit, 61, **INSTALMENTS)
    await deal.sign("PREMIUM_DECLARATION")
    assert await judged(deal) == REVIEW


@pytest.mark.rule("SUI-21", side="pass")
async def test_with_instalments_at_60_the_counter_may_issue(kit: ServiceKit) -> None:
    deal = await insured(kit, 60, **INSTALMENTS)
    await deal.sign("PREMIUM_DECLARATION")
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-21", side="refuse")
async def test_insurance_needs_a_known_way_to_pay(kit: ServiceKit) -> None:
    assert await judged(await insured(kit, instalment=None)) == DECLARATION


@pytest.mark.rule("SUI-21", side="refuse")
async def test_more_than_four_incomes_at_once_are_declared(kit: ServiceKit) -> None:
    deal = await insured(kit, income=100_000, yuan=400_001)
    assert await judged(deal) == DECLARATION


@pytest.mark.rule("SUI-21", side="pass")
@pytest.mark.parametrize(("yuan", "signs"), [(400_000, False), (400_001, True)])
async def test_four_incomes_are_not_too_much_and_more_is_signed_for(
    kit: ServiceKit, yuan: int, signs: bool
) -> None:
    deal = await insured(kit, income=100_000, yuan=yuan)
    if signs:
        await deal.sign("PREMIUM_DECLARATION")
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SUI-21", side="refuse")
async def test_an_instalment_above_a_fifth_of_the_income_is_declared(kit: ServiceKit) -> None:
    assert await judged(await insured(kit, income=50_000, yuan=10_001, **INSTALMENTS)) == DECLARATION


@pytest.mark.rule("SUI-21", side="pass")
async def test_a_fifth_of_the_income_is_not_too_much(kit: ServiceKit) -> None:
    assert await judged(await insured(kit, income=50_000, **INSTALMENTS)) == LOGGED


@pytest.mark.rule("SUI-21", side="refuse")
@pytest.mark.parametrize("years", [20, 21])
async def test_years_that_reach_60_with_the_age_are_declared(kit: ServiceKit, years: int) -> None:
    assert await judged(await insured(kit, instalment=True, payment_years=years)) == DECLARATION


@pytest.mark.rule("SUI-21", side="pass")
async def test_years_that_stay_below_60_with_the_age_are_not(kit: ServiceKit) -> None:
    assert await judged(await insured(kit, instalment=True, payment_years=19)) == LOGGED


@pytest.mark.rule("SUI-21", side="pass")
async def test_a_company_insures_without_age_and_household(kit: ServiceKit) -> None:
    deal = await insured(kit, 66, income=1)
    assert await judged(deal) == [
        ("SUI-21", "INSURANCE_ELDERLY_REVIEW"),
        ("SUI-21", "PREMIUM_DECLARATION_MISSING"),
    ]
    await company(deal)
    await signs(deal, await resolve(deal))
    assert await judged(deal) == LOGGED
