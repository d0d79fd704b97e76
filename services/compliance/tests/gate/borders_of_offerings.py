"""Borders of the rules about private offerings, smallest amounts and insurance (SUI-17, -18, -19, -21)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from compliance.rulebook.customer_facts import InvestorClass, InvestorFacts, LegalForm
from compliance.rulebook.facts import AssetClass, ProductOffering
from services.compliance.tests.gate.changes import (
    AGENCY,
    INSURED,
    INVESTED,
    MOMENT,
    TRUST,
    Border,
    Change,
    after,
    customer,
    decided,
    each,
    on_day,
    part,
    product,
    together,
    whole,
)
from services.compliance.tests.unit.builders import an_id

COOLING = timedelta(hours=24)
#: The smallest amounts of private products, in fen.
SMALLEST = {
    AssetClass.FIXED_INCOME: 30_000_000,
    AssetClass.MIXED: 40_000_000,
    AssetClass.EQUITY: 100_000_000,
    AssetClass.COMMODITY_DERIVATIVE: 100_000_000,
}


def _investor(facts: Any) -> InvestorFacts:
    return InvestorFacts(
        investor_class=InvestorClass.QUALIFIED, valid_until=on_day(30)(facts), evidence_id=an_id(91)
    )


def offered(asset_class: AssetClass, short_of: int = 0) -> Change:
    """A private product with its smallest amount, or with so much less."""
    return together(
        product(offering=ProductOffering.PRIVATE, asset_class=asset_class),
        whole(amount_minor=SMALLEST[asset_class] - short_of),
    )


QUALIFIED = together(
    customer(investor=_investor),
    part("safeguards", signed_at=decided(-COOLING), approved_at=decided(-MOMENT)),
)
PRIVATE = together(QUALIFIED, offered(AssetClass.FIXED_INCOME))
#: Nobody knows how it is offered, or what it is.
NOT_OFFERED = (part("product", offering=None), whole(product=None))
PRIVATE_TRUST = together(PRIVATE, AGENCY, TRUST)


def amounts(*before: Change) -> tuple[Border, ...]:
    """The smallest amount of each class of private products."""
    return tuple(
        Border(
            held=(together(*before, offered(one)), together(*before, offered(one, -1))),
            broken=(together(*before, offered(one, 1)),),
        )
        for one in AssetClass
    )


def instalments(**changes: Any) -> Change:
    """Insurance paid in instalments over ten years, with these members of the product changed."""
    return together(INSURED, product(**{"instalment": True, "payment_years": 10} | changes))


def income(minor: int) -> Change:
    """What the household earns a year."""
    return part("customer.means", annual_income_minor=minor)


DECLARED = part("safeguards", premium_declared_at=decided(-MOMENT))
ACCEPTED = part("safeguards", insurer_accepted_at=decided(-MOMENT))
CERTAIN = product(benefit_certain=True)
INSURED_COMPANY = together(INSURED, customer(legal_form=LegalForm.COMPANY, age=None))

BORDERS: Mapping[str, Sequence[Border]] = {
    "SUI-17": (
        Border(
            held=(
                *after(PRIVATE, *each("customer.investor", "valid_until", on_day(0), on_day(1))),
                *(PRIVATE_TRUST, customer(investor=None)),
            ),
            broken=(
                *after(PRIVATE, *each("customer.investor", "valid_until", on_day(-1), None)),
                *after(
                    PRIVATE,
                    *each(
                        "customer.investor",
                        "investor_class",
                        InvestorClass.ORDINARY,
                        InvestorClass.PROFESSIONAL,
                    ),
                ),
                *after(PRIVATE, customer(investor=None)),
                *after(together(AGENCY, TRUST), *each("product", "offering", None)),
                *after(PRIVATE_TRUST, *each("product", "asset_class", None)),
            ),
            among=(
                *after(PRIVATE, whole(customer=None), part("product", offering=None)),
                *after(PRIVATE_TRUST, whole(currency="USD")),
                whole(product=None),
            ),
        ),
        *amounts(QUALIFIED, AGENCY, TRUST),
        *amounts(QUALIFIED, AGENCY),
        *amounts(QUALIFIED, TRUST),
        Border(held=(together(PRIVATE, whole(amount_minor=1)),)),
    ),
    "SUI-18": (
        Border(
            held=(*after(PRIVATE, part("safeguards", signed_at=decided(-COOLING))), PRIVATE_TRUST),
            broken=(
                *after(PRIVATE, *each("safeguards", "signed_at", decided(MOMENT - COOLING), None)),
                *after(PRIVATE, whole(safeguards=None)),
            ),
            among=(*after(PRIVATE, *NOT_OFFERED), *NOT_OFFERED),
        ),
        Border(held=after(PRIVATE_TRUST, part("safeguards", signed_at=None), whole(safeguards=None))),
    ),
    "SUI-19": (
        Border(
            held=(*each("", "amount_minor", 1_000_000, 1_000_001), *after(AGENCY, whole(amount_minor=1))),
            broken=(
                whole(amount_minor=999_999),
                *after(PRIVATE, part("product", asset_class=None)),
            ),
            among=(whole(currency="USD"), *after(PRIVATE, *NOT_OFFERED), *NOT_OFFERED),
        ),
        *amounts(QUALIFIED),
        Border(held=after(INSURED, whole(amount_minor=1))),
    ),
    "SUI-21": (
        Border(
            held=(
                *after(INSURED, customer(age=65), *after(together(ACCEPTED, CERTAIN), customer(age=66))),
                *after(together(INVESTED, CERTAIN, ACCEPTED), customer(age=66)),
            ),
            broken=(
                *after(INSURED, customer(age=66), customer(age=None)),
                *after(together(INSURED, customer(age=66)), ACCEPTED, CERTAIN),
                *after(together(INSURED, customer(age=66), ACCEPTED), product(benefit_certain=False)),
                *after(together(INSURED, customer(age=66), CERTAIN), whole(safeguards=None)),
                *after(INVESTED, customer(age=66)),
            ),
            among=(*after(INSURED, whole(customer=None)), whole(product=None)),
        ),
        # A company has neither an age nor a household.
        Border(held=after(INSURED_COMPANY, customer(age=66), customer(means=None))),
        Border(
            held=(
                *after(together(instalments(), DECLARED), customer(age=60)),
                *after(together(instalments(), DECLARED, ACCEPTED, CERTAIN), customer(age=61)),
                *after(together(INSURED, DECLARED, product(instalment=None)), customer(age=60)),
            ),
            broken=(
                *after(together(instalments(), DECLARED), customer(age=61)),
                *after(together(INSURED, DECLARED, product(instalment=None)), customer(age=61)),
            ),
        ),
        Border(
            held=(*after(INSURED, income(1_250_000)), together(INSURED, income(1), DECLARED)),
            broken=(
                *after(INSURED, income(1_249_999)),
                *after(product(bank_level=2), together(INSURED, customer(means=None))),
                together(INSURED, product(instalment=None)),
            ),
            among=(
                *after(INSURED, part("customer.means", currency="USD")),
                *after(INVESTED, income(1_249_999)),
            ),
        ),
        Border(
            held=after(instalments(), income(25_000_000), product(payment_years=19)),
            broken=(
                *after(instalments(), income(24_999_999), *each("product", "payment_years", 20, 21, None)),
                *after(instalments(), customer(age=None), customer(age=50)),
            ),
        ),
    ),
}
