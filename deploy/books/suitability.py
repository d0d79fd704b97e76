"""Who may buy what, read a second time: the rules about the customer as they hold since 2026-02-01.

Written from the rules' texts, not from the services' code. A missing fact breaks every rule that needs it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from deploy.books.law import legal_date

Inputs = Mapping[str, Any]

GRADED = frozenset({"WEALTH", "FUND", "SECURITIES", "TRUST", "INVESTMENT_INSURANCE"})
MEANS_FROM, HIGH_FROM, LOW_TO = 3, 4, 1
OLD_FROM = 65
THINK = timedelta(hours=24)
LARGE_MINOR = 100_000_000
PUBLIC_MINOR = 1_000_000
PRIVATE_MINOR = {
    "FIXED_INCOME": 30_000_000,
    "MIXED": 40_000_000,
    "EQUITY": 100_000_000,
    "COMMODITY_DERIVATIVE": 100_000_000,
}
COOLING = timedelta(hours=24)
OWN_CHANNEL_FROM = date(2026, 9, 30)
OWN_SOURCES = frozenset({"crm", "corebanking", "mobile-bank"})
CARE = ("risks_explained", "loss_understood", "companion_offered", "lower_risk_offered")


def level_of(inputs: Inputs) -> int | None:
    """The product's level, the higher one of both (PRD-08); None while neither is known."""
    product = inputs["product"]
    known = [n for n in (product["issuer_level"], product["bank_level"]) if n is not None]
    return max(known, default=None)


def _below(inputs: Inputs, level: int) -> bool | None:
    """Whether the product is surely below the level; None where that cannot be told."""
    if not inputs["product"]:
        return None
    found = level_of(inputs)
    if found is None:
        return None if inputs["product"]["kind"] in GRADED else True
    return found < level


def _customer(inputs: Inputs, name: str) -> Any:
    return (inputs.get("customer") or {}).get(name)


def _safeguard(inputs: Inputs, name: str) -> Any:
    return (inputs.get("safeguards") or {}).get(name)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _affordable(inputs: Inputs) -> bool:
    means = _customer(inputs, "means")
    if not means:
        return _below(inputs, MEANS_FROM) is True
    return bool(
        means["currency"] == inputs["currency"] and inputs["amount_minor"] <= means["liquid_assets_minor"]
    )


def _capable(inputs: Inputs) -> bool:
    capacity = _customer(inputs, "capacity")
    if capacity == "LIMITED":
        level = level_of(inputs) if inputs["product"] else None
        return level is not None and level <= LOW_TO and bool(_customer(inputs, "guardian_consent"))
    return bool(capacity == "FULL")


def _cared_for(inputs: Inputs) -> bool:
    if _customer(inputs, "legal_form") == "COMPANY":
        return True
    below, age, care = _below(inputs, HIGH_FROM), _customer(inputs, "age"), _safeguard(inputs, "care")
    if below is not False:
        return below is True
    if age is None or age < OLD_FROM:
        return age is not None
    if not care or not all(care[item] is True for item in CARE):
        return False
    return _at(inputs["decided_at"]) - _at(care["at"]) >= THINK


def _at_the_outlet(inputs: Inputs) -> bool:
    if inputs["product"] and inputs["product"]["kind"] != "WEALTH":
        return True
    agreed = _safeguard(inputs, "agreed_off_outlet_at")
    off = inputs["channel"] != "OUTLET" and _below(inputs, HIGH_FROM) is not True
    # Without a level an agreement is about nothing.
    if off and (_below(inputs, HIGH_FROM) is None or not agreed or _at(agreed) > _at(inputs["decided_at"])):
        return False
    large = inputs["currency"] != "CNY" or inputs["amount_minor"] >= LARGE_MINOR
    approved = _safeguard(inputs, "approved_at")
    return not large or bool(approved and _at(approved) <= _at(inputs["decided_at"]))


def _kind(inputs: Inputs) -> str | None:
    return inputs["product"]["kind"] if inputs["product"] else None


def _product(inputs: Inputs, name: str) -> Any:
    return (inputs["product"] or {}).get(name)


def _own(inputs: Inputs) -> bool:
    return bool(_product(inputs, "origin") == "OWN")


