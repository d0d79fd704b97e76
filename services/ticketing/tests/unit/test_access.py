"""The policy: roles say what, outlets say where; a customer follows tickets at any outlet."""

from uuid import UUID

import pytest

from chassis.auth import Principal, Resource, Verdict
from ticketing.access import ACTIONS, FREE_OF_OUTLETS, Role, allow

HERE, THERE = UUID(int=1), UUID(int=2)


def caller(*roles: str, outlets: tuple[str, ...] = (str(HERE),)) -> Principal:
    return Principal("me", frozenset(roles), frozenset(outlets))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
def test_staff_and_devices_reach_their_outlets(action: str, role: Role) -> None:
    me = caller(role)
    if role not in ACTIONS[action]:
        assert allow(me, action, None) is Verdict.FORBIDDEN
        assert allow(me, action, Resource(HERE)) is Verdict.FORBIDDEN
        return
    assert allow(me, action, None) is Verdict.ALLOWED
    assert allow(me, action, Resource(None)) is Verdict.ALLOWED
    assert allow(me, action, Resource(HERE)) is Verdict.ALLOWED
    assert allow(me, action, Resource(THERE)) is Verdict.HIDDEN
    assert allow(me, action, Resource(THERE, "me")) is Verdict.HIDDEN
    assert allow(caller(role, outlets=("*",)), action, Resource(THERE)) is Verdict.ALLOWED


@pytest.mark.parametrize("action", [action for action, roles in ACTIONS.items() if Role.CUSTOMER in roles])
@pytest.mark.parametrize("outlets", [(), (str(HERE),), ("*",)])
def test_customers_belong_to_no_outlet(action: str, outlets: tuple[str, ...]) -> None:
    me = caller("customer", outlets=outlets)
    own, foreign = allow(me, action, Resource(THERE, "me")), allow(me, action, Resource(THERE, "another"))
    nobodys = allow(me, action, Resource(HERE))
    if action not in FREE_OF_OUTLETS:
        assert (own, foreign, nobodys) == (Verdict.HIDDEN,) * 3
    elif action == "ticket.cancel":
        assert (own, foreign, nobodys) == (Verdict.ALLOWED, Verdict.HIDDEN, Verdict.HIDDEN)
    else:
        assert (own, foreign, nobodys) == (Verdict.ALLOWED,) * 3


def test_customer_who_works_here_keeps_both_reaches() -> None:
    me = caller("customer", "lobby_manager")
    assert allow(me, "ticket.cancel", Resource(HERE, "another")) is Verdict.ALLOWED
    assert allow(me, "ticket.cancel", Resource(THERE, "another")) is Verdict.HIDDEN
    assert allow(me, "ticket.cancel", Resource(THERE, "me")) is Verdict.ALLOWED


def test_every_role_of_the_table_is_known() -> None:
    assert frozenset[Role]().union(*ACTIONS.values()) == frozenset(Role)
