"""Rules of the gate about the customer's assessment and its match with the product (SUI)."""

from dataclasses import dataclass
from datetime import date

from compliance.periods.domain import add_months, legal_date
from compliance.rulebook.domain import (
    PASS,
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    fail,
    unknown,
)
from compliance.rulebook.facts import ProductFacts, ProductKind, ProductOrigin, SaleFacts


def customer_assessed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SUI-01: the customer himself was assessed before the sale, with a level as the result."""
    code = "ASSESSMENT_MISSING"
    assessment = facts.assessment
    if assessment is None:
        return unknown(code, "assessment")
    if assessment.level is None:
        return unknown(code, "assessment.level")
    reasons = {
        "customer": assessment.customer_id != facts.customer_id,
        "late": assessment.completed_at >= facts.decided_at,
    }
    return Verdict(tuple(Finding(code=code, reason=reason) for reason, found in reasons.items() if found))


@dataclass(frozen=True, kw_only=True)
class GradedKinds:
    """SUI-03: the kinds that always carry a risk level; any other is compared when it has one."""

    graded: tuple[ProductKind, ...]


def level_suits(facts: SaleFacts, parameters: GradedKinds) -> Verdict:
    """SUI-03: the higher of issuer's and bank's level is not above the customer's."""
    code = "RISK_LEVEL_MISMATCH"
    product, assessment = facts.product, facts.assessment
    if product is None:
        return unknown(code, "product")
    level = product.effective_level
    if level is None and product.kind not in parameters.graded:
        return PASS
    customer = None if assessment is None else assessment.level
    missing = [] if level is not None else [level_path(product)]
    if customer is None:
        missing.append("assessment" if assessment is None else "assessment.level")
    if level is None or customer is None:
        return unknown(code, *missing)
    return (
        PASS if level <= customer else fail(code, "above", product=[f"R{level}"], customer=[f"C{customer}"])
    )


def level_path(product: ProductFacts) -> str:
    """The fact whose absence leaves the product without a level."""
    return "product.issuer_level" if product.origin is ProductOrigin.AGENCY else "product.bank_level"


@dataclass(frozen=True, kw_only=True)
class ValidMonths:
    """SUI-12: how long an assessment is good for."""

    months: int


def assessment_valid(facts: SaleFacts, parameters: ValidMonths) -> Verdict:
    """SUI-12: the assessment's months are not over, and the customer reported no change since."""
    assessment, at = facts.assessment, facts.decided_at
    if assessment is None:
        return unknown("ASSESSMENT_EXPIRED", "assessment")
    findings = []
    last_day = add_months(legal_date(assessment.completed_at), parameters.months)
    if legal_date(at) > last_day:
        findings.append(_expired(last_day))
    changed = assessment.change_reported_at
    if changed is not None and assessment.completed_at <= changed <= at:
        findings.append(Finding(code="REASSESSMENT_REQUIRED"))
    return Verdict(tuple(findings))


def _expired(last_day: date) -> Finding:
    return Finding(code="ASSESSMENT_EXPIRED", reason="over", details={"last_day": (last_day.isoformat(),)})


def level_confirmed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SUI-11: a level that differs from the one that counted before it was confirmed by the customer."""
    code, assessment = "ASSESSMENT_RECONFIRMATION_PENDING", facts.assessment
    if assessment is None:
        return unknown(code, "assessment")
    if assessment.level is None:
        return unknown(code, "assessment.level")
    if assessment.level_before in (None, assessment.level):
        return PASS
    confirmed = assessment.level_confirmed_at
    if confirmed is not None and confirmed <= facts.decided_at:
        return PASS
    return fail(code, "changed", before=[f"C{assessment.level_before}"], level=[f"C{assessment.level}"])


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.customer_assessed.v1",
        codes_of("ASSESSMENT_MISSING", "customer", "late"),
        NoParameters,
        customer_assessed,
    ),
    PureCheck(
        "sale.level_suits.v1",
        codes_of("RISK_LEVEL_MISMATCH", above=("product", "customer")),
        GradedKinds,
        level_suits,
    ),
    PureCheck(
        "sale.assessment_valid.v1",
        codes_of("ASSESSMENT_EXPIRED", over=("last_day",)) | codes_of("REASSESSMENT_REQUIRED"),
        ValidMonths,
        assessment_valid,
    ),
    PureCheck(
        "sale.level_confirmed.v1",
        codes_of("ASSESSMENT_RECONFIRMATION_PENDING", changed=("before", "level")),
        NoParameters,
        level_confirmed,
    ),
)