def _first_at_outlet(inputs: Inputs) -> bool:
    if _kind(inputs) not in {None, "WEALTH"}:
        return True
    if not inputs["product"]:
        return False
    if not _own(inputs):
        return True
    before, age = _customer(inputs, "bought_wealth_before"), _customer(inputs, "age")
    if before is not False:
        return before is True
    assessment = inputs["assessment"] or {}
    company = _customer(inputs, "legal_form") == "COMPANY"
    considered = company if age is None else age < OLD_FROM or assessment.get("age_considered") is True
    return assessment.get("place") == "OUTLET" and considered


def _reaches(inputs: Inputs) -> bool:
    """Whether the amount reaches what offering and asset class ask for."""
    asked = PUBLIC_MINOR
    if _product(inputs, "offering") == "PRIVATE":
        asked = PRIVATE_MINOR.get(_product(inputs, "asset_class"), 0)
    elif _product(inputs, "offering") != "PUBLIC":
        return False
    return asked > 0 and inputs["currency"] == "CNY" and inputs["amount_minor"] >= asked


def _investor(inputs: Inputs) -> bool:
    if _product(inputs, "offering") != "PRIVATE":
        return bool(_product(inputs, "offering") == "PUBLIC")
    found = _customer(inputs, "investor") or {}
    if found.get("investor_class") != "QUALIFIED" or not found["valid_until"]:
        return False
    if legal_date(_at(inputs["decided_at"])) > date.fromisoformat(found["valid_until"]):
        return False
    return (_own(inputs) and _kind(inputs) == "WEALTH") or _reaches(inputs)


def _cooled_off(inputs: Inputs) -> bool:
    if _kind(inputs) not in {None, "WEALTH"} or _product(inputs, "offering") == "PUBLIC":
        return True
    signed = _safeguard(inputs, "signed_at")
    if _product(inputs, "offering") != "PRIVATE" or not signed:
        return False
    return _at(inputs["decided_at"]) - _at(signed) >= COOLING


def _amount(inputs: Inputs) -> bool:
    if _kind(inputs) != "WEALTH":
        return _kind(inputs) is not None
    return not _own(inputs) or _reaches(inputs)


def _own_channel(inputs: Inputs) -> bool:
    if legal_date(_at(inputs["decided_at"])) < OWN_CHANNEL_FROM:
        return True
    assessment = inputs["assessment"] or {}
    return assessment.get("imported") is False or (
        assessment.get("imported") is True and assessment["source"] in OWN_SOURCES
    )


def _insured(inputs: Inputs) -> bool:
    if _kind(inputs) not in {None, "INSURANCE", "INVESTMENT_INSURANCE"}:
        return True
    # Age and household are a natural person's.
    if _customer(inputs, "legal_form") == "COMPANY":
        return True
    if not inputs["product"]:
        return False
    age, instalment = _customer(inputs, "age"), _product(inputs, "instalment")
    if age is None or (60 < age <= 65 and instalment is None):
        return False
    reviewed = _product(inputs, "benefit_certain") is True and _safeguard(inputs, "insurer_accepted_at")
    if (age > 65 or (age > 60 and instalment)) and not reviewed:
        return False
    return bool(_safeguard(inputs, "premium_declared_at")) or _light(inputs)


def _light(inputs: Inputs) -> bool:
    """Whether the premium asks for no declaration."""
    means, instalment = _customer(inputs, "means"), _product(inputs, "instalment")
    if not means or instalment is None or means["currency"] != inputs["currency"]:
        return False
    premium, income = inputs["amount_minor"], means["annual_income_minor"]
    if not instalment:
        return bool(premium <= 4 * income)
    age, years = _customer(inputs, "age"), _product(inputs, "payment_years")
    return premium * 5 <= income and age is not None and years is not None and age + years < 60


RULES: Mapping[str, Callable[[Inputs], bool]] = {
    "SUI-04": _affordable,
    "SUI-13": _capable,
    "SUI-14": _cared_for,
    "SUI-15": _first_at_outlet,
    "SUI-16": _at_the_outlet,
    "SUI-17": _investor,
    "SUI-18": _cooled_off,
    "SUI-19": _amount,
    "SUI-20": _own_channel,
    "SUI-21": _insured,
}
