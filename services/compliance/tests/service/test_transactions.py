"""The transaction matrix at the gate: whom a recorder, a zone, suitability or a stale register stops."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.sales.audit import suspicions
from services.compliance.tests.attending import declared, joint_account, other_customer, pays, resolve, signs
from services.compliance.tests.registers import case_body, etag, ok, refusal
from services.compliance.tests.selling import Deal, make_ready, prepared
from services.compliance.tests.transacting import (
    OTHERS,
    SALES,
    another_product,
    consent,
    entitle,
    identify,
    meant,
    refused,
    transact,
)

STALE = timedelta(seconds=15, microseconds=1)
BLOCKERS = {
    "recorder": ("ZON-06", "RECORDER_UNAVAILABLE"),
    "zone": ("ZON-03", "ZONE_NOT_READY"),
    "suitability": ("SUI-03", "RISK_LEVEL_MISMATCH"),
    "register": ("SAL-01", "REGISTER_STALE"),
}
FOREIGN = [("TXN-03", "HOLDING_NOT_OWN")]
#: What of these a kind is still asked.
ASKED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(SALES, frozenset(BLOCKERS)),
    "ROLLOVER": frozenset({"suitability"}),
    "REDEMPTION": frozenset(),
    "SUCCESSION": frozenset(),
}


async def world(kit: ServiceKit, blocker: str) -> Deal:
    """An outlet where nothing but the blocker stands against a transaction."""
    deal = await prepared(kit, bank_risk_level=3 if blocker == "suitability" else 2)
    if blocker == "recorder":
        deal.machine = None
        kit.clock.advance(timedelta(minutes=10))
    if blocker == "zone":
        ok(await deal.suspend_zone())
    return deal


async def happen(deal: Deal, kind: str, blocker: str) -> list[tuple[str, str]]:
    """The transaction is prepared as its kind asks, and judged; the dry run agrees."""
    if kind in SALES:
        await meant(deal, kind)
        await deal.consent()
        await deal.record()
        await deal.beat()
    else:
        await meant(deal, kind, zone_id=None)
        await entitle(deal, kind)
    if blocker == "register":
        deal.kit.clock.advance(STALE)
    foreseen = [(item["rule"], item["code"]) for item in (await deal.check())["violations"]]
    found = refused(await (deal.sell() if kind in SALES else transact(deal)))
    assert foreseen == found
    return found


@pytest.mark.parametrize("blocker", BLOCKERS)
@pytest.mark.parametrize("kind", ASKED)
async def test_each_kind_is_stopped_by_what_the_matrix_asks_alone(
    kit: ServiceKit, kind: str, blocker: str
) -> None:
    expected = [BLOCKERS[blocker]] if blocker in ASKED[kind] else []
    assert await happen(await world(kit, blocker), kind, blocker) == expected


async def test_nothing_of_all_that_bars_a_way_out(kit: ServiceKit) -> None:
    """No assessment, no zone, no recording, no word of staffing, a product off sale, a kind never kept."""
    deal = await prepared(kit, level=None, kind="FUND", bank_risk_level=5)
    await deal.withdraw_product()
    ok(await deal.suspend_zone())
    await meant(deal, "REDEMPTION")
    kit.clock.advance(timedelta(days=1))
    done = ok(await transact(deal, confirmed={"amount_minor": 1_000_000, "currency": "CNY"}), 1)
    assert deal.case is not None
    (fact,) = await kit.facts("compliance.transaction.logged.v1")
    assert (fact.key, fact.data["kind"], fact.data["case_id"]) == (done["id"], "REDEMPTION", deal.case["id"])
    assert await kit.facts("compliance.sale.logged.v1") == []
    case = ok(await deal.seller.get(f"/v1/cases/{deal.case['id']}"))
    assert (case["state"], case["sale_id"]) == ("LOGGED", done["id"])
    assert ok(await deal.seller.get(f"/v1/transactions/{done['id']}"), 1) == done
    assert ok(await deal.seller.get("/v1/transactions"))["items"] == [done]


async def test_a_joint_holder_whom_nobody_assessed_bars_no_way_out(kit: ServiceKit) -> None:
    deal, wife = await prepared(kit, level=None), await other_customer(kit, None)
    account = await joint_account(kit, deal.customer, wife)
    await meant(deal, "REDEMPTION")
    ok(await pays(deal, account))
    assert refused(await transact(deal)) == [("INT-JOINT", "HOLDER_MISSING")]
    await declared(deal, "JOINT_HOLDER", wife["id"])
    assert refused(await transact(deal)) == []


async def test_a_company_whose_kind_of_investor_nobody_stated_redeems(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    await deal.state(legal_form="COMPANY")
    await meant(deal, "REDEMPTION")
    assert refused(await transact(deal)) == [("INT-COMPANY", "SIGNATORY_MISSING")]
    await signs(deal, await resolve(deal))
    assert refused(await transact(deal)) == []


async def test_who_the_customer_is_is_asked_of_every_kind(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    data = {"customer_id": deal.customer["id"], "cleared": False, "cleared_until": None}
    topic, checked = "crm.customers.v1", "crm.customer.checked.v1"
    await kit.deliver(kit.record(topic, checked, deal.customer["id"], data, sequence=1))
    for kind in OTHERS:
        await meant(deal, kind)
        await entitle(deal, kind)
        assert refused(await transact(deal)) == [("AML-01", "CUSTOMER_CHECK_PENDING")]


async def test_a_decision_says_which_rules_it_did_not_ask_and_why(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await meant(deal, "REDEMPTION")
    done = ok(await transact(deal), 1)
    officer = kit.client("compliance_officer")
    path = f"/v1/decisions/{done['decision_id']}"
    decision, again = ok(await officer.get(path)), ok(await officer.get(f"{path}/replay"))
    assert again["same"]
    assert again["not_asked"] == decision["not_asked"]
    who = {"INT-AUTHORITY", "INT-COMPANY", "INT-JOINT"}
    assert {one["rule"] for one in decision["outcomes"]} == {"AML-01", "TXN-03"} | who
    spared = {one["rule"]: one for one in decision["not_asked"]}
    assert spared["REC-01"]["reason"] == "TAKES_OUT"
    assert set(spared["REC-01"]["messages"]) == {"zh-CN", "en"}
    assert spared["TXN-01"]["reason"] == "NOT_ABOUT_IT"
    async with kit.session() as session:
        assert await suspicions(session) == []


# --- Kinds and routes --------------------------------------------------------------------------------------


async def test_a_sale_is_logged_as_a_sale_and_nothing_else_is(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert refusal(await transact(deal)) == (409, "CASE_IS_A_SALE")
    assert (await deal.sell()).status_code == 201
    await meant(deal, "REDEMPTION")
    assert refusal(await deal.sell()) == (409, "CASE_IS_NO_SALE")
    assert refused(await transact(deal)) == []
    assert refusal(await transact(deal)) == (409, "CASE_LOGGED")


async def test_a_transaction_is_logged_by_who_opened_it_for_its_amount(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    case = await meant(deal, "REDEMPTION")
    wrong = {"amount_minor": case["amount_minor"] + 1, "currency": case["currency"]}
    assert refusal(await transact(deal, confirmed=wrong)) == (422, "AMOUNT_NOT_CONFIRMED")
    other = kit.client("seller", subject="seller-2", outlets=(deal.outlet_id,))
    path = f"/v1/cases/{case['id']}/transaction"
    response = await other.post(path, json={}, headers=etag(case["version"]))
    assert refusal(response) == (403, "SALE_IN_FOREIGN_NAME")


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("SUBSCRIPTION", {"source_product_id": str(new_id())}, "SOURCE_PRODUCT_INVALID"),
        ("REDEMPTION", {"source_product_id": str(new_id())}, "SOURCE_PRODUCT_INVALID"),
        ("ROLLOVER", {}, "SOURCE_PRODUCT_INVALID"),
        ("CONVERSION", {}, "SOURCE_PRODUCT_INVALID"),
        ("SUCCESSION", {"holding_sale_id": str(new_id())}, "HOLDING_NOT_DRAWN_ON"),
        ("PLAN", {"holding_sale_id": str(new_id())}, "HOLDING_NOT_DRAWN_ON"),
    ],
)
async def test_a_case_names_its_source_where_it_has_one(
    kit: ServiceKit, kind: str, given: dict[str, str], code: str
) -> None:
    deal = await prepared(kit)
    seller = {"seller_id": deal.employee.id, "transaction": kind}
    body = case_body(deal.outlet_id, deal.customer["id"], **seller)
    assert refusal(await deal.seller.post("/v1/cases", json=body | given)) == (422, code)


# --- Rollover ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "found"),
    [(1, [("TXN-02", "ROLLOVER_RISK_HIGHER")]), (2, []), (3, [])],
)
async def test_a_rollover_never_goes_to_a_higher_risk(
    kit: ServiceKit, held: int, found: list[tuple[str, str]]
) -> None:
    deal = await prepared(kit)
    await meant(deal, "ROLLOVER", source=await another_product(deal, bank_risk_level=held))
    await entitle(deal, "ROLLOVER")
    assert refused(await transact(deal)) == found


async def test_what_has_no_level_is_not_compared(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await meant(deal, "ROLLOVER", source=await another_product(deal, bank_risk_level=None))
    await entitle(deal, "ROLLOVER")
    assert refused(await transact(deal)) == [("TXN-02", "ROLLOVER_RISK_HIGHER")]


async def test_a_rollover_has_the_customers_dated_consent(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await meant(deal, "ROLLOVER")
    missing = [("TXN-01", "ROLLOVER_CONSENT_MISSING")]
    assert refused(await transact(deal)) == missing
    ok(await consent(deal))
    ok(await consent(deal, given=False))
    assert refused(await transact(deal)) == missing
    given = ok(await consent(deal))
    assert (given["given"], given["notice_version"]) == (True, "rollover-2026-1")
    assert given["recorded_at"] == kit.clock.now().isoformat().replace("+00:00", "Z")
    done = ok(await transact(deal), 1)
    officer = kit.client("compliance_officer")
    facts = ok(await officer.get(f"/v1/decisions/{done['decision_id']}"))["inputs"]["transaction"]
    assert facts["rollover_consent"]["consent_id"] == given["id"]
    assert deal.case is not None
    entitlements = ok(await deal.buyer.get(f"/v1/cases/{deal.case['id']}/entitlements"))["items"]
    assert [one["given"] for one in entitlements] == [True, False, True]
    assert refusal(await consent(deal)) == (409, "CASE_LOGGED")


async def test_nobody_consents_for_the_customer_nor_to_what_is_no_rollover(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await meant(deal, "ROLLOVER")
    body = {"given": True, "notice_version": "1"}
    assert (await deal.guard("rollover_consent", deal.seller, body)).status_code == 403
    stranger = kit.client("customer", subject="somebody-else", outlets=())
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}/rollover_consent"
    assert (await stranger.post(path, json=body, headers=etag(1))).status_code == 404
    await meant(deal, "REDEMPTION")
    assert refusal(await consent(deal)) == (409, "ENTITLEMENT_NOT_OF_THIS_CASE")


# --- Holdings and heirs ------------------------------------------------------------------------------------


async def test_a_named_origin_is_the_customers_own(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    sale = ok(await deal.sell())
    await meant(deal, "REDEMPTION", holding_sale_id=sale["id"])
    assert (await deal.check())["warnings"] == []
    assert refused(await transact(deal)) == []
    product = await another_product(deal)
    await meant(deal, "REDEMPTION", holding_sale_id=sale["id"], product_id=product["id"])
    assert refused(await transact(deal)) == FOREIGN
    await meant(deal, "REDEMPTION", holding_sale_id=str(new_id()))
    assert refused(await transact(deal)) == FOREIGN
    deal.customer = await deal.nobody()
    await meant(deal, "REDEMPTION", holding_sale_id=sale["id"])
    assert refused(await transact(deal)) == FOREIGN


async def test_what_nobody_lists_is_not_redeemed(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await meant(deal, "REDEMPTION", product_id=str(new_id()))
    assert refused(await transact(deal)) == FOREIGN


async def test_a_holding_of_before_is_flagged_and_paid_out(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await meant(deal, "REDEMPTION")
    warned = [(one["rule"], one["code"]) for one in (await deal.check())["warnings"]]
    assert warned == [("TXN-03", "HOLDING_NOT_ON_RECORD")]
    assert refused(await transact(deal)) == []


async def test_an_heir_is_identified_by_a_second_person(kit: ServiceKit) -> None:
    deal = await prepared(kit, level=None)
    await meant(deal, "SUCCESSION")
    assert refused(await transact(deal)) == [("TXN-04", "HEIR_NOT_IDENTIFIED")]
    assert refusal(await identify(deal, subject="seller-1")) == (403, "HEIR_IDENTIFIED_BY_THE_SELLER")
    ok(await identify(deal))
    done = ok(await transact(deal), 1)
    # What was inherited is the heir's own.
    await meant(deal, "REDEMPTION", holding_sale_id=done["id"])
    assert (await deal.check())["warnings"] == []
    assert refused(await transact(deal)) == []


# --- What the database refuses -----------------------------------------------------------------------------

FORGED = """
INSERT INTO transactions (id, case_id, decision_id, kind, outlet_id, seller_id, product_id, customer_id,
    source_product_id, amount_minor, currency, logged_at)
SELECT gen_random_uuid(), id, :decision_id, :kind, outlet_id, seller_id, product_id, customer_id,
    source_product_id, amount_minor, currency, :at FROM cases WHERE id = :case_id
"""


@pytest.mark.parametrize("kind", ["REDEMPTION", "SUBSCRIPTION"])
async def test_no_sale_hides_as_a_transaction(kit: ServiceKit, kind: str) -> None:
    deal = await make_ready(kit)
    sale = ok(await deal.sell())
    values = {"case_id": UUID(sale["case_id"]), "decision_id": UUID(sale["decision_id"]), "kind": kind}
    at = datetime.fromisoformat(sale["logged_at"])
    async with kit.session() as session:
        with pytest.raises(IntegrityError, match=r"is not what was decided on|ck_transactions_kind"):
            await session.execute(text(FORGED), values | {"at": at})


@pytest.mark.parametrize("table", ["entitlements", "transactions"])
async def test_what_was_logged_stays(kit: ServiceKit, table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with kit.session() as session:
                await session.execute(text(statement))
