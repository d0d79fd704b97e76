"""The policy: roles say what, outlets and ownership say where."""

from uuid import UUID

import pytest

from chassis.auth import Principal, Resource, Verdict
from feedback.access import ACTIONS, OWN, Role, allow, reach

HERE, THERE = UUID(int=1), UUID(int=2)


def caller(*roles: str, outlets: tuple[str, ...] = (str(HERE),)) -> Principal:
    return Principal("me", frozenset(roles), frozenset(outlets))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", Role)
def test_roles_reach_their_outlets_or_their_own(action: str, role: Role) -> None:
    me = caller(role)
    if role not in ACTIONS[action]:
        assert allow(me, action, None) is Verdict.FORBIDDEN
        assert allow(me, action, Resource(HERE, "me")) is Verdict.FORBIDDEN
        return
    own = role in OWN.get(action, ())
    assert allow(me, action, None) is Verdict.ALLOWED
    assert allow(me, action, Resource(HERE)) is (Verdict.HIDDEN if own else Verdict.ALLOWED)
    assert allow(me, action, Resource(THERE)) is Verdict.HIDDEN
    assert allow(me, action, Resource(THERE, "me")) is (Verdict.ALLOWED if own else Verdict.HIDDEN)
    assert allow(me, action, Resource(THERE, "another")) is Verdict.HIDDEN
    assert allow(me, action, Resource(None)) is Verdict.HIDDEN
    everywhere = allow(caller(role, outlets=("*",)), action, Resource(None))
    assert everywhere is (Verdict.HIDDEN if own else Verdict.ALLOWED)


def test_own_roles_are_roles_of_their_actions() -> None:
    assert all(roles <= ACTIONS[action] for action, roles in OWN.items())


def test_teller_has_no_action_on_evaluations() -> None:
    granted = {action for action, roles in ACTIONS.items() if Role.TELLER in roles}
    assert not [action for action in granted if action.startswith("evaluation.")]


def test_reach_adds_what_each_role_reaches() -> None:
    both = reach(caller("teller", "complaint_handler"), "complaint.list")
    assert (both.outlets, both.own) == (frozenset({str(HERE)}), True)
    assert reach(caller("customer", outlets=("*",)), "complaint.list").outlets == frozenset()
    assert reach(caller("kiosk"), "complaint.list") == reach(caller(), "complaint.list")
