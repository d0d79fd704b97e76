"""The gate: what a logged sale and a refused attempt leave behind, who sees it, how it is decided again."""

from typing import Any

import pytest
from sqlalchemy import text

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.sales.audit import suspicions
from services.compliance.tests.registers import etag, ok, refusal
from services.compliance.tests.selling import SECOND, Deal, broken, make_ready, prepared


async def explained(kit: ServiceKit) -> bool:
    """Whether the audit of the gate names nothing."""
    async with kit.session() as session:
        return await suspicions(session) == []


async def count(kit: ServiceKit, table: str) -> int:
    """How many rows the table has."""
    async with kit.session() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_a_sale_is_logged_with_decision_keeping_and_fact(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert (await deal.check())["result"] == "passed"
    assert await count(kit, "decisions") == 0
    assert deal.case is not None
    assert deal.recording is not None
    confirmed = {"amount_minor": deal.case["amount_minor"], "currency": deal.case["currency"]}
    response = await deal.sell(confirmed=confirmed)
    sale = ok(response)
    assert response.status_code == 201
    assert ok(await deal.seller.get(response.headers["location"])) == sale
    case = ok(await deal.seller.get(f"/v1/cases/{deal.case['id']}"), 2)
    assert (case["state"], case["sale_id"]) == ("LOGGED", sale["id"])
    (fact,) = await kit.facts("compliance.sale.logged.v1")
    assert (fact.key, fact.sequence) == (sale["id"], 1)
    for name in ("case_id", "decision_id", "recording_id", "product_id", "customer_id", "amount_minor"):
        assert fact.data[name] == sale[name]
    auditor = kit.client("auditor")
    kept = ok(await auditor.get(f"/v1/recordings/{deal.recording['id']}/retention"))
    assert [held["sale_id"] for held in kept["sales"]] == [sale["id"]]
    decision = ok(await auditor.get(f"/v1/decisions/{sale['decision_id']}"))
    assert (decision["result"], decision["digest"]) == ("passed", fact.data["decision"])
    assert await explained(kit)


async def test_a_refusal_is_on_record_and_the_case_stays_open(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    response = await deal.sell()
    assert broken(response) == [("SUI-03", "RISK_LEVEL_MISMATCH")]
    assert response.headers["etag"] == '"1"'
    record = response.json()["record"]
    attempt = ok(await deal.seller.get(response.headers["location"]))
    assert (attempt["id"], attempt["decision_id"]) == (record["attempt_id"], record["decision_id"])
    assert deal.case is not None
    listed = ok(await deal.seller.get(f"/v1/cases/{deal.case['id']}/attempts"))["items"]
    assert listed == [attempt]
    (fact,) = await kit.facts("compliance.sale.refused.v1")
    assert (fact.key, fact.data["rules"]) == (attempt["id"], ["SUI-03"])
    assert [one["code"] for one in fact.data["broken"]] == ["RISK_LEVEL_MISMATCH"]
    assert await count(kit, "retention_sales") == 0
    # The same case may be tried again, once what was missing is there.
    await deal.grade(bank=2)
    kit.clock.advance(SECOND)
    await deal.match()
    await deal.record()
    ok(await deal.sell())
    assert await explained(kit)


async def test_a_refused_request_sent_again_gets_the_same_answer(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    first, again = await deal.sell(key="k-1"), await deal.sell(key="k-1")
    assert (again.status_code, again.content) == (422, first.content)
    assert await count(kit, "refused_attempts") == 1


async def test_a_decision_is_made_again_from_what_was_stored(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    decision_id = (await deal.sell()).json()["record"]["decision_id"]
    # What has changed since does not matter.
    await deal.assess(5)
    await deal.grade(bank=1)
    decision = ok(await kit.client("auditor").get(f"/v1/decisions/{decision_id}"))
    for role in ("auditor", "compliance_officer", "seller"):
        caller = kit.client(role)
        assert ok(await caller.get(f"/v1/decisions/{decision_id}")) == decision
        replay = ok(await caller.get(f"/v1/decisions/{decision_id}/replay"))
        assert replay["same"] is True
        assert replay["digest"] == decision["digest"]
        assert (replay["result"], replay["outcomes"]) == ("refused", decision["outcomes"])
    assert [item["rule"] for item in decision["violations"]] == ["SUI-03"]
    assert decision["inputs"]["product"]["bank_level"] == 3
    foreign = kit.client("seller", outlets=(str(new_id()),))
    assert refusal(await foreign.get(f"/v1/decisions/{decision_id}")) == (404, "NOT_FOUND")
    assert refusal(await foreign.get(f"/v1/decisions/{decision_id}/replay")) == (404, "NOT_FOUND")


async def test_lists_by_outlet_and_legal_day(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    sale = ok(await deal.sell())
    auditor = kit.client("auditor")
    for query, found in (
        ({}, [sale]),
        ({"day": "2026-03-02"}, [sale]),
        ({"day": "2026-03-01"}, []),
        ({"outlet_id": deal.outlet_id, "day": "2026-03-02"}, [sale]),
        ({"outlet_id": str(new_id())}, []),
    ):
        assert ok(await auditor.get("/v1/sales", params=query))["items"] == found
    foreign = kit.client("seller", outlets=(str(new_id()),))
    assert ok(await foreign.get("/v1/sales"))["items"] == []
    assert refusal(await foreign.get("/v1/sales", params={"outlet_id": deal.outlet_id}))[0] == 404
    assert refusal(await foreign.get(f"/v1/sales/{sale['id']}")) == (404, "NOT_FOUND")
    assert ok(await auditor.get("/v1/attempts", params={"day": "2026-03-02"}))["items"] == []


async def test_the_rules_in_force_on_a_day(kit: ServiceKit) -> None:
    caller = kit.client("customer", outlets=(), subject="customer-1")
    before = ok(await caller.get("/v1/rules", params={"on": "2016-12-31"}))
    now = ok(await caller.get("/v1/rules"))
    assert now["on"] == "2026-03-02"
    ids = {rule["id"] for rule in now["rules"] if rule["subject"] == "sale"}
    assert {"PRD-01", "PRD-07", "ZON-01", "ZON-03", "REC-01", "REC-02", "REC-04", "SAL-01"} <= ids
    assert {"SUI-01", "SUI-03", "SUI-12"} <= ids
    assert "REC-01" not in {rule["id"] for rule in before["rules"]}
    for rule in now["rules"]:
        assert rule["citation"]
        assert rule["requirement_zh"]
        assert rule["requirement_en"]


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"confirmed": {"amount_minor": 999_999, "currency": "CNY"}}, (422, "AMOUNT_NOT_CONFIRMED")),
        ({"confirmed": {"amount_minor": 1_000_000, "currency": "USD"}}, (422, "AMOUNT_NOT_CONFIRMED")),
        ({"recording_id": str(new_id())}, (422, "SALE_RECORDING_UNKNOWN")),
        ({"version": 7}, (412, "VERSION_STALE")),
    ],
)
async def test_what_is_no_attempt_leaves_nothing(
    kit: ServiceKit, given: dict[str, Any], answer: tuple[int, str]
) -> None:
    deal = await prepared(kit)
    await deal.open_case()
    assert refusal(await deal.sell(**given)) == answer
    assert await count(kit, "decisions") == 0
    assert await kit.facts("compliance.sale.refused.v1") == []


async def test_another_seller_does_not_log_it(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}/sale"
    colleague = kit.client("seller", subject="seller-9", outlets=(deal.outlet_id,))
    response = await colleague.post(path, json=deal.body(), headers=etag(1))
    assert refusal(response) == (403, "SALE_IN_FOREIGN_NAME")
    foreign = kit.client("seller", subject="seller-1", outlets=(str(new_id()),))
    assert refusal(await foreign.post(path, json=deal.body(), headers=etag(1))) == (404, "NOT_FOUND")
    for role in ("outlet_head", "compliance_officer", "auditor", "customer"):
        response = await kit.client(role).post(path, json=deal.body(), headers=etag(1))
        assert refusal(response)[0] == 403
    assert await count(kit, "decisions") == 0


async def test_a_sale_may_bring_its_id_and_only_once(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    sale_id = str(new_id())
    assert ok(await deal.sell(sale_id=sale_id))["id"] == sale_id
    other = Deal(**{**vars(deal), "case": None})
    await other.open_case(session_id=deal.case["session_id"] if deal.case else None)
    assert refusal(await other.sell(sale_id=sale_id)) == (409, "SALE_ID_TAKEN")
    # One recording may prove several sales of its session.
    ok(await other.sell())
    assert refusal(await other.sell(version=2)) == (409, "CASE_LOGGED")
    assert await explained(kit)
