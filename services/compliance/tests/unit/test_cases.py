"""Sale cases: amounts, one sale a case, and one's own name."""

from datetime import UTC, datetime

import pytest

from chassis.ids import new_id
from compliance.cases.domain import (
    AMOUNT_MINOR_MAX,
    AmountInvalid,
    CaseInForeignName,
    CaseIsLogged,
    CaseState,
    Channel,
    Intention,
    Money,
    SaleCase,
    check_own_name,
)
from compliance.rulebook.facts import EntryMode

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def open_case() -> SaleCase:
    intention = Intention(
        session_id=new_id(),
        customer_id=new_id(),
        product_id=new_id(),
        seller_id=new_id(),
        outlet_id=new_id(),
        zone_id=None,
        channel=Channel.OUTLET,
        entry_mode=EntryMode.SYSTEM,
        money=Money(amount_minor=1, currency="CNY"),
    )
    return SaleCase.open(new_id(), intention, by="seller-1", at=NOW)


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_amounts_are_positive_and_readable_everywhere(amount: int) -> None:
    with pytest.raises(AmountInvalid) as refused:
        Money(amount_minor=amount, currency="CNY")
    assert refused.value.pointer == "/amount_minor"
    assert [Money(amount_minor=n, currency="CNY").amount_minor for n in (1, AMOUNT_MINOR_MAX)]


@pytest.mark.parametrize("currency", ["", "CN", "cny", "CNYY", "CN1", "CNY\n"])
def test_currencies_are_codes(currency: str) -> None:
    with pytest.raises(AmountInvalid) as refused:
        Money(amount_minor=1, currency=currency)
    assert refused.value.pointer == "/currency"


def test_one_case_is_one_sale() -> None:
    case, sale = open_case(), new_id()
    case.must_be_open()
    case.log(sale)
    assert (case.state, case.sale_id, case.version) == (CaseState.LOGGED, sale, 2)
    for again in (case.must_be_open, lambda: case.log(new_id())):
        with pytest.raises(CaseIsLogged):
            again()
    assert (case.sale_id, case.version) == (sale, 2)


def test_a_case_is_opened_in_ones_own_name() -> None:
    check_own_name("seller-1", "seller-1")
    for registered in ("seller-2", None, ""):
        with pytest.raises(CaseInForeignName):
            check_own_name(registered, "seller-1")
