"""Rules of the gate about insurance: the old, and premiums that weigh heavily (SUI-21)."""

from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import ProductFacts, SaleFacts


@dataclass(frozen=True, kw_only=True)
class OldAge:
    """SUI-21: beyond which age, in completed years, the care is due; the second one with instalments."""

    age_over: int
    instalment_age_over: int


def old_age_reviewed(facts: SaleFacts, parameters: OldAge) -> Verdict:
    """SUI-21: who is old buys a certain benefit, which the insurer itself has accepted, not the counter."""
    code = "INSURANCE_ELDERLY_REVIEW"
    product = facts.product
    if product is None:
        return unknown(code, "product")
    age = None if facts.customer is None else facts.customer.age
    if age is None:
        return unknown(code, "customer.age")
    if age <= parameters.instalment_age_over:
        return PASS
    if age <= parameters.age_over:
        if product.instalment is None:
            return unknown(code, "product.instalment")
        if not product.instalment:
            return PASS
    if product.benefit_certain is None:
        return unknown(code, "product.benefit_certain")
    if not product.benefit_certain:
        return fail(code, "benefit")
    accepted_at = None if facts.safeguards is None else facts.safeguards.insurer_accepted_at
    return PASS if accepted_at is not None else unknown(code, "safeguards.insurer_acceptance")


def old_person_reviewed(facts: SaleFacts, parameters: OldAge) -> Verdict:
    """SUI-21: as :func:`old_age_reviewed`; a company has no age."""
    return PASS if _is_company(facts) else old_age_reviewed(facts, parameters)


@dataclass(frozen=True, kw_only=True)
class HeavyPremium:
    """SUI-21: a lump sum in times, an annual premium in percent of the household's annual income.

    ``age_and_years``: the sum of age and payment years from which on instalments are declared.
    """

    income_times: int
    income_percent: int
    age_and_years: int


def premium_declared(facts: SaleFacts, parameters: HeavyPremium) -> Verdict:
    """SUI-21: a premium that weighs heavily was declared; the amount of instalments is one year's."""
    code = "PREMIUM_DECLARATION_MISSING"
    product, customer = facts.product, facts.customer
    if facts.safeguards is not None and facts.safeguards.premium_declared_at is not None:
        return PASS
    if product is None:
        return unknown(code, "product")
    if product.instalment is None:
        return unknown(code, "product.instalment")
    means = None if customer is None else customer.means
    if means is None:
        return unknown(code, "customer.means")
    if means.currency != facts.currency:
        return fail(code, "currency", stated=[means.currency], wanted=[facts.currency])
    if not product.instalment:
        heavy = facts.amount_minor > parameters.income_times * means.annual_income_minor
        return fail(code, "lump_sum") if heavy else PASS
    if facts.amount_minor * 100 > parameters.income_percent * means.annual_income_minor:
        return fail(code, "instalment")
    return _years(product, None if customer is None else customer.age, parameters)


def household_premium_declared(facts: SaleFacts, parameters: HeavyPremium) -> Verdict:
    """SUI-21: as :func:`premium_declared`; a company has neither a household nor an age."""
    return PASS if _is_company(facts) else premium_declared(facts, parameters)


def _is_company(facts: SaleFacts) -> bool:
    return facts.customer is not None and facts.customer.is_company


def _years(product: ProductFacts, age: int | None, parameters: HeavyPremium) -> Verdict:
    code = "PREMIUM_DECLARATION_MISSING"
    if age is None:
        return unknown(code, "customer.age")
    if product.payment_years is None:
        return unknown(code, "product.payment_years")
    return fail(code, "years") if age + product.payment_years >= parameters.age_and_years else PASS


_REVIEW = codes_of("INSURANCE_ELDERLY_REVIEW", "benefit")
_DECLARATION = codes_of(
    "PREMIUM_DECLARATION_MISSING", "lump_sum", "instalment", "years", currency=("stated", "wanted")
)

CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck("sale.old_age_reviewed.v1", _REVIEW, OldAge, old_age_reviewed),
    PureCheck("sale.old_age_reviewed.v2", _REVIEW, OldAge, old_person_reviewed),
    PureCheck("sale.premium_declared.v1", _DECLARATION, HeavyPremium, premium_declared),
    PureCheck("sale.premium_declared.v2", _DECLARATION, HeavyPremium, household_premium_declared),
)
