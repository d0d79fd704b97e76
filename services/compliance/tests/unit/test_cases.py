"""Sale cases: amounts, one sale a case, and one's own name."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.ids import new_id
from compliance.cases.domain import (
    AMOUNT_MINOR_MAX,
    Abandonment,
    AmountInvalid,
    CaseInForeignName,
    CaseIsAbandoned,
    CaseIsLogged,
    CaseOfOtherSeller,
    CaseState,
    Channel,
    Intention,
    Money,
    SaleCase,
    check_own_name,
)
from compliance.rulebook.facts import EntryMode
from compliance.rulebook.registers import case_ends_at

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
#: Through 1 April, in the bank's zone.
OVER = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


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
    return SaleCase.open(new_id(), intention, by="seller-1", at=NOW, expires_at=case_ends_at(NOW))


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
    case.must_be_open(NOW)
    case.log(sale, NOW)
    assert (case.state, case.sale_id, case.version) == (CaseState.LOGGED, sale, 2)
    assert case.ended_at == NOW
    for again in (
        lambda: case.must_be_open(OVER),
        lambda: case.log(new_id(), NOW),
        lambda: case.abandon(Abandonment.CUSTOMER_DECLINED, by="seller-1", at=NOW),
    ):
        with pytest.raises(CaseIsLogged):
            again()
    assert case.expire(OVER) is None
    assert (case.sale_id, case.version, case.abandoned_for) == (sale, 2, None)


def test_a_case_lives_through_the_last_of_its_days() -> None:
    """CAS-01: thirty legal days behind that of the opening, the last one in full."""
    assert case_ends_at(NOW) == OVER
    # The first moment of a legal day, and the last.
    assert case_ends_at(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == OVER
    assert case_ends_at(datetime(2026, 3, 2, 16, 0, tzinfo=UTC) - MOMENT) == OVER
    case = open_case()
    case.must_be_open(OVER - MOMENT)
    assert case.expire(OVER - MOMENT) is None
    for late in (OVER, OVER + MOMENT):
        for much in (
            lambda at=late: case.must_be_open(at),
            lambda at=late: case.touch(at),
            lambda at=late: case.log(new_id(), at),
            lambda at=late: case.abandon(Abandonment.NOT_SUITABLE, by="seller-1", at=at),
        ):
            with pytest.raises(CaseIsAbandoned):
                much()
    assert (case.state, case.version) == (CaseState.OPEN, 1)
    fact = case.expire(OVER)
    assert fact is not None
    assert (fact.version, fact.reason, fact.occurred_at) == (2, "EXPIRED", OVER)
    assert (case.state, case.abandoned_for, case.ended_at) == (CaseState.ABANDONED, Abandonment.EXPIRED, OVER)
    assert (case.expire(OVER), case.version) == (None, 2)


def test_a_seller_gives_up_his_own_case_once() -> None:
    case = open_case()
    with pytest.raises(CaseOfOtherSeller):
        case.abandon(Abandonment.CUSTOMER_DECLINED, by="seller-2", at=NOW)
    fact = case.abandon(Abandonment.CUSTOMER_DECLINED, by="seller-1", at=NOW)
    assert (fact.case_id, fact.session_id, fact.version) == (case.id, case.session_id, 2)
    for again in (
        lambda: case.abandon(Abandonment.CUSTOMER_DECLINED, by="seller-1", at=NOW),
        lambda: case.log(new_id(), NOW),
        lambda: case.touch(NOW),
    ):
        with pytest.raises(CaseIsAbandoned):
            again()
    assert (case.version, case.ended_at, case.sale_id) == (2, NOW, None)


def test_a_case_is_opened_in_ones_own_name() -> None:
    check_own_name("seller-1", "seller-1")
    for registered in ("seller-2", None, ""):
        with pytest.raises(CaseInForeignName):
            check_own_name(registered, "seller-1")
