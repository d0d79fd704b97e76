"""Borders of the rules about the product, its partner and what the sale costs (PRD, AGY, FEE, REC-15)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from compliance.rulebook.facts import (
    ApprovalLevel,
    Authority,
    EntryMode,
    PartnerState,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    ProductStatus,
    SaleFacts,
)
from compliance.rulebook.fee_facts import FeeFacts, FeeQuoteFacts
from services.compliance.tests.gate.changes import (
    AGENCY,
    BOND,
    DAY,
    FOREIGN,
    FUND,
    GRADED_KINDS,
    INSURED,
    MOMENT,
    NEVER,
    RISKY,
    SECURITIES,
    TRUST,
    Border,
    Change,
    after,
    decided,
    each,
    on_day,
    part,
    product,
    together,
    whole,
)
from services.compliance.tests.unit.builders import an_id

BY_COMPLIANCE = part("product.admission", approvals=(ApprovalLevel.COMPLIANCE,))


def charged(**changes: Any) -> Change:
    """The sale is charged for, by a good quote with these members changed."""

    def change(facts: SaleFacts) -> SaleFacts:
        quote = FeeQuoteFacts(
            quote_id=an_id(80),
            customer_id=facts.customer_id,
            amount_minor=facts.amount_minor,
            currency=facts.currency,
            expires_at=facts.decided_at + DAY,
            confirmed_at=facts.decided_at - DAY,
            current=True,
        )
        return part("fees.quote", **changes)(
            replace(facts, fees=(FeeFacts(service_id=an_id(81), quote=quote),))
        )

    return change


def more(facts: SaleFacts) -> int:
    """A little more than the amount of the sale."""
    return facts.amount_minor + 1


BORDERS: Mapping[str, Sequence[Border]] = {
    "PRD-01": (
        Border(
            held=each("product", "status", ProductStatus.ON_SALE),
            broken=(
                *each("product", "status", ProductStatus.EXISTING, ProductStatus.ENDED, None),
                whole(product=None),
            ),
        ),
    ),
    "PRD-07": (
        Border(held=(product(bank_level=1), product(bank_level=2)), broken=(product(bank_level=0),)),
        Border(
            held=after(part("assessment", level=5), product(bank_level=5)),
            broken=(
                *after(part("assessment", level=6), product(bank_level=6)),
                *after(part("assessment", level=6), product(origin=ProductOrigin.AGENCY, issuer_level=6)),
            ),
        ),
        Border(
            held=(product(origin=ProductOrigin.AGENCY, issuer_level=1), product(issuer_level=None)),
            broken=(
                product(origin=ProductOrigin.AGENCY, issuer_level=0),
                product(origin=ProductOrigin.AGENCY, issuer_level=None),
                product(issuer_level=0),
                product(bank_level=None, issuer_level=3),
                product(bank_level=None),
            ),
            among=(whole(product=None),),
        ),
        Border(held=(BOND,)),
    ),
    "PRD-08": (
        Border(
            held=(product(bank_level=2), product(bank_level=3)),
            broken=(
                *each("product", "bank_level", 1, 2),
                *each("opinion", "product_level", 2, 4),
                part("product", issuer_level=2, bank_level=2),
            ),
        ),
        Border(
            held=(
                together(BOND, whole(opinion=None)),
                product(origin=ProductOrigin.AGENCY, issuer_level=3, bank_level=2),
                product(origin=ProductOrigin.AGENCY, issuer_level=2, bank_level=3),
            ),
            among=(
                *(whole(product=None), part("product", bank_level=None)),
                *(whole(opinion=None), whole(opinion=None, assessment=None)),
            ),
        ),
    ),
    "FEE-01": (
        Border(
            held=(charged(), charged(expires_at=decided(MOMENT)), whole(fees=())),
            broken=(
                *(charged(expires_at=decided(distance)) for distance in (-MOMENT, NEVER)),
                *(charged(customer_id=FOREIGN), charged(amount_minor=more), charged(currency="USD")),
                charged(current=False),
                together(charged(), part("fees", quote=None)),
                whole(fees=None),
            ),
        ),
    ),
    "FEE-02": (
        Border(
            held=(charged(confirmed_at=decided(-MOMENT)), charged(confirmed_at=decided(NEVER))),
            broken=(
                charged(confirmed_at=decided(MOMENT)),
                charged(confirmed_at=None),
            ),
            among=(together(charged(), part("fees", quote=None)), whole(fees=None)),
        ),
    ),
    "AGY-01": (
        Border(
            held=after(AGENCY, *each("partner", "licence_to", on_day(0), on_day(1), None)),
            broken=after(AGENCY, part("partner", licence_to=on_day(-1))),
        ),
        Border(
            held=after(AGENCY, *each("partner", "licence_from", on_day(-1), on_day(0))),
            broken=after(AGENCY, part("partner", licence_from=on_day(1))),
        ),
        Border(
            held=(
                *after(AGENCY, *each("partner", "authority", Authority.PBC, Authority.NFRA, Authority.CSRC)),
                *(part("partner", authority=Authority.OTHER), whole(partner=None)),
                together(BOND, AGENCY, part("partner", authority=Authority.OTHER)),
            ),
            broken=after(AGENCY, part("partner", authority=Authority.OTHER)),
            among=(
                *(together(AGENCY, whole(partner=None)), whole(product=None)),
                *after(together(AGENCY, part("partner", authority=Authority.OTHER)), INSURED, *GRADED_KINDS),
            ),
        ),
    ),
    "AGY-03": (
        Border(
            held=(AGENCY, whole(entry_mode=None), whole(entry_mode=EntryMode.ELSEWHERE)),
            broken=after(AGENCY, *each("", "entry_mode", EntryMode.ELSEWHERE, None)),
            among=(whole(product=None),),
        ),
    ),
    "AGY-04": (
        Border(
            held=(AGENCY, part("partner", kinds=()), whole(partner=None)),
            broken=(
                *after(AGENCY, *each("partner", "state", PartnerState.SUSPENDED, PartnerState.EXITED)),
                *after(AGENCY, part("partner", kinds=()), part("partner", kinds=(ProductKind.FUND,))),
                together(AGENCY, whole(partner=None)),
            ),
            among=(whole(product=None),),
        ),
    ),
    "AGY-05": (
        Border(
            held=(
                *after(AGENCY, BY_COMPLIANCE),
                *after(RISKY, AGENCY),
                *after(AGENCY, TRUST),
                *after(together(AGENCY, BOND, BY_COMPLIANCE), part("product", issuer_level=None)),
                part("product", admission=None),
            ),
            broken=(
                *after(RISKY, together(AGENCY, BY_COMPLIANCE)),
                *after(AGENCY, together(TRUST, BY_COMPLIANCE)),
                *after(AGENCY, part("product.admission", approvals=(ApprovalLevel.SENIOR_MANAGEMENT,))),
                *after(AGENCY, *each("product.admission", "rejected", True)),
                *after(AGENCY, *each("product.admission", "partner_id", FOREIGN)),
                *after(AGENCY, *each("product", "admission", None), *each("product", "partner_id", None)),
            ),
            among=(
                together(AGENCY, BOND, part("product", offering=None), BY_COMPLIANCE),
                together(AGENCY, part("product", offering=ProductOffering.PRIVATE), BY_COMPLIANCE),
                whole(product=None),
            ),
        ),
    ),
    "REC-15": (
        Border(broken=(FUND, SECURITIES)),
        Border(held=(TRUST, BOND)),
    ),
}
