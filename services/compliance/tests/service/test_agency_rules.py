"""The rules of agency business on both sides of their boundaries, through registers and gate (AGY)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import BANK_ZONE
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import (
    KINDS,
    OPINION,
    Json,
    admit,
    admit_product,
    etag,
    list_product,
    ok,
    open_outlet,
    product_body,
    refusal,
    review_body,
)
from services.compliance.tests.selling import LOGGED, SECOND, Deal, filmed, judged, make_ready, prepared

#: An agency product of R2 with both levels.
AGENCY: Json = {"origin": "AGENCY", "issuer_risk_level": 2}
UNADMITTED: Json = AGENCY | {"is_admitted": False}
PENDING = [("AGY-05", "ADMISSION_PENDING")]
TODAY = date(2026, 3, 2)


async def agency(kit: ServiceKit, **given: Any) -> Deal:
    """A deal about an agency product that passes the gate now."""
    return await make_ready(kit, **AGENCY | given)


async def at(deal: Deal, instant: datetime) -> None:
    """The clock is set; staffing is heard of."""
    deal.kit.clock.instant = instant.astimezone(UTC)
    await deal.beat()


# --- AGY-01: the licence -----------------------------------------------------------------------------------

LAST_SECOND = datetime(2026, 3, 2, 23, 59, 59, tzinfo=BANK_ZONE)


@pytest.mark.rule("AGY-01", side="refuse")
async def test_after_the_licences_last_day_nothing_of_the_partner_is_sold(kit: ServiceKit) -> None:
    deal = await agency(kit, partner={"licence_to": "2026-03-02"})
    await at(deal, LAST_SECOND + SECOND)
    assert await judged(deal) == [("AGY-01", "PARTNER_NOT_LICENSED")]


@pytest.mark.rule("AGY-01", side="pass")
@pytest.mark.parametrize("before", [SECOND, timedelta(0)])
async def test_a_licence_counts_through_its_last_day(kit: ServiceKit, before: timedelta) -> None:
    deal = await agency(kit, partner={"licence_to": "2026-03-02"})
    await at(deal, LAST_SECOND - before)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("AGY-01", side="refuse")
async def test_before_the_licences_first_day_nothing_of_the_partner_is_sold(kit: ServiceKit) -> None:
    deal = await agency(kit, partner={"licence_from": "2026-03-03"})
    assert await judged(deal) == [("AGY-01", "PARTNER_NOT_LICENSED")]
    await at(deal, LAST_SECOND + SECOND)
    assert await judged(deal) == LOGGED


@pytest.mark.rule("AGY-01", side="refuse")
async def test_a_licence_of_somebody_else_than_a_financial_regulator_is_none(kit: ServiceKit) -> None:
    deal = await agency(kit, partner={"authority": "OTHER"})
    assert await judged(deal) == [("AGY-01", "PARTNER_NOT_LICENSED")]


@pytest.mark.rule("AGY-01", side="pass")
async def test_a_renewed_licence_counts_at_once(kit: ServiceKit) -> None:
    deal = await agency(kit, partner={"licence_to": "2026-03-01"})
    await deal.change_partner("", {"licence_to": "2027-03-01"})
    assert await judged(deal) == LOGGED


async def test_bonds_of_the_state_come_from_no_institution(kit: ServiceKit) -> None:
    deal = await agency(kit, kind="GOV_BOND", partner={"authority": "OTHER"})
    assert await judged(deal) == LOGGED


# --- AGY-02: head office -----------------------------------------------------------------------------------


@pytest.mark.rule("AGY-02", side="refuse")
async def test_an_outlet_admits_no_product(kit: ServiceKit, admin: Caller) -> None:
    partner, outlets = await admit(admin, kinds=KINDS), (await open_outlet(kit),)
    product = await list_product(admin, partner_id=partner["id"], **AGENCY)
    path = f"/v1/products/{product['id']}"
    bound = kit.client("product_admin", subject="admin-9", outlets=outlets)
    officer = kit.client("compliance_officer", subject="officer-9", outlets=outlets)
    senior = OPINION | {"resolution": "2026-7"}
    second = product_body(code="WM-0002", partner_id=partner["id"], **AGENCY)
    for answer in (
        await bound.put(f"{path}/partner", json={"partner_id": partner["id"]}, headers=etag(1)),
        await bound.post(f"{path}/due_diligence", json={"summary": "Sound"}, headers=etag(1)),
        await officer.post(f"{path}/compliance_approval", json=OPINION, headers=etag(1)),
        await bound.post(f"{path}/senior_approval", json=senior, headers=etag(1)),
        await bound.post("/v1/products", json=second),
        await bound.post("/v1/products/import", json={"products": [second]}),
    ):
        assert refusal(answer) == (403, "HQ_ONLY")
    assert ok(await bound.get(f"{path}/admission"), 1)["state"] == "PENDING"


@pytest.mark.rule("AGY-02", side="pass")
@pytest.mark.mechanism("M131")
async def test_head_office_admits_partner_and_product_and_both_may_be_refused(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    partner = await admit(admin, kinds=KINDS)
    product = await list_product(admin, partner_id=partner["id"], **AGENCY)
    assert (await admit_product(kit, product))["state"] == "ADMITTED"
    other = await list_product(admin, code="AG-2", partner_id=partner["id"], **AGENCY)
    path = f"/v1/products/{other['id']}"
    ok(await admin.post(f"{path}/due_diligence", json={"summary": "Weak"}, headers=etag(1)), 2)
    said = {"approved": False, "opinion": "Terms unclear"}
    refused = ok(await officer.post(f"{path}/compliance_approval", json=said, headers=etag(2)), 3)
    assert (refused["state"], refused["missing"]) == ("REJECTED", ["COMPLIANCE"])


# --- AGY-03: the system ------------------------------------------------------------------------------------


@pytest.mark.rule("AGY-03", side="refuse")
async def test_an_agency_product_entered_elsewhere_is_not_logged(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit, **AGENCY), entry_mode="ELSEWHERE")
    assert deal.case is not None
    assert deal.case["entry_mode"] == "ELSEWHERE"
    assert await judged(deal) == [("AGY-03", "OFF_SYSTEM_SALE")]


@pytest.mark.rule("AGY-03", side="pass")
async def test_entered_here_it_is_logged_and_so_is_an_own_product_from_elsewhere(kit: ServiceKit) -> None:
    deal = await agency(kit)
    assert deal.case is not None
    assert deal.case["entry_mode"] == "SYSTEM"
    assert await judged(deal) == LOGGED
    own = await filmed(await prepared(kit, subject="seller-2", code="SH-2"), entry_mode="ELSEWHERE")
    assert await judged(own) == LOGGED


# --- AGY-04: the list --------------------------------------------------------------------------------------

UNLISTED = [("AGY-04", "PARTNER_NOT_LISTED")]


@pytest.mark.rule("AGY-04", side="refuse")
@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("exit", {"reason": "Unsound"}),
        ("reviews", review_body(helps_with_complaints=False)),
        ("", {"kinds": ["FUND"]}),
    ],
    ids=["exited", "failed review", "another kind"],
)
async def test_what_a_partner_off_the_list_supplies_is_not_sold(
    kit: ServiceKit, what: str, body: Json
) -> None:
    deal = await agency(kit)
    await deal.change_partner(what, body)
    assert await judged(deal) == UNLISTED


@pytest.mark.rule("AGY-04", side="refuse")
async def test_an_agency_product_of_nobody_is_not_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, partner_id=None, **UNADMITTED)
    assert await judged(deal) == UNLISTED
    attempt = (await deal.sell()).json()["record"]
    assert {"AGY-01", "AGY-05"} <= set(attempt["undecided"])
    assert "partner" in attempt["missing"]


@pytest.mark.rule("AGY-04", side="pass")
async def test_back_on_the_list_it_sells_again(kit: ServiceKit) -> None:
    deal = await agency(kit)
    await deal.change_partner("exit", {"reason": "Unsound"})
    await deal.change_partner("admission", {"reason": "Sound again"})
    assert await judged(deal) == LOGGED


@pytest.mark.rule("AGY-04", side="pass")
async def test_a_late_review_is_reported_and_stops_no_sale(kit: ServiceKit) -> None:
    kit.clock.instant = datetime(2025, 2, 1, 1, tzinfo=UTC)
    partner = await admit(kit.client("product_admin", subject="admin-1"), kinds=KINDS)
    kit.clock.instant = datetime(2026, 3, 2, 1, tzinfo=UTC)
    deal = await make_ready(kit, **AGENCY | {"partner_id": partner["id"]})
    shown = ok(await kit.client("auditor").get(f"/v1/partners/{partner['id']}"))
    assert [flag["code"] for flag in shown["flags"]] == ["PARTNER_REVIEW_OVERDUE"]
    assert await judged(deal) == LOGGED


# --- AGY-05: admission -------------------------------------------------------------------------------------


@pytest.mark.rule("AGY-05", side="refuse")
async def test_a_product_that_nobody_examined_is_held(kit: ServiceKit) -> None:
    deal = await make_ready(kit, **UNADMITTED)
    assert await judged(deal) == PENDING
    decision_id = (await deal.sell()).json()["record"]["decision_id"]
    decision = ok(await kit.client("auditor").get(f"/v1/decisions/{decision_id}"))
    assert decision["result"] == "held"
    assert ok(await kit.client("auditor").get("/v1/sales"))["items"] == []


@pytest.mark.rule("AGY-05", side="refuse")
async def test_due_diligence_alone_admits_nothing(kit: ServiceKit) -> None:
    deal = await make_ready(kit, **UNADMITTED)
    await deal.change_product("due_diligence", {"summary": "Sound"})
    assert await judged(deal) == PENDING


@pytest.mark.rule("AGY-05", side="pass")
async def test_examined_by_one_and_approved_by_another_it_is_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit, **UNADMITTED)
    await admit_product(kit, deal.product)
    assert await judged(deal) == LOGGED


SENIOR: list[tuple[str, Json]] = [
    ("private", {"offering": "PRIVATE"}),
    ("trust", {"kind": "TRUST"}),
    ("high risk", {"bank_risk_level": 4}),
]


@pytest.mark.rule("AGY-05", side="refuse")
@pytest.mark.parametrize("given", [given for _, given in SENIOR], ids=[name for name, _ in SENIOR])
async def test_some_products_need_the_senior_managements_approval(kit: ServiceKit, given: Json) -> None:
    deal = await make_ready(kit, level=5, **UNADMITTED | given)
    await kit.deliver(deal.employee.granted(new_id(), kind="agency_trust"))
    admission = await admit_product(kit, deal.product)
    assert (admission["state"], admission["missing"]) == ("PENDING", ["SENIOR_MANAGEMENT"])
    assert PENDING[0] in await judged(deal)


@pytest.mark.rule("AGY-05", side="pass")
@pytest.mark.parametrize("level", [3, 4])
async def test_below_high_risk_compliance_alone_and_with_it_the_senior_management_admits(
    kit: ServiceKit, level: int
) -> None:
    deal = await make_ready(kit, level=5, **UNADMITTED | {"bank_risk_level": level})
    resolution = None if level < 4 else "2026-7"
    assert (await admit_product(kit, deal.product, resolution=resolution))["state"] == "ADMITTED"
    assert await judged(deal) == LOGGED


@pytest.mark.rule("AGY-05", side="refuse")
async def test_a_product_graded_high_risk_later_needs_the_senior_approval_then(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=5, **UNADMITTED)
    await admit_product(kit, deal.product)
    await deal.grade(bank=4, issuer=2)
    await deal.match()
    await deal.record()
    assert await judged(deal) == PENDING


@pytest.mark.rule("AGY-05", side="refuse")
async def test_another_partner_makes_the_admission_void(kit: ServiceKit, admin: Caller) -> None:
    deal = await agency(kit)
    other = await admit(admin, kinds=KINDS)
    path = f"/v1/products/{deal.product['id']}"
    version = ok(await admin.get(path))["version"]
    supplied = await admin.put(f"{path}/partner", json={"partner_id": other["id"]}, headers=etag(version))
    assert ok(supplied, version + 1)["state"] == "PENDING"
    await deal.record()
    assert await judged(deal) == PENDING


@pytest.mark.rule("AGY-05", side="refuse")
async def test_a_new_due_diligence_asks_for_new_approvals(kit: ServiceKit) -> None:
    deal = await agency(kit)
    await deal.change_product("due_diligence", {"summary": "After the incident"})
    assert await judged(deal) == PENDING


# --- AGY-06: no cap ----------------------------------------------------------------------------------------


async def insured(kit: ServiceKit, number: int, deal: Deal | None = None) -> Deal:
    """A sale of an insurer's product at one outlet; each insurer is another one."""
    made = await prepared(
        kit,
        subject=f"seller-{number}",
        code=f"SH-{number}",
        kind="INSURANCE",
        partner={"name": f"Insurer {number}", "kinds": ["INSURANCE"]},
        **AGENCY,
    )
    sold = made if deal is None else deal
    await kit.deliver(sold.employee.granted(new_id(), kind="agency_insurance"))
    sold.product, sold.partner, sold.customer = made.product, made.partner, made.customer
    return await filmed(sold)


@pytest.mark.rule("AGY-06", side="pass")
async def test_a_fourth_insurers_product_is_sold_at_the_same_outlet(kit: ServiceKit) -> None:
    deal = None
    for number in range(1, 5):
        deal = await insured(kit, number, deal)
        assert await judged(deal) == LOGGED
    sales = ok(await kit.client("auditor").get("/v1/sales"))["items"]
    assert len({sale["product_id"] for sale in sales}) == 4
    assert len({sale["outlet_id"] for sale in sales}) == 1


@pytest.mark.rule("AGY-06", side="refuse")
async def test_what_stops_a_fourth_insurer_is_the_list_and_not_their_number(kit: ServiceKit) -> None:
    deal = None
    for number in range(1, 5):
        deal = await insured(kit, number, deal)
    assert deal is not None
    await deal.change_partner("exit", {"reason": "Unsound"})
    assert await judged(deal) == UNLISTED
