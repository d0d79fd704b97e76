"""Rules of the gate about who buys: means, capacity, age, large and risky purchases."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from chassis.clock import BANK_ZONE
from compliance.rulebook.customer_facts import CareFacts, CivilCapacity, MeansFacts
from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import ProductKind, SaleFacts
from compliance.rulebook.suitability_rules import level_path

AT_THE_OUTLET = "OUTLET"


@dataclass(frozen=True, kw_only=True)
class FromLevel:
    """From which level on a rule speaks; ``graded`` kinds always carry one, others where they were graded."""

    level_from: int
    graded: tuple[ProductKind, ...]


def below(facts: SaleFacts, code: str, risk: FromLevel) -> Verdict | None:
    """None where the product is at or above the level; else the verdict with which the rule ends."""
    product = facts.product
    if product is None:
        return unknown(code, "product")
    level = product.effective_level
    if level is None:
        return unknown(code, level_path(product)) if product.kind in risk.graded else PASS
    return None if level >= risk.level_from else PASS


@dataclass(frozen=True, kw_only=True)
class MeansLimit(FromLevel):
    """SUI-04: the share of the liquid assets that one amount may reach, in percent.

    Means must be known from ``level_from`` on; where they are known, they count at every level.
    """

    percent: int


def means_suffice(facts: SaleFacts, parameters: MeansLimit) -> Verdict:
    """SUI-04: the money needed is not clearly out of line with what the customer has."""
    code = "FUNDS_MISMATCH"
    means = None if facts.customer is None else facts.customer.means
    if means is None:
        verdict = below(facts, code, parameters)
        return unknown(code, "customer.means") if verdict is None else verdict
    if means.currency != facts.currency:
        return fail(code, "currency", stated=[means.currency], wanted=[facts.currency])
    return PASS if _affordable(facts.amount_minor, means, parameters.percent) else fail(code, "above")


def _affordable(amount_minor: int, means: MeansFacts, percent: int) -> bool:
    return amount_minor * 100 <= means.liquid_assets_minor * percent


@dataclass(frozen=True, kw_only=True)
class LowRisk:
    """SUI-13: the highest level that counts as low."""

    level_up_to: int


def customer_capable(facts: SaleFacts, parameters: LowRisk) -> Verdict:
    """SUI-13: full capacity, or limited with a low-risk product and the legal representative's consent."""
    code = "NO_CIVIL_CAPACITY"
    customer, product = facts.customer, facts.product
    if customer is None or customer.capacity is None:
        return unknown(code, "customer.capacity")
    if customer.capacity is CivilCapacity.FULL:
        return PASS
    if customer.capacity is CivilCapacity.NONE:
        return fail(code, "none")
    findings = []
    if product is None:
        findings.append(Finding(code=code, missing=("product",)))
    elif product.effective_level is None:
        findings.append(Finding(code=code, missing=(level_path(product),)))
    elif product.effective_level > parameters.level_up_to:
        level = (f"R{product.effective_level}",)
        findings.append(Finding(code=code, reason="limited", details={"product": level}))
    if customer.guardian_consent is None:
        findings.append(Finding(code="GUARDIAN_CONSENT_MISSING"))
    return Verdict(tuple(findings))


@dataclass(frozen=True, kw_only=True)
class ElderlyCare(FromLevel):
    """SUI-14: from which age on, in completed years, and how many hours there are to think it over."""

    age_from: int
    think_hours: int


CARE_ITEMS = tuple(item.name for item in fields(CareFacts) if item.name not in {"care_id", "at"})


def elderly_cared_for(facts: SaleFacts, parameters: ElderlyCare) -> Verdict:
    """SUI-14: who is old and buys a high risk has had the special care, and then time to think."""
    code = "ELDERLY_SPECIAL_CARE"
    if (verdict := below(facts, code, parameters)) is not None:
        return verdict
    if facts.customer is None or facts.customer.age is None:
        return unknown(code, "customer.age")
    if facts.customer.age < parameters.age_from:
        return PASS
    care = None if facts.safeguards is None else facts.safeguards.care
    if care is None:
        return unknown(code, "safeguards.care")
    if left := [item for item in CARE_ITEMS if getattr(care, item) is not True]:
        return fail(code, "items", items=left)
    over = care.at + timedelta(hours=parameters.think_hours)
    return PASS if facts.decided_at >= over else fail(code, "thinking", until=[shown(over)])


def elderly_person_cared_for(facts: SaleFacts, parameters: ElderlyCare) -> Verdict:
    """SUI-14: as :func:`elderly_cared_for`; a company has no age."""
    if facts.customer is not None and facts.customer.is_company:
        return PASS
    return elderly_cared_for(facts, parameters)


def shown(instant: datetime) -> str:
    """An instant as people of the bank read it: in its zone, to the second."""
    return instant.astimezone(BANK_ZONE).isoformat(timespec="seconds")


def high_risk_at_outlet(facts: SaleFacts, parameters: FromLevel) -> Verdict:
    """SUI-16: a high risk is sold at an outlet, or where the customer agreed to it in writing."""
    code = "HIGH_RISK_OFF_OUTLET"
    if facts.channel == AT_THE_OUTLET:
        return PASS
    if (verdict := below(facts, code, parameters)) is not None:
        return verdict
    agreed_at = None if facts.safeguards is None else facts.safeguards.agreed_off_outlet_at
    return PASS if agreed_at is not None and agreed_at <= facts.decided_at else fail(code, "agreement")


@dataclass(frozen=True, kw_only=True)
class LargeAmount:
    """SUI-16: from which amount on somebody else approves, in minor units of ``currency``."""

    amount_minor: int
    currency: str


def large_amount_approved(facts: SaleFacts, parameters: LargeAmount) -> Verdict:
    """SUI-16: a large amount was approved; one in another currency cannot be told from a large one."""
    if facts.currency == parameters.currency and facts.amount_minor < parameters.amount_minor:
        return PASS
    approved_at = None if facts.safeguards is None else facts.safeguards.approved_at
    if approved_at is not None and approved_at <= facts.decided_at:
        return PASS
    return unknown("LARGE_AMOUNT_APPROVAL", "safeguards.approval")


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.means_suffice.v1",
        codes_of("FUNDS_MISMATCH", "above", currency=("stated", "wanted")),
        MeansLimit,
        means_suffice,
    ),
    PureCheck(
        "sale.customer_capable.v1",
        codes_of("NO_CIVIL_CAPACITY", "none", limited=("product",)) | codes_of("GUARDIAN_CONSENT_MISSING"),
        LowRisk,
        customer_capable,
    ),
    PureCheck(
        "sale.elderly_cared_for.v1",
        codes_of("ELDERLY_SPECIAL_CARE", items=("items",), thinking=("until",)),
        ElderlyCare,
        elderly_cared_for,
    ),
    PureCheck(
        "sale.elderly_cared_for.v2",
        codes_of("ELDERLY_SPECIAL_CARE", items=("items",), thinking=("until",)),
        ElderlyCare,
        elderly_person_cared_for,
    ),
    PureCheck(
        "sale.high_risk_at_outlet.v1",
        codes_of("HIGH_RISK_OFF_OUTLET", "agreement"),
        FromLevel,
        high_risk_at_outlet,
    ),
    PureCheck(
        "sale.large_amount_approved.v1",
        codes_of("LARGE_AMOUNT_APPROVAL"),
        LargeAmount,
        large_amount_approved,
    ),
)
