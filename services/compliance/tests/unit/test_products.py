"""Products: levels, the end of the sale, and that each change is one version and one fact."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import ServiceError
from chassis.events import Fact
from chassis.ids import new_id
from compliance.products.domain import (
    Listing,
    PaymentYearsInvalid,
    Product,
    ProductIsEnded,
    ProductNotOnSale,
    ProductTerms,
    RiskLevelOutOfRange,
    RiskLevels,
    RiskLevelUnchanged,
    TermOutOfRange,
)
from compliance.products.events import ProductListed
from compliance.rulebook.facts import (
    ProductForm,
    ProductKind,
    ProductOffering,
    ProductOrigin,
    ProductStatus,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def terms(name: str = "Steady Spring", term_months: int | None = 6) -> ProductTerms:
    return ProductTerms(
        name=name, issuer="City Bank", offering=ProductOffering.PUBLIC, term_months=term_months
    )


def enter(issuer: int | None = None, bank: int | None = 2) -> tuple[Product, ProductListed]:
    listing = Listing(
        code="WM-0001",
        origin=ProductOrigin.OWN,
        kind=ProductKind.WEALTH,
        form=ProductForm.CLOSED_END,
        terms=terms(),
        levels=RiskLevels(issuer=issuer, bank=bank),
        partner_id=None,
    )
    return Product.enter(new_id(), listing, at=NOW)


def test_a_product_is_listed_on_sale() -> None:
    product, fact = enter()
    assert (product.version, product.status) == (1, ProductStatus.ON_SALE)
    assert (fact.version, fact.occurred_at, fact.key) == (1, NOW, str(product.id))
    assert fact.product == product.entry()


@pytest.mark.parametrize(
    ("issuer", "bank", "effective"),
    [(None, None, None), (1, None, 1), (None, 5, 5), (2, 4, 4), (4, 2, 4), (3, 3, 3)],
)
def test_of_both_levels_the_higher_counts(
    issuer: int | None, bank: int | None, effective: int | None
) -> None:
    product, fact = enter(issuer, bank)
    assert product.levels.effective == fact.product.effective_risk_level == effective
    assert product.facts().effective_level == effective


@pytest.mark.parametrize("level", [0, 6, -1])
def test_levels_run_from_one_to_five(level: int) -> None:
    for pair in ({"issuer": level, "bank": 1}, {"issuer": 1, "bank": level}):
        with pytest.raises(RiskLevelOutOfRange) as refused:
            RiskLevels(**pair)
        assert refused.value.pointer in ("/issuer_risk_level", "/bank_risk_level")
    assert [RiskLevels(issuer=None, bank=level).effective for level in (1, 5)] == [1, 5]


def test_terms_are_bounded() -> None:
    for months in (0, 1201):
        with pytest.raises(TermOutOfRange):
            terms(term_months=months)
    assert [terms(term_months=months).term_months for months in (1, 1200, None)] == [1, 1200, None]


def test_a_grading_says_what_it_was_before() -> None:
    product, _ = enter(bank=2)
    fact = product.grade(RiskLevels(issuer=4, bank=2), reason="Issuer's review", at=NOW)
    assert (fact.previous_risk_level, fact.effective_risk_level) == (2, 4)
    with pytest.raises(RiskLevelUnchanged):
        product.grade(RiskLevels(issuer=4, bank=2), reason="Again", at=NOW)


@dataclass
class Tried:
    """What the plain reading says about a step: refused by which error, or the status after it."""

    error: type[ServiceError] | None
    status: ProductStatus


def plainly(status: ProductStatus, step: str) -> Tried:
    if status is ProductStatus.ENDED:
        return Tried(ProductIsEnded, status)
    if step == "end":
        return Tried(None, ProductStatus.ENDED)
    if step == "withdraw":
        on_sale = status is ProductStatus.ON_SALE
        return Tried(None if on_sale else ProductNotOnSale, ProductStatus.EXISTING)
    return Tried(None, status)


class ProductLife(RuleBasedStateMachine):
    """Any course of changes: nothing goes back, and each accepted step is one version and one fact."""

    def __init__(self) -> None:
        super().__init__()
        self.product, listed = enter()
        self.facts: list[Fact] = [listed]
        self.level = 2

    @rule(step=st.sampled_from(["change", "grade", "withdraw", "end"]))
    def step(self, step: str) -> None:
        tried = plainly(self.product.status, step)
        before = self.product.entry()
        try:
            self.facts.append(self.do(step))
            refused = None
        except ServiceError as error:
            refused = type(error)
            assert self.product.entry() == before
        assert refused is tried.error
        assert self.product.status is tried.status

    def do(self, step: str) -> Fact:
        match step:
            case "change":
                return self.product.change(terms(f"Steady Spring {self.product.version}"), at=NOW)
            case "grade":
                self.level = self.level % 5 + 1
                return self.product.grade(RiskLevels(issuer=None, bank=self.level), reason="Review", at=NOW)
            case _:
                return self.product.withdraw(ended=step == "end", reason="Sold out", at=NOW)

    @invariant()
    def one_fact_is_one_version(self) -> None:
        assert [fact.version for fact in self.facts] == list(range(1, self.product.version + 1))
        assert {fact.key for fact in self.facts} == {str(self.product.id)}


ProductLife.TestCase.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
TestProductLife = ProductLife.TestCase


@pytest.mark.parametrize(("instalment", "years"), [(True, 0), (True, 101), (False, 1), (None, 1)])
def test_only_instalments_are_paid_over_years(instalment: bool | None, years: int) -> None:
    with pytest.raises(PaymentYearsInvalid):
        replace(terms(), instalment=instalment, payment_years=years)
    assert replace(terms(), instalment=True, payment_years=100).payment_years == 100
