"""Rules of the gate about first purchases, private offerings, smallest amounts, foreign assessments."""

from dataclasses import dataclass
from datetime import timedelta

from compliance.periods.domain import legal_date
from compliance.rulebook.buyer_rules import shown
from compliance.rulebook.customer_facts import AssessmentPlace, InvestorClass
from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import (
    AssetClass,
    ProductFacts,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    SaleFacts,
)


@dataclass(frozen=True, kw_only=True)
class FirstPurchase:
    """SUI-15: from which age on, in completed years, age and experience are looked at."""

    age_from: int


def first_assessed_at_outlet(facts: SaleFacts, parameters: FirstPurchase) -> Verdict:
    """SUI-15: a first buyer of the bank's own wealth products was assessed face to face at an outlet."""
    code = "FIRST_ASSESSMENT_NOT_AT_OUTLET"
    product, customer, assessment = facts.product, facts.customer, facts.assessment
    if product is None:
        return unknown(code, "product")
    if product.origin is not ProductOrigin.OWN:
        return PASS
    if customer is None or customer.bought_wealth_before is None:
        return unknown(code, "customer")
    if customer.bought_wealth_before:
        return PASS
    if assessment is None:
        return unknown(code, "assessment")
    if assessment.place is None:
        return unknown(code, "assessment.place")
    findings = []
    if assessment.place is not AssessmentPlace.OUTLET:
        findings.append(Finding(code=code, reason="remote"))
    if customer.age is None:
        findings.append(Finding(code=code, missing=("customer.age",)))
    elif customer.age >= parameters.age_from and assessment.age_considered is not True:
        findings.append(Finding(code=code, reason="age"))
    return Verdict(tuple(findings))


def first_buyer_assessed_at_outlet(facts: SaleFacts, parameters: FirstPurchase) -> Verdict:
    """SUI-15: as :func:`first_assessed_at_outlet`; a company has no age."""
    verdict = first_assessed_at_outlet(facts, parameters)
    if facts.customer is None or not facts.customer.is_company:
        return verdict
    return Verdict(tuple(one for one in verdict.findings if one.missing != ("customer.age",)))


@dataclass(frozen=True, kw_only=True)
class SmallestAmounts:
    """SUI-17, SUI-19: the smallest amount of one sale, in minor units of ``currency``."""

    currency: str
    public_minor: int
    fixed_income_minor: int
    mixed_minor: int
    equity_minor: int
    commodity_derivative_minor: int


def too_small(facts: SaleFacts, product: ProductFacts, code: str, smallest: SmallestAmounts) -> Verdict:
    """Whether the amount of this one sale, and not of several, reaches what its product asks for."""
    if product.offering is None:
        return unknown(code, "product.offering")
    if product.offering is ProductOffering.PUBLIC:
        wanted = smallest.public_minor
    elif product.asset_class is None:
        return unknown(code, "product.asset_class")
    else:
        wanted = {
            AssetClass.FIXED_INCOME: smallest.fixed_income_minor,
            AssetClass.MIXED: smallest.mixed_minor,
            AssetClass.EQUITY: smallest.equity_minor,
            AssetClass.COMMODITY_DERIVATIVE: smallest.commodity_derivative_minor,
        }[product.asset_class]
    if facts.currency == smallest.currency and facts.amount_minor >= wanted:
        return PASS
    return fail(code, "amount", smallest=[f"{smallest.currency} {wanted // 100:,}"])


def investor_qualified(facts: SaleFacts, parameters: SmallestAmounts) -> Verdict:
    """SUI-17: a private product goes to a qualified investor, in one sale and not in small ones.

    The amount of a bank's own wealth product is SUI-19's.
    """
    code = "NOT_QUALIFIED_INVESTOR"
    product = facts.product
    if product is None:
        return unknown(code, "product")
    if product.offering is None:
        return unknown(code, "product.offering")
    if product.offering is ProductOffering.PUBLIC:
        return PASS
    investor = None if facts.customer is None else facts.customer.investor
    findings: tuple[Finding, ...] = ()
    if investor is None or investor.investor_class is not InvestorClass.QUALIFIED:
        findings = (Finding(code=code, reason="class"),)
    elif investor.valid_until is None or investor.valid_until < legal_date(facts.decided_at):
        findings = (Finding(code=code, reason="over"),)
    if not (product.origin is ProductOrigin.OWN and product.kind is ProductKind.WEALTH):
        findings += too_small(facts, product, code, parameters).findings
    return Verdict(findings)


@dataclass(frozen=True, kw_only=True)
class CoolingOff:
    """SUI-18: how many hours the customer may change his mind after he has signed."""

    hours: int


def cooled_off(facts: SaleFacts, parameters: CoolingOff) -> Verdict:
    """SUI-18: a private wealth product is settled when the hours after the signature are over."""
    code = "COOLING_OFF"
    product = facts.product
    if product is None:
        return unknown(code, "product")
    if product.offering is None:
        return unknown(code, "product.offering")
    if product.offering is ProductOffering.PUBLIC:
        return PASS
    signed_at = None if facts.safeguards is None else facts.safeguards.signed_at
    if signed_at is None:
        return unknown(code, "safeguards.contract")
    over = signed_at + timedelta(hours=parameters.hours)
    return PASS if facts.decided_at >= over else fail(code, "running", until=[shown(over)])


def amount_reached(facts: SaleFacts, parameters: SmallestAmounts) -> Verdict:
    """SUI-19: the amount of the bank's own wealth product is not below the smallest one."""
    code = "BELOW_MINIMUM_AMOUNT"
    product = facts.product
    if product is None:
        return unknown(code, "product")
    return PASS if product.origin is not ProductOrigin.OWN else too_small(facts, product, code, parameters)


@dataclass(frozen=True, kw_only=True)
class OwnSources:
    """SUI-20: the systems of the bank whose assessments are imported; any other is a third party's."""

    own_sources: tuple[str, ...]


def assessed_by_the_bank(facts: SaleFacts, parameters: OwnSources) -> Verdict:
    """SUI-20: the assessment was done on a channel of the bank's own."""
    code = "THIRD_PARTY_ASSESSMENT"
    assessment = facts.assessment
    if assessment is None:
        return unknown(code, "assessment")
    if assessment.imported is None:
        return unknown(code, "assessment.source")
    if not assessment.imported or assessment.source in parameters.own_sources:
        return PASS
    return fail(code, "source")


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.first_assessed_at_outlet.v1",
        codes_of("FIRST_ASSESSMENT_NOT_AT_OUTLET", "remote", "age"),
        FirstPurchase,
        first_assessed_at_outlet,
    ),
    PureCheck(
        "sale.first_assessed_at_outlet.v2",
        codes_of("FIRST_ASSESSMENT_NOT_AT_OUTLET", "remote", "age"),
        FirstPurchase,
        first_buyer_assessed_at_outlet,
    ),
    PureCheck(
        "sale.investor_qualified.v1",
        codes_of("NOT_QUALIFIED_INVESTOR", "class", "over", amount=("smallest",)),
        SmallestAmounts,
        investor_qualified,
    ),
    PureCheck("sale.cooled_off.v1", codes_of("COOLING_OFF", running=("until",)), CoolingOff, cooled_off),
    PureCheck(
        "sale.amount_reached.v1",
        codes_of("BELOW_MINIMUM_AMOUNT", amount=("smallest",)),
        SmallestAmounts,
        amount_reached,
    ),
    PureCheck(
        "sale.assessed_by_the_bank.v1",
        codes_of("THIRD_PARTY_ASSESSMENT", "source"),
        OwnSources,
        assessed_by_the_bank,
    ),
)
