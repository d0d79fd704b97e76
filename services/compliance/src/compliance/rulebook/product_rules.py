"""Rules of the gate about the product: listed, on sale, graded (PRD)."""

from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import ProductOrigin, ProductStatus, SaleFacts


@dataclass(frozen=True, kw_only=True)
class SellingStates:
    """PRD-01: the states of a product that may be sold."""

    sells: tuple[ProductStatus, ...]


def product_listed(facts: SaleFacts, parameters: SellingStates) -> Verdict:
    """PRD-01: the product stands in the registry and is on sale."""
    code = "PRODUCT_NOT_LISTED"
    if facts.product is None:
        return unknown(code, "product")
    if facts.product.status is None:
        return unknown(code, "product.status")
    return (
        PASS
        if facts.product.status in parameters.sells
        else fail(code, "state", state=[facts.product.status])
    )


def product_offered(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """PRD-01: a product with a window is sold inside it: from its beginning on, until before its end."""
    code, at = "OFFERING_WINDOW_CLOSED", facts.decided_at
    # Of a product outside the registry its other limb speaks.
    window = None if facts.product is None else facts.product.window
    if window is None:
        return PASS
    if window.offered_from is not None and at < window.offered_from:
        return fail(code, "early")
    return fail(code, "over") if window.offered_until is not None and window.offered_until <= at else PASS


@dataclass(frozen=True, kw_only=True)
class RiskLevels:
    """PRD-07: the lowest and the highest level of the scale."""

    lowest: int
    highest: int


def product_graded(facts: SaleFacts, parameters: RiskLevels) -> Verdict:
    """PRD-07: a level of the scale by the bank, and for an agency product by its issuer too."""
    code = "PRODUCT_RISK_LEVEL_MISSING"
    product = facts.product
    if product is None:
        return unknown(code, "product")
    levels = {"product.bank_level": product.bank_level}
    if product.origin is ProductOrigin.AGENCY or product.issuer_level is not None:
        levels["product.issuer_level"] = product.issuer_level
    if missing := [path for path, level in levels.items() if level is None]:
        return unknown(code, *missing)
    outside = [
        str(n) for n in levels.values() if n is None or not parameters.lowest <= n <= parameters.highest
    ]
    return fail(code, "scale", levels=outside) if outside else PASS


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.product_listed.v1",
        codes_of("PRODUCT_NOT_LISTED", state=("state",)),
        SellingStates,
        product_listed,
    ),
    PureCheck(
        "sale.product_offered.v1",
        {"OFFERING_WINDOW_CLOSED/early": (), "OFFERING_WINDOW_CLOSED/over": ()},
        NoParameters,
        product_offered,
    ),
    PureCheck(
        "sale.product_graded.v1",
        codes_of("PRODUCT_RISK_LEVEL_MISSING", scale=("levels",)),
        RiskLevels,
        product_graded,
    ),
)
