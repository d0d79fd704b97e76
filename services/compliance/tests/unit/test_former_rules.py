"""What decisions of before were made by still says what it said."""

import pytest

from compliance.evidence.domain import Plain
from compliance.rulebook.checks import SALE_CHECKS
from services.compliance.tests.gate.changes import Change, part, together, whole
from services.compliance.tests.gate.taking_part import (
    UNKNOWN,
    holder,
    pays,
    signed,
    unassessed,
    unsigned,
)
from services.compliance.tests.unit.builders import SALE, rulebook

HOLDERS: dict[str, Plain] = {"graded": ["WEALTH"], "months": 12}


def found(function: str, change: Change) -> list[str]:
    parameters: dict[str, Plain] = HOLDERS if function.startswith("sale.holders") else {}
    return [one.code for one in SALE_CHECKS[function].judge(change(SALE), parameters).findings]


def test_no_rule_of_today_names_them() -> None:
    today = {rule.function for rule in rulebook().rules}
    assert not today & {"sale.holders_agree.v1", "sale.company_bound.v1"}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (UNKNOWN, ["HOLDER_MISSING"]),
        (part("parties", holds_jointly=True), ["ACCOUNT_NOT_STATED"]),
        (pays(unassessed, closed=True), ["ACCOUNT_NOT_STATED"]),
        (pays(holder(), required=2), ["HOLDER_MISSING"]),
        (pays(unassessed), ["HOLDER_NOT_ASSESSED"]),
        (pays(unassessed, required=2), ["HOLDER_MISSING", "HOLDER_NOT_ASSESSED"]),
        (pays(holder(level=1)), ["HOLDER_LEVEL_MISMATCH"]),
        (pays(holder()), []),
    ],
)
def test_the_mandate_and_the_levels_were_one_rule(change: Change, codes: list[str]) -> None:
    assert found("sale.holders_agree.v1", change) == codes


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (UNKNOWN, ["SIGNATORY_MISSING"]),
        (together(UNKNOWN, unsigned(investor=None)), ["SIGNATORY_MISSING"]),
        (whole(customer=None), ["SIGNATORY_MISSING"]),
        (unsigned(), ["SIGNATORY_MISSING"]),
        (unsigned(investor=None), ["SIGNATORY_MISSING", "INVESTOR_STATUS_MISSING"]),
        (signed(investor=None), ["INVESTOR_STATUS_MISSING"]),
        (signed(), []),
    ],
)
def test_the_signatory_and_the_kind_of_investor_were_one_rule(change: Change, codes: list[str]) -> None:
    assert found("sale.company_bound.v1", change) == codes
