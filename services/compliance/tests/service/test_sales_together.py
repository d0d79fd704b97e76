"""T1: sales that nothing stands in the way of share a transaction; each is judged as it would be alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.responses import Response

from chassis.auth import Action, Principal
from chassis.http.call import Call
from chassis.http.idempotency import Claim, claim, remember
from chassis.http.routing import Gate
from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.access import allow
from compliance.cases.commands import lock_case
from compliance.customers.commands import lock_customer
from compliance.parties.commands import Held
from compliance.recordings.parts import SealBroken
from compliance.sales.audit import suspicions
from compliance.sales.desk import Attempt, SalesDesk, apart
from compliance.sales.reading import Named
from services.compliance.tests.footage import supplement
from services.compliance.tests.racing import ids, waiting
from services.compliance.tests.registers import Json, ok
from services.compliance.tests.selling import Deal, broken, fellow, filmed, make_ready
from services.compliance.tests.service.test_fees_gate import charged
from services.compliance.tests.unit.test_cases import NOW, open_case

SELLER = Principal("seller-1", frozenset({"seller"}), frozenset({"*"}))
KEYS = text("SELECT key FROM idempotency WHERE route LIKE '%/sale' ORDER BY key")
WAITERS_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
DECISIONS = text("SELECT count(*) FROM decisions")
CORRELATED = text("SELECT headers ->> 'correlationid', count(*) FROM fact WHERE key = ANY(:keys) GROUP BY 1")


def attempt(
    deal: Deal,
    key: str | None = None,
    *,
    version: int = 1,
    by: Principal = SELLER,
    language: str = "",
    content: Json | None = None,
) -> Attempt:
    """What the seller asks of the desk; the key names the request as well."""
    case_id, recording_id = ids(deal)
    key = key or str(new_id())
    return Attempt(
        case_id=case_id,
        recording_id=recording_id,
        confirmed=None,
        version=version,
        guard=Gate(allow, Action(name="sale.attempt"), by),
        claim=Claim(by.subject, f"POST /v1/cases/{case_id}/sale", key, fingerprint(content)),
        causes=json.dumps({"correlationid": key}),
        call=Call(key, accept_language=language),
    )


def fingerprint(content: Json | None) -> bytes:
    """As the edge makes it, of what the test client sends."""
    body = httpx.Request("POST", "http://service.test", json=content).content
    return sha256(b"\0" + body).digest()


@asynccontextmanager
async def desk_of(kit: ServiceKit) -> AsyncIterator[SalesDesk]:
    """A desk of its own: what is asked at once is what one transaction begins with."""
    desk = SalesDesk(kit.app.state.edge)
    try:
        yield desk
    finally:
        await desk.close()


@asynccontextmanager
async def waits_for_its_case(desk: SalesDesk, deal: Deal) -> AsyncIterator["asyncio.Task[Response | None]"]:
    """An attempt that waits for its case, which somebody else holds meanwhile."""
    async with deal.kit.session() as session:
        await lock_case(session, ids(deal)[0])
        asked = asyncio.create_task(desk.settle(attempt(deal, "mine", content=deal.body())))
        assert await waiting(deal.kit, 1, asked)
        yield asked


async def settled(kit: ServiceKit, attempts: Sequence[Attempt]) -> list[Response | None]:
    """What comes of attempts that share a transaction."""
    async with desk_of(kit) as desk:
        return await asyncio.gather(*(desk.settle(one) for one in attempts))


async def customers(kit: ServiceKit, count: int, **given: Any) -> list[Deal]:
    """As many customers of one seller, each with a deal that passes the gate."""
    first = await make_ready(kit, **given)
    others = [await filmed(await fellow(first, f"customer-{number}")) for number in range(2, count + 1)]
    return [first, *others]


async def keys(kit: ServiceKit) -> list[str]:
    async with kit.session() as session:
        return list(await session.scalars(KEYS))


async def test_sales_of_several_customers_share_a_transaction(kit: ServiceKit) -> None:
    deals = await customers(kit, 4)
    wanted = [attempt(deal, f"key-{number}") for number, deal in enumerate(deals)]
    with kit.asked() as asked:
        answers = await settled(kit, wanted)
    assert len([one for one in asked if "INSERT INTO decisions" in one.statement]) == 1
    sales = []
    for deal, answer in zip(deals, answers, strict=True):
        assert answer is not None
        assert deal.case is not None
        sale = json.loads(bytes(answer.body))
        assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
        assert sale["case_id"] == deal.case["id"]
        assert sale == ok(await deal.seller.get(answer.headers["location"]))
        sales.append(sale)
    assert len(await kit.facts("compliance.sale.logged.v1")) == len(deals)
    assert await keys(kit) == [f"key-{number}" for number in range(4)]
    async with kit.session() as session:
        assert await suspicions(session) == []
        found = await session.execute(CORRELATED, {"keys": [sale["id"] for sale in sales]})
        # Each fact has the causes of its own request.
        assert {row[0]: row[1] for row in found} == {f"key-{number}": 1 for number in range(4)}


async def test_a_sale_that_was_logged_with_others_is_replayed(kit: ServiceKit) -> None:
    deals = await customers(kit, 3)
    first = await settled(kit, [attempt(deal, "mine", content=deal.body()) for deal in deals])
    again = await asyncio.gather(*(deal.sell(key="mine", version=1) for deal in deals))
    for one, other in zip(first, again, strict=True):
        assert one is not None
        assert one.status_code == other.status_code == 201
        assert (one.body, one.headers["location"]) == (other.content, other.headers["location"])
        assert other.headers["Idempotency-Replayed"] == "true"
    reused = await deals[0].sell(key="mine", version=1, confirmed={"amount_minor": 1, "currency": "CNY"})
    assert (reused.status_code, reused.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_what_stands_in_the_way_of_one_holds_up_no_other(kit: ServiceKit) -> None:
    good, refused, stale, foreign, twice = await customers(kit, 5)
    await refused.report_change()
    second = await filmed(await fellow(good, "customer-9"))
    second.recording = good.recording
    visit = replace(twice)
    assert visit.case is not None
    await visit.open_case(session_id=visit.case["session_id"])
    await visit.consent()
    part = replace(good, recording=await supplement(good, "RISK_DISCLOSURE"))
    unknown = replace(good, recording={"id": str(new_id())})
    other = Principal("seller-2", frozenset({"seller"}), frozenset({"*"}))
    elsewhere = Principal("seller-1", frozenset({"seller"}), frozenset({str(new_id())}))
    good_one = attempt(good, "good")
    answers = await settled(
        kit,
        [
            good_one,
            attempt(refused, "refused", language="en"),
            attempt(stale, "stale", version=7),
            attempt(foreign, "foreign", by=other),
            attempt(foreign, "hidden", by=elsewhere),
            replace(attempt(foreign, "no case"), case_id=new_id()),
            attempt(twice, "twice"),
            attempt(visit, "the same recording"),
            attempt(part, "a part"),
            attempt(unknown, "no recording"),
            attempt(second, "another customer's recording"),
            attempt(good, "the same case"),
            good_one,
        ],
    )
    found = {place: answer for place, answer in enumerate(answers) if answer is not None}
    assert {place: answer.status_code for place, answer in found.items()} == {0: 201, 1: 422, 6: 201}
    problem = json.loads(bytes(found[1].body))
    assert (problem["code"], problem["request_id"]) == ("SALE_REFUSED", "refused")
    assert [(one["rule"], one["code"]) for one in problem["violations"]] == [
        ("SUI-12", "REASSESSMENT_REQUIRED")
    ]
    assert problem["detail"] == problem["messages"]["en"]
    attempted = ok(await refused.seller.get(found[1].headers["location"]))
    assert attempted["id"] == problem["record"]["attempt_id"]
    # Nothing has happened to the others: no key is claimed, no decision stored.
    assert await keys(kit) == ["good", "refused", "twice"]
    async with kit.session() as session:
        assert await session.scalar(DECISIONS) == 3
        assert await suspicions(session) == []
    # The general way says why.
    assert (await stale.sell(version=7)).status_code == 412
    assert (await visit.sell()).status_code == 201


async def test_a_sale_that_is_charged_for_goes_alone(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await charged(kit.client("product_admin", subject="admin-1"), deal)
    assert await settled(kit, [attempt(deal)]) == [None]
    assert broken(await deal.sell()) == [("FEE-01", "FEE_NOT_DISCLOSED")]


async def test_a_key_that_is_in_use_is_waited_for(kit: ServiceKit) -> None:
    one, other = await customers(kit, 2)
    async with kit.session() as session:
        # Somebody is just answering a request with this key.
        used = attempt(one, "mine").claim
        assert await claim(session, used) is None
        asked = asyncio.create_task(settled(kit, [attempt(one, "mine"), attempt(other, "other")]))
        assert await waiting(kit, 1, asked)
        await remember(session, [(used, Response("{}", status_code=201))])
    answers = await asked
    assert answers[0] is None
    assert answers[1] is not None


async def test_who_holds_several_heads_gives_way(kit: ServiceKit) -> None:
    """A consumer of facts locks heads in the order of its facts, not of their ids."""
    deals = await customers(kit, 2)
    first, last = sorted(UUID(deal.customer["id"]) for deal in deals)
    async with kit.session() as consuming:
        await consuming.execute(text("SET LOCAL lock_timeout = '900ms'"))
        await lock_customer(consuming, last)
        asked = asyncio.create_task(settled(kit, [attempt(deal) for deal in deals]))
        assert await waiting(kit, 1, asked)
        await lock_customer(consuming, first)
        assert await asked == [None, None]
    answers = [await deal.sell() for deal in deals]
    assert [answer.status_code for answer in answers] == [201, 201]


async def test_a_caller_who_has_gone_finds_his_sale(kit: ServiceKit) -> None:
    deal, other = await customers(kit, 2)
    async with desk_of(kit) as desk:
        async with waits_for_its_case(desk, deal) as asked:
            asked.cancel()
        assert await desk.settle(attempt(other)) is not None
    again = await deal.sell(key="mine", version=1)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")


async def test_who_does_not_hear_of_the_commit_finds_his_sale(kit: ServiceKit) -> None:
    deals = await customers(kit, 2)

    def lose(_: Session) -> None:
        event.remove(Session, "after_commit", lose)
        raise ConnectionError("after the commit")

    event.listen(Session, "after_commit", lose)
    lost = await settled(kit, [attempt(deal, "mine", content=deal.body()) for deal in deals])
    assert lost == [None, None]
    for deal in deals:
        again = await deal.sell(key="mine", version=1)
        assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert len(await kit.facts("compliance.sale.logged.v1")) == 2


async def test_a_lost_connection_is_replaced(kit: ServiceKit) -> None:
    held, other = await customers(kit, 2)
    async with desk_of(kit) as desk:
        async with waits_for_its_case(desk, held) as asked:
            with psycopg.connect(kit.database.super_url, autocommit=True) as connection:
                connection.execute(WAITERS_END)
            with pytest.raises(DBAPIError):
                await asked
        assert await desk.settle(attempt(other)) is not None
    assert (await held.sell(key="mine", version=1)).status_code == 201


async def test_a_case_that_moves_on_meanwhile_is_not_logged(kit: ServiceKit) -> None:
    moved, other = await customers(kit, 2)
    case_id, _ = ids(moved)
    async with kit.session() as session:
        case = await lock_case(session, case_id)
        asked = asyncio.create_task(settled(kit, [attempt(moved), attempt(other)]))
        assert await waiting(kit, 1, asked)
        case.touch(kit.clock.now())
    first, second = await asked
    assert first is None
    assert second is not None
    assert (await moved.sell(version=1)).status_code == 412


async def test_a_failure_is_the_own_one(kit: ServiceKit) -> None:
    deals = await customers(kit, 3)
    _, damaged = ids(deals[1])
    with psycopg.connect(kit.database.super_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        broken_seal = "UPDATE recording_seals SET digest = repeat('0', 64) WHERE recording_id = %s"
        connection.execute(broken_seal, (damaged,))
    assert await settled(kit, [attempt(deal) for deal in deals]) == [None, None, None]
    with pytest.raises(SealBroken):
        await settled(kit, [attempt(deals[1])])
    answers = [await deal.sell() for deal in deals]
    assert [answer.status_code for answer in answers] == [201, 500, 201]


def named(**given: Any) -> Named:
    """Heads of a case that may be judged beside others."""
    held = Held(
        account_id=None, holders=(), sellers=frozenset(), documents=given.pop("documents", frozenset())
    )
    case = open_case()
    whole: dict[str, Any] = {
        "recording_id": new_id(),
        "recorded_at": NOW,
        "is_part": False,
        "partner_ids": (),
        "service_ids": (),
    }
    return Named(case=case, parties=held, **(whole | given))


def test_no_two_sales_of_a_transaction_rest_on_what_one_keeps() -> None:
    plain, document = named(), new_id()
    first = named(documents=frozenset({document}))
    again = named(documents=frozenset({document, new_id()}))
    same = named(recording_id=plain.recording_id)
    nothing = [named(recording_id=None, recorded_at=None) for _ in range(2)]
    others = [named(recorded_at=None), named(is_part=True), named(service_ids=(new_id(),))]
    assert apart([plain, first, again, same, *nothing, *others]) == [plain, first, *nothing]


async def test_who_waits_for_a_head_is_passed_by(kit: ServiceKit) -> None:
    held, *others = await customers(kit, 3)
    async with kit.session() as session:
        await lock_customer(session, UUID(held.customer["id"]))
        waits = asyncio.create_task(held.sell())
        assert await waiting(kit, 1, waits)
        answers = await asyncio.gather(*(deal.sell() for deal in others))
        assert not waits.done()
    assert {answer.status_code for answer in answers} == {201}
    assert (await waits).status_code == 201
