"""What describes a product in requests."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http.models import Input
from compliance.products.domain import Listing, ProductTerms, RiskLevels
from compliance.rulebook.facts import AssetClass, ProductForm, ProductKind, ProductOffering, ProductOrigin

CODE_PATTERN = r"^[A-Za-z0-9._-]+$"

Name = Annotated[str, Field(min_length=1, max_length=120)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=CODE_PATTERN)]


class TermsBody(Input):
    """What describes a product and may be corrected. ``term_months`` null: open, or not known.

    The asset class decides the smallest amount of a private product; the last three are of insurance:
    premiums in instalments (over how many years) or at once, and whether the benefit is certain. Null: not
    known, and a sale that needs it is refused.
    """

    name: Name
    issuer: Name
    offering: ProductOffering
    term_months: int | None
    asset_class: AssetClass | None = None
    instalment: bool | None = None
    payment_years: int | None = None
    benefit_certain: bool | None = None

    def terms(self) -> ProductTerms:
        """The terms as the domain has them."""
        return ProductTerms(
            name=self.name,
            issuer=self.issuer,
            offering=self.offering,
            term_months=self.term_months,
            asset_class=self.asset_class,
            instalment=self.instalment,
            payment_years=self.payment_years,
            benefit_certain=self.benefit_certain,
        )


class LevelsBody(Input):
    """Risk levels, 1 (R1) to 5 (R5), null while not graded. Of both the higher counts (PRD-08)."""

    issuer_risk_level: int | None
    bank_risk_level: int | None

    def levels(self) -> RiskLevels:
        """The levels as the domain has them."""
        return RiskLevels(issuer=self.issuer_risk_level, bank=self.bank_risk_level)


class NewProduct(TermsBody, LevelsBody):
    """A new product; code, origin, kind and form stay for good."""

    code: Code
    origin: ProductOrigin
    kind: ProductKind
    form: ProductForm
    partner_id: UUID | None = Field(None, description="who supplies an agency product (AGY-04)")

    def listing(self) -> Listing:
        """The listing as the domain has it."""
        return Listing(
            code=self.code,
            origin=self.origin,
            kind=self.kind,
            form=self.form,
            terms=self.terms(),
            levels=self.levels(),
            partner_id=self.partner_id,
        )
