"""Customers who are more than one person: joint accounts by mandate, companies by resolution."""

import asyncio
from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.attending import (
    TODAY,
    TOMORROW,
    YESTERDAY,
    assess,
    company,
    declare,
    declared,
    joint_account,
    other_customer,
    paper,
    pays,
    resolve,
    signs,
    with_agent,
)
from services.compliance.tests.registers import etag, ok, refusal
from services.compliance.tests.selling import LOGGED, Deal, broken, filmed, judged, make_ready, prepared

MISSING = [("INT-JOINT", "HOLDER_MISSING")]


# --- Joint accounts ----------------------------------------------------------------------------------------


async def test_a_joint_account_buys_from_end_to_end_when_every_holder_has_come(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    account = await joint_account(kit, deal.customer, wife)
    await deal.beat()
    assert await judged(deal) == [("INT-JOINT", "ACCOUNT_NOT_STATED")]
    ok(await pays(deal, account))
    assert await judged(deal) == MISSING
    await declared(deal, "JOINT_HOLDER", wife["id"])
    sale = ok(await deal.sell())
    decision = ok(await deal.seller.get(f"/v1/decisions/{sale['decision_id']}"))
    decided = decision["inputs"]["parties"]
    assert decided["account"]["required"] == 2
    assert {one["customer_id"] for one in decided["account"]["holders"]} == {deal.customer["id"], wife["id"]}
    assert [one["person_id"] for one in decided["declared"]] == [wife["id"]]
    replayed = ok(await deal.seller.get(f"/v1/decisions/{sale['decision_id']}/replay"))
    assert replayed["same"] is True


async def test_a_stranger_is_no_holder(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    ok(await pays(deal, await joint_account(kit, deal.customer, wife)))
    await declared(deal, "JOINT_HOLDER", (await other_customer(kit))["id"])
    await deal.beat()
    assert await judged(deal) == MISSING


async def test_an_agent_stands_for_the_customer_and_not_for_the_other_holder(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    ok(await pays(deal, await joint_account(kit, deal.customer, wife)))
    await with_agent(deal)
    await deal.beat()
    assert await judged(deal) == MISSING
    await declared(deal, "JOINT_HOLDER", wife["id"])
    assert await judged(deal) == LOGGED


async def test_where_any_holder_decides_one_is_enough(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    ok(await pays(deal, await joint_account(kit, deal.customer, wife, mandate="ANY")))
    await deal.beat()
    assert await judged(deal) == LOGGED


async def test_of_two_out_of_three_a_second_one_is_enough(kit: ServiceKit) -> None:
    deal, others = await make_ready(kit), [await other_customer(kit), await other_customer(kit)]
    account = await joint_account(kit, deal.customer, *others, mandate="SOME", required=2)
    ok(await pays(deal, account))
    await deal.beat()
    assert await judged(deal) == MISSING
    await declared(deal, "JOINT_HOLDER", others[1]["id"])
    assert await judged(deal) == LOGGED


async def test_a_mandate_that_changes_counts_from_then_on(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    account = await joint_account(kit, deal.customer, wife)
    ok(await pays(deal, account))
    await deal.beat()
    assert await judged(deal) == MISSING
    core, path = kit.client("integration", subject="corebanking"), f"/v1/joint_accounts/{account['id']}/terms"
    body = {"mandate": "ANY", "closed": False}
    ok(await core.post(path, json=body, headers=etag(1)), 2)
    assert await judged(deal) == LOGGED
    listed = ok(await deal.seller.get(path))["items"]
    assert [(one["account_version"], one["mandate"]) for one in listed] == [(1, "ALL"), (2, "ANY")]


@pytest.mark.parametrize("level", [1, 2])
async def test_the_strictest_holders_level_is_judged(kit: ServiceKit, level: int) -> None:
    deal = await make_ready(kit, level=5, bank_risk_level=2)
    others = [await other_customer(kit, 4), await other_customer(kit, level)]
    ok(await pays(deal, await joint_account(kit, deal.customer, *others, mandate="ANY")))
    await deal.beat()
    assert await judged(deal) == ([("INT-HOLDERS", "HOLDER_LEVEL_MISMATCH")] if level == 1 else LOGGED)


async def test_a_holder_without_an_assessment_stops_the_sale_until_he_has_one(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit, None)
    ok(await pays(deal, await joint_account(kit, deal.customer, wife, mandate="ANY")))
    await deal.beat()
    assert await judged(deal) == [("INT-HOLDERS", "HOLDER_NOT_ASSESSED")]
    await assess(kit, wife, 2)
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize(("days", "found"), [(365, False), (366, True)])
async def test_a_holders_assessment_is_good_for_twelve_months(
    kit: ServiceKit, days: int, found: bool
) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit, None)
    crm, path = kit.client("integration", subject="crm"), f"/v1/customers/{wife['id']}"
    older = {
        "level": 2,
        "completed_at": (kit.clock.now() - timedelta(days=days)).isoformat(),
        "source": "crm",
        "place": "OUTLET",
    }
    version = ok(await crm.get(path))["version"]
    ok(await crm.post(f"{path}/imported_assessments", json=older, headers=etag(version)))
    ok(await pays(deal, await joint_account(kit, deal.customer, wife, mandate="ANY")))
    await deal.beat()
    assert await judged(deal) == ([("INT-HOLDERS", "HOLDER_NOT_ASSESSED")] if found else LOGGED)


async def test_a_holder_who_reported_a_change_is_assessed_again(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    ok(await pays(deal, await joint_account(kit, deal.customer, wife, mandate="ANY")))
    path = f"/v1/customers/{wife['id']}"
    version = ok(await deal.seller.get(path))["version"]
    ok(await deal.seller.post(f"{path}/reported_changes", headers=etag(version)))
    await deal.beat()
    assert await judged(deal) == [("INT-HOLDERS", "HOLDER_NOT_ASSESSED")]


async def test_a_holder_may_buy_with_his_own_money_and_says_so(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    await joint_account(kit, deal.customer, wife)
    await deal.beat()
    assert await judged(deal) == [("INT-JOINT", "ACCOUNT_NOT_STATED")]
    ok(await pays(deal, None))
    assert await judged(deal) == LOGGED


async def test_a_closed_account_buys_nothing_and_is_not_asked_for(kit: ServiceKit) -> None:
    deal, wife = await make_ready(kit), await other_customer(kit)
    account = await joint_account(kit, deal.customer, wife, mandate="ANY")
    ok(await pays(deal, account))
    core, path = kit.client("integration", subject="corebanking"), f"/v1/joint_accounts/{account['id']}/terms"
    ok(await core.post(path, json={"mandate": "ANY", "closed": True}, headers=etag(1)), 2)
    await deal.beat()
    assert await judged(deal) == [("INT-JOINT", "ACCOUNT_NOT_STATED")]
    await filmed(deal)
    assert await judged(deal) == LOGGED


async def test_nobody_pays_with_an_account_of_others(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    strangers = [await other_customer(kit, None), await other_customer(kit, None)]
    assert refusal(await pays(deal, await joint_account(kit, *strangers))) == (422, "ACCOUNT_OF_OTHERS")
    assert refusal(await pays(deal, {"id": str(new_id())})) == (422, "ACCOUNT_OF_OTHERS")
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}/paying_accounts"
    assert ok(await deal.seller.get(path))["items"] == []
    mine = await joint_account(kit, deal.customer, strangers[0])
    ok(await pays(deal, mine))
    ok(await pays(deal, None))
    stated = ok(await deal.buyer.get(path))["items"]
    assert [one["account_id"] for one in stated] == [mine["id"], None]


async def test_accounts_and_mandates_that_make_no_sense_are_refused(kit: ServiceKit) -> None:
    one, other = await other_customer(kit, None), await other_customer(kit, None)
    core = kit.client("integration", subject="corebanking")
    for holders in ([one["id"]], [one["id"], one["id"]], [one["id"], str(new_id())]):
        answer = await core.post("/v1/joint_accounts", json={"holders": holders, "mandate": "ALL"})
        assert refusal(answer) == (422, "HOLDERS_INVALID")
    both = [one["id"], other["id"]]
    for mandate, required in (("ALL", 2), ("SOME", None), ("SOME", 1), ("SOME", 2)):
        body = {"holders": both, "mandate": mandate, "required": required}
        assert refusal(await core.post("/v1/joint_accounts", json=body)) == (422, "MANDATE_INVALID")
    account = await joint_account(kit, one, other)
    found = ok(await core.get(f"/v1/customers/{other['id']}/joint_accounts"))["items"]
    assert found == [account]
    assert account["holders"] == sorted(both)
    assert (await core.get(f"/v1/joint_accounts/{new_id()}/terms")).status_code == 404


# --- Companies ---------------------------------------------------------------------------------------------


async def firm(kit: ServiceKit, **given: int) -> Deal:
    """A deal with a company, ready but for whoever signs for it."""
    deal = await make_ready(kit, **given)
    await company(deal)
    return deal


async def test_a_company_buys_from_end_to_end_by_its_signatory(kit: ServiceKit) -> None:
    deal = await firm(kit)
    assert await judged(deal) == [("INT-COMPANY", "SIGNATORY_MISSING")]
    resolution = await resolve(deal)
    await signs(deal, resolution)
    sale = ok(await deal.sell())
    decision = ok(await deal.seller.get(f"/v1/decisions/{sale['decision_id']}"))
    (decided,) = decision["inputs"]["parties"]["resolutions"]
    assert decided["document_id"] == resolution["document_id"]
    assert (decided["limit_minor"], decided["used_minor"]) == (1_000_000, 0)
    assert decision["inputs"]["customer"]["legal_form"] == "COMPANY"
    listed = ok(await deal.buyer.get(f"/v1/customers/{deal.customer['id']}/resolutions"))["items"]
    assert listed == [resolution]


async def test_who_signs_is_named_by_the_resolution_on_his_paper(kit: ServiceKit) -> None:
    deal = await firm(kit)
    resolution = await resolve(deal)
    await declared(deal, "SIGNATORY", resolution["signatory_id"], authority=paper())
    assert await judged(deal) == [("INT-COMPANY", "RESOLUTION_MISSING")]
    await declared(deal, "SIGNATORY", authority=paper(document_id=resolution["document_id"]))
    assert await judged(deal) == [("INT-COMPANY", "RESOLUTION_MISSING")]
    await signs(deal, resolution)
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize("until", [YESTERDAY, TODAY, TOMORROW])
async def test_a_resolution_holds_through_its_last_day(kit: ServiceKit, until: str) -> None:
    deal = await firm(kit)
    await signs(deal, await resolve(deal, valid_until=until))
    found = await judged(deal)
    assert found == ([("INT-COMPANY", "RESOLUTION_MISSING")] if until == YESTERDAY else LOGGED)


@pytest.mark.parametrize("limit", [999_999, 1_000_000, 1_000_001])
async def test_a_resolution_is_not_exceeded_by_a_fen(kit: ServiceKit, limit: int) -> None:
    deal = await firm(kit)
    await signs(deal, await resolve(deal, limit_minor=limit))
    found = await judged(deal)
    assert found == ([("INT-COMPANY", "RESOLUTION_EXCEEDED")] if limit < 1_000_000 else LOGGED)


async def test_a_resolution_in_another_currency_allows_nothing(kit: ServiceKit) -> None:
    deal = await firm(kit)
    await signs(deal, await resolve(deal, currency="USD", limit_minor=9_000_000))
    assert await judged(deal) == [("INT-COMPANY", "RESOLUTION_EXCEEDED")]


async def test_what_was_sold_before_has_used_the_resolution(kit: ServiceKit) -> None:
    deal = await firm(kit)
    resolution = await resolve(deal, limit_minor=1_999_999)
    await signs(deal, resolution)
    assert await judged(deal) == LOGGED
    await filmed(deal)
    await signs(deal, resolution)
    told = (await deal.sell()).json()["violations"]
    assert [(one["rule"], one["code"]) for one in told] == [("INT-COMPANY", "RESOLUTION_EXCEEDED")]
    assert "CNY 9,999.99" in told[0]["messages"]["en"]
    again = {name: resolution[name] for name in ("document_id", "signatory_id")}
    await resolve(deal, **again, limit_minor=2_000_000)
    assert await judged(deal) == LOGGED


async def test_two_sales_at_once_do_not_use_one_resolution_twice(kit: ServiceKit) -> None:
    one = await firm(kit)
    resolution = await resolve(one)
    await signs(one, resolution)
    other = Deal(**(vars(one) | {"case": None, "recording": None}))
    await filmed(other)
    await signs(other, resolution)
    answers = await asyncio.gather(one.sell(), other.sell())
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    (refused,) = (answer.json() for answer in answers if answer.status_code == 422)
    assert [item["code"] for item in refused["violations"]] == ["RESOLUTION_EXCEEDED"]


async def test_a_company_whose_kind_of_investor_nobody_stated_buys_nothing(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await deal.state(legal_form="COMPANY")
    await signs(deal, await resolve(deal))
    assert await judged(deal) == [("INT-INVESTOR", "INVESTOR_STATUS_MISSING")]
    await company(deal)
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize("until", [YESTERDAY, TODAY, TOMORROW])
async def test_a_professional_investors_status_holds_through_its_last_day(
    kit: ServiceKit, until: str
) -> None:
    deal = await make_ready(kit)
    evidence = {"valid_until": until, "evidence_id": str(new_id())}
    await company(deal, investor_class="PROFESSIONAL", **evidence)
    await signs(deal, await resolve(deal))
    found = await judged(deal)
    assert found == ([("INT-INVESTOR", "INVESTOR_STATUS_MISSING")] if until == YESTERDAY else LOGGED)


async def test_a_professional_status_stands_in_for_no_level(kit: ServiceKit) -> None:
    deal = await make_ready(kit, level=2, bank_risk_level=3)
    evidence = {"valid_until": TOMORROW, "evidence_id": str(new_id())}
    await company(deal, investor_class="PROFESSIONAL", **evidence)
    await signs(deal, await resolve(deal))
    assert await judged(deal) == [("SUI-03", "RISK_LEVEL_MISMATCH")]


@pytest.mark.rule("SUI-14", side="pass")
@pytest.mark.rule("SUI-15", side="pass")
async def test_a_company_has_no_age_and_is_asked_for_none(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None, bank_risk_level=4)
    deal.customer = await deal.nobody()
    rich = {"household_annual_income_minor": 0, "liquid_assets_minor": 10**9, "currency": "CNY"}
    await deal.state(capacity="FULL", means=rich)
    await deal.assess(4)
    await filmed(deal)
    # Two steps of the case: the dry run names them in the order of their repair.
    assert broken(await deal.sell()) == [
        ("SUI-14", "ELDERLY_SPECIAL_CARE"),
        ("SUI-15", "FIRST_ASSESSMENT_NOT_AT_OUTLET"),
    ]
    await company(deal)
    await signs(deal, await resolve(deal))
    assert await judged(deal) == LOGGED


async def test_a_natural_person_needs_no_signatory(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await deal.state(legal_form="PERSON")
    assert await judged(deal) == LOGGED


async def test_resolutions_that_make_no_sense_are_refused(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    good = await resolve(deal, resolved_on=TODAY, valid_until=TODAY, limit_minor=1)
    body = {name: good[name] for name in good if name not in {"id", "customer_version", "stated_at"}}
    core, path = kit.client("integration", subject="corebanking"), f"/v1/customers/{deal.customer['id']}"
    version = ok(await core.get(path))["version"]
    for name, value, code in (
        ("resolved_on", TOMORROW, "RESOLUTION_INVALID"),
        ("valid_until", YESTERDAY, "RESOLUTION_INVALID"),
        ("limit_minor", 0, "RESOLUTION_INVALID"),
        ("currency", "yen", "AMOUNT_INVALID"),
    ):
        wrong = body | {name: value}
        answer = await core.post(f"{path}/resolutions", json=wrong, headers=etag(version))
        assert refusal(answer) == (422, code)


async def test_a_holder_declared_without_an_account_changes_nothing(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    ok(await declare(deal, "JOINT_HOLDER"))
    assert await judged(deal) == LOGGED
