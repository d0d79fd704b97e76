"""Who may do what: the role says what, the outlet says where, a customer sees what is his own."""

import pytest

from chassis.auth import Principal, Resource, Verdict
from chassis.ids import new_id
from compliance.access import ACTIONS, CUSTOMERS, Role, allow, is_staff, outlets_of

HERE, THERE = new_id(), new_id()


def principal(*roles: str, outlets: tuple[str, ...] = (), subject: str = "me") -> Principal:
    return Principal(subject=subject, roles=frozenset(roles), outlets=frozenset(outlets))


@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_outside_the_table_may_nothing(action: str) -> None:
    for role in {*Role, "kiosk", "teller", "", "*"} - ACTIONS[action]:
        for resource in (None, Resource(HERE, "me"), Resource(None, "me"), Resource()):
            assert allow(principal(role, outlets=("*",)), action, resource) is Verdict.FORBIDDEN


@pytest.mark.parametrize("action", ACTIONS)
def test_staff_see_their_outlets_only(action: str) -> None:
    for role in ACTIONS[action] - CUSTOMERS:
        somebody = principal(role, outlets=(str(HERE),))
        assert allow(somebody, action, None) is Verdict.ALLOWED
        assert allow(somebody, action, Resource(HERE)) is Verdict.ALLOWED
        assert allow(somebody, action, Resource(THERE)) is Verdict.HIDDEN
        assert allow(somebody, action, Resource(THERE, "somebody else")) is Verdict.HIDDEN
        assert allow(principal(role, outlets=("*",)), action, Resource(THERE)) is Verdict.ALLOWED


@pytest.mark.parametrize("action", [action for action, roles in ACTIONS.items() if roles & CUSTOMERS])
def test_customers_see_what_is_their_own_only(action: str) -> None:
    me = principal("customer", outlets=("*",))
    assert allow(me, action, Resource(HERE, "me")) is Verdict.ALLOWED
    assert allow(me, action, Resource(None, "me")) is Verdict.ALLOWED
    for foreign in (Resource(HERE), Resource(), Resource(HERE, "you"), Resource(None, "")):
        assert allow(me, action, foreign) is Verdict.HIDDEN


def test_the_customer_in_a_seller_is_judged_apart() -> None:
    both = principal("customer", "seller", outlets=(str(HERE),))
    assert allow(both, "consent.answer", Resource(HERE, "you")) is Verdict.HIDDEN
    assert allow(both, "consent.answer", Resource(THERE, "me")) is Verdict.ALLOWED
    assert not is_staff(both, "assessment.complete")
    assert is_staff(both, "customer.read")


def test_what_a_list_shows() -> None:
    assert outlets_of(principal("seller", outlets=("*",))) is None
    assert outlets_of(principal("seller")) == frozenset()
    assert outlets_of(principal("seller", outlets=(str(HERE),))) == frozenset({HERE})
