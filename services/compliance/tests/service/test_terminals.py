"""ZON-05, ZON-08 and ZON-09 at the gate: who sells, and what a terminal does not exempt from."""

from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.registers import ok
from services.compliance.tests.selling import Deal, broken, filmed, make_ready, prepared

BY_HIMSELF: dict[str, Any] = {"channel": "SELF_SERVICE", "staff_assisted": False, "risk_page_shown": True}
ASSISTED = [("ZON-08", "STAFF_OPERATED_TERMINAL")]
LOGGED: list[tuple[str, str]] = []


async def judged(deal: Deal) -> list[tuple[str, str]]:
    """Rule and code of whatever the gate finds now: nothing where it logs the sale."""
    decided = await deal.sell()
    return LOGGED if decided.status_code == 201 else broken(decided)


# --- The bank's own people ---------------------------------------------------------------------------------


@pytest.mark.rule("ZON-05", side="refuse")
async def test_somebody_elses_employee_sells_nothing_in_the_outlet(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await kit.deliver(deal.employee.changed(employer="partner"))
    assert await judged(deal) == [("ZON-05", "OUTSIDER_MARKETING")]
    (attempt,) = ok(await kit.client("auditor").get("/v1/attempts"))["items"]
    decision = ok(await kit.client("auditor").get(f"/v1/decisions/{attempt['decision_id']}"))
    assert decision["inputs"]["seller"]["employer"] == "partner"
    (fact,) = await kit.facts("compliance.sale.refused.v1")
    assert fact.data["rules"] == ["ZON-05"]


@pytest.mark.rule("ZON-05", side="pass")
async def test_the_banks_own_employee_sells(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await kit.deliver(deal.employee.changed(employer="partner"), deal.employee.changed())
    assert await judged(deal) == LOGGED


# --- Terminals ---------------------------------------------------------------------------------------------


@pytest.mark.rule("ZON-08", side="refuse")
@pytest.mark.parametrize(
    "told",
    [
        {"staff_assisted": True},
        {"risk_page_shown": False},
        {"staff_assisted": None},
        {"risk_page_shown": None},
        {"staff_assisted": None, "risk_page_shown": None},
    ],
)
async def test_a_terminal_that_staff_operate_or_that_hides_the_risk_sells_nothing(
    kit: ServiceKit, told: dict[str, bool | None]
) -> None:
    deal = await filmed(await prepared(kit), **(BY_HIMSELF | told))
    assert await judged(deal) == ASSISTED


@pytest.mark.rule("ZON-08", side="pass")
async def test_a_customer_buys_by_himself_at_a_terminal_that_shows_the_risk(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), **BY_HIMSELF)
    assert deal.case is not None
    assert (deal.case["staff_assisted"], deal.case["risk_page_shown"]) == (False, True)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("ZON-08", side="pass")
async def test_at_a_counter_staff_may_help(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), staff_assisted=True, risk_page_shown=False)
    assert await judged(deal) == LOGGED


async def insured(kit: ServiceKit, term_months: int | None, *, recorded: bool, **case: Any) -> Deal:
    """Insurance of this term on its way to the gate, at a terminal."""
    deal = await prepared(kit, kind="INSURANCE", term_months=term_months)
    await kit.deliver(deal.employee.granted(new_id(), kind="agency_insurance"))
    if recorded:
        return await filmed(deal, **(BY_HIMSELF | case))
    await deal.open_case(**(BY_HIMSELF | case))
    await deal.consent()
    await deal.beat()
    return deal


@pytest.mark.rule("ZON-09", side="refuse")
@pytest.mark.parametrize("term_months", [13, 60, None])
async def test_long_insurance_is_recorded_at_a_terminal_too(kit: ServiceKit, term_months: int | None) -> None:
    deal = await insured(kit, term_months, recorded=False)
    assert await judged(deal) == [("ZON-09", "RECORDING_REQUIRED")]


@pytest.mark.rule("ZON-09", side="pass")
async def test_long_insurance_that_was_recorded_is_sold_at_a_terminal(kit: ServiceKit) -> None:
    assert await judged(await insured(kit, 13, recorded=True)) == LOGGED


@pytest.mark.parametrize(
    ("term_months", "case"), [(12, {}), (13, {"channel": "OUTLET"})], ids=["one year", "at the counter"]
)
async def test_all_else_is_the_general_rule_of_the_recording(
    kit: ServiceKit, term_months: int, case: dict[str, str]
) -> None:
    deal = await insured(kit, term_months, recorded=False, **case)
    assert await judged(deal) == [("REC-01", "RECORDING_MISSING")]
