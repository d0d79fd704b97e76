"""Settings: the page is current; what is wrong or unknown is named."""

import json

import pytest

from deploy.devstack import REPOSITORY
from deploy.operator.config import page, unknown
from tests.operator.conftest import Operator


def test_the_page_of_settings_is_current() -> None:
    assert (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8") == page(), (
        "run `wangdian config page > docs/configuration.md`"
    )


def test_the_settings_of_the_stack_are_valid(operator: Operator) -> None:
    found = json.loads(operator.types("config", "check", "--json"))
    assert found["ok"]
    assert set(found["services"]) == {"ticketing", "feedback", "staffing", "compliance"}
    assert "every value is valid" in operator.types("config", "check")


def test_a_wrong_and_an_unknown_setting_are_named(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGDIAN_POOL_SIZE", "0")
    monkeypatch.setenv("WANGDIAN_POOLSIZE", "7")
    found = json.loads(operator.types("config", "check", "--json", fails=True))
    assert found["unknown"] == ["WANGDIAN_POOLSIZE"]
    assert {tuple(one["problems"]) for one in found["services"].values()} == {("WANGDIAN_POOL_SIZE",)}
    shown = operator.types("config", "check", fails=True)
    assert "WANGDIAN_POOLSIZE: no service has such a setting" in shown
    password = operator.stack.postgres.passwords.get("postgres.feedback_app")
    assert password not in shown


def test_the_operators_own_variables_are_known() -> None:
    given = dict.fromkeys(
        ("WANGDIAN_STAFFING_URL", "WANGDIAN_POSTGRES_URL", "WANGDIAN_POOL_SIZE", "PATH"), "x"
    )
    assert unknown(given, {"WANGDIAN_POOL_SIZE"}) == []
