"""The policy: the role says what, the outlet says where."""

from uuid import UUID

import pytest

from chassis.auth import Principal, Resource, Verdict
from staffing.access import ACTIONS, Role, allow, visible_outlets

OUTLET, FOREIGN = UUID(int=1), UUID(int=2)


def principal(*roles: str, outlets: frozenset[str] = frozenset({str(OUTLET)})) -> Principal:
    return Principal("somebody", frozenset(roles), outlets)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [*Role, "teller", "seller", "kiosk", "customer"])
def test_a_role_may_do_what_the_table_says(action: str, role: str) -> None:
    expected = Verdict.ALLOWED if role in ACTIONS[action] else Verdict.FORBIDDEN
    assert allow(principal(role), action, None) is expected
    assert allow(principal(role), action, Resource(OUTLET)) is expected


@pytest.mark.parametrize("action", ACTIONS)
def test_a_foreign_outlet_is_hidden_from_every_role(action: str) -> None:
    for role in ACTIONS[action]:
        assert allow(principal(role), action, Resource(FOREIGN)) is Verdict.HIDDEN
        everywhere = principal(role, outlets=frozenset({"*"}))
        assert allow(everywhere, action, Resource(FOREIGN)) is Verdict.ALLOWED


def test_only_compliance_clears_a_seller() -> None:
    assert ACTIONS["qualification.reinstate"] == {Role.COMPLIANCE_OFFICER}
    assert Role.COMPLIANCE_OFFICER not in ACTIONS["qualification.grant"]


def test_lists_show_the_outlets_of_the_token() -> None:
    assert visible_outlets(principal(outlets=frozenset({"*"}))) is None
    assert visible_outlets(principal(outlets=frozenset({str(OUTLET), "no id"}))) == frozenset({OUTLET})
    assert visible_outlets(principal(outlets=frozenset())) == frozenset()
