"""Cases that end without a sale: given up, or out of time (CAS-01); by REST, beside the gate, below it."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.events import to_json
from chassis.ids import new_id
from chassis.runtime import run_job
from chassis.testing import ServiceKit
from compliance.cases.commands import lock_case
from compliance.cases.expiry import expiry
from compliance.sales.audit import suspicions
from services.compliance.tests.attending import declare
from services.compliance.tests.racing import Barrier, barriers, started, waiting
from services.compliance.tests.registers import Json, consent_body, etag, ok, refusal
from services.compliance.tests.selling import Deal, make_ready, prepared
from services.compliance.tests.service.test_gate_attacks import DECISION, KEPT, LOGGED, SALE, UNPROVEN, forger
from services.compliance.tests.transacting import identify, transact

#: Deals are made on 2026-03-02: through 1 April, in the bank's zone.
OVER = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ABANDONED = (409, "CASE_ABANDONED")


async def give_up(
    deal: Deal, reason: str = "CUSTOMER_DECLINED", *, version: int | None = None, subject: str = "seller-1"
) -> httpx.Response:
    """A seller gives the deal's case up."""
    assert deal.case is not None
    seller = deal.kit.client("seller", subject=subject)
    path = f"/v1/cases/{deal.case['id']}"
    if version is None:
        version = ok(await seller.get(path))["version"]
    return await seller.post(f"{path}/abandonment", json={"reason": reason}, headers=etag(version))


async def case_of(deal: Deal) -> Json:
    assert deal.case is not None
    return ok(await deal.seller.get(f"/v1/cases/{deal.case['id']}"))


async def look(kit: ServiceKit) -> bool:
    """One round of the clock; whether there may be more."""
    return await run_job(kit.sessions, kit.clock, kit.settings, expiry)


async def to_the_end(deal: Deal, instant: datetime) -> None:
    """The clock goes there; the bank is at work, and staffing and the zone's recorder are heard of."""
    deal.kit.clock.instant = instant
    await deal.beat()


# --- Given up ----------------------------------------------------------------------------------------------


async def test_a_seller_gives_a_case_up_for_good(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    before = await case_of(deal)
    ended = ok(await give_up(deal), before["version"] + 1)
    change = {"standing": "ABANDONED", "ended_at": to_json(kit.clock.now())}
    assert ended == before | change | {"abandoned_for": "CUSTOMER_DECLINED", "version": before["version"] + 1}
    # Who knows the released states alone sees that nothing was logged.
    assert (ended["state"], ended["sale_id"]) == ("OPEN", None)
    assert await case_of(deal) == ended
    for query, found in (
        ({"standing": "ABANDONED"}, [ended]),
        ({"standing": "OPEN"}, []),
        ({"state": "OPEN"}, [ended]),
        ({"state": "LOGGED"}, []),
    ):
        assert ok(await deal.seller.get("/v1/cases", params=query))["items"] == found, query
    (fact,) = await kit.facts("compliance.case.abandoned.v1")
    about = ("version", "session_id", "outlet_id", "seller_id", "product_id", "customer_id")
    assert fact.data == {name: ended[name] for name in about} | {
        "case_id": ended["id"],
        "occurred_at": ended["ended_at"],
        "reason": "CUSTOMER_DECLINED",
    }
    assert (fact.key, fact.sequence) == (ended["id"], ended["version"])


async def test_what_has_ended_takes_nothing_more(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    ok(await give_up(deal, "ENTERED_WRONGLY"))
    assert deal.case is not None
    path = f"/v1/cases/{deal.case['id']}"
    check = await deal.seller.post(f"{path}/gate-check", json=deal.body())
    for refused in (
        check,
        await deal.sell(),
        await give_up(deal),
        await deal.seller.post(f"{path}/matching_opinions"),
        await deal.approve(),
        await deal.buyer.post("/v1/consents", json=consent_body(deal.case["id"])),
        await deal.seller.post("/v1/recordings", json={"case_id": deal.case["id"]}),
    ):
        assert refusal(refused) == ABANDONED
    assert "open a new case" in check.text
    assert await kit.facts("compliance.sale.refused.v1") == []
    # The customer comes back in the same visit: another case, on the recording that is there.
    await deal.open_case(session_id=deal.case["session_id"])
    ok(await deal.sell())


async def test_only_the_seller_of_the_case_gives_it_up(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert deal.case is not None
    version = (await case_of(deal))["version"]
    assert refusal(await give_up(deal, subject="seller-2")) == (403, "CASE_OF_OTHER_SELLER")
    assert refusal(await give_up(deal, version=version + 1))[0] == 412
    assert refusal(await give_up(deal, "EXPIRED")) == (422, "PAYLOAD_INVALID")
    path = f"/v1/cases/{deal.case['id']}/abandonment"
    abroad = kit.client("seller", outlets=(str(new_id()),), subject="seller-1")
    body = {"reason": "NOT_SUITABLE"}
    assert refusal(await abroad.post(path, json=body, headers=etag(version))) == (404, "NOT_FOUND")
    assert refusal(await deal.buyer.post(path, json=body, headers=etag(version))) == (403, "ACTION_FORBIDDEN")
    assert (await case_of(deal))["standing"] == "OPEN"
    ok(await deal.sell())
    assert refusal(await give_up(deal)) == (409, "CASE_LOGGED")


# --- Out of time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "status"), [(-MOMENT, 201), (timedelta(), 409), (MOMENT, 409)])
async def test_the_clock_of_the_gate_ends_a_case_before_the_job_does(
    kit: ServiceKit, late: timedelta, status: int
) -> None:
    deal = await make_ready(kit)
    await to_the_end(deal, OVER + late)
    answer = await deal.sell()
    assert answer.status_code == status, answer.text
    if status == 409:
        assert refusal(answer) == ABANDONED
        assert deal.case is not None
        check = await deal.seller.post(f"/v1/cases/{deal.case['id']}/gate-check", json=deal.body())
        assert refusal(check) == ABANDONED
        assert refusal(await declare(deal, "INTERPRETER")) == ABANDONED
        # Nobody has noticed yet; nothing is stored of the attempt.
        assert (await case_of(deal))["standing"] == "OPEN"
        assert await kit.facts("compliance.sale.refused.v1") == []


async def test_the_job_ends_what_is_out_of_time_and_nothing_else(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    old = await case_of(deal)
    kit.clock.instant = OVER - MOMENT
    young = await deal.open_case(told=False)
    assert await look(kit) is False
    assert await kit.facts("compliance.case.abandoned.v1") == []
    kit.clock.instant = OVER
    for _ in range(2):
        assert await look(kit) is False
    (fact,) = await kit.facts("compliance.case.abandoned.v1")
    assert (fact.data["case_id"], fact.data["reason"]) == (old["id"], "EXPIRED")
    ended = ok(await deal.seller.get(f"/v1/cases/{old['id']}"), old["version"] + 1)
    assert (ended["standing"], ended["abandoned_for"]) == ("ABANDONED", "EXPIRED")
    assert ended["ended_at"] == to_json(OVER)
    assert ok(await deal.seller.get(f"/v1/cases/{young['id']}"))["standing"] == "OPEN"


async def test_the_job_takes_a_bounded_number_at_once(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case(told=False)
    assert deal.case is not None
    copies = text("""
        INSERT INTO cases (id, version, session_id, customer_id, product_id, seller_id, outlet_id, zone_id,
            channel, amount_minor, currency, state, opened_by, opened_at, entry_mode, transaction, expires_at)
        SELECT gen_random_uuid(), version, session_id, customer_id, product_id, seller_id, outlet_id, zone_id,
            channel, amount_minor, currency, state, opened_by, opened_at, entry_mode, transaction, expires_at
        FROM cases, generate_series(1, 100)""")
    async with kit.session() as session:
        await session.execute(copies)
    kit.clock.instant = OVER
    assert [await look(kit), await look(kit)] == [True, False]
    assert len(await kit.facts("compliance.case.abandoned.v1")) == 101


async def test_a_case_that_somebody_holds_is_left_to_the_next_round(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert deal.case is not None
    kit.clock.instant = OVER
    async with kit.session() as session:
        await lock_case(session, UUID(deal.case["id"]))
        assert await look(kit) is False
        assert await kit.facts("compliance.case.abandoned.v1") == []
    await look(kit)
    assert len(await kit.facts("compliance.case.abandoned.v1")) == 1


# --- Beside the gate ---------------------------------------------------------------------------------------


async def one_before_the_other(
    deal: Deal, first: Awaitable[object], second: Awaitable[object]
) -> tuple[object, object]:
    """What came of both; the first stood before its commit until the second waited for it."""
    with barriers():
        barrier = Barrier()
        one = started(first, barrier)
        async with asyncio.timeout(10):
            await barrier.reached.wait()
        other = started(second)
        assert await waiting(deal.kit, 1, other)
        barrier.opened.set()
        return await one, await other


def answered(came: object) -> tuple[int, str | None]:
    """Status, and the code of a problem."""
    assert isinstance(came, httpx.Response)
    return came.status_code, came.json().get("code")


async def sound(kit: ServiceKit) -> None:
    """The audit finds nothing, and the case ended once."""
    async with kit.session() as session:
        assert await suspicions(session) == []
    logged, abandoned = "compliance.sale.logged.v1", "compliance.case.abandoned.v1"
    assert len(await kit.facts(logged)) + len(await kit.facts(abandoned)) == 1


async def test_a_sale_comes_before_its_abandonment(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    sold, given_up = await one_before_the_other(deal, deal.sell(), give_up(deal))
    assert answered(sold) == (201, None)
    assert answered(given_up) == (412, "VERSION_STALE")
    assert refusal(await give_up(deal)) == (409, "CASE_LOGGED")
    await sound(kit)


async def test_an_abandonment_comes_before_the_sale(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    given_up, sold = await one_before_the_other(deal, give_up(deal), deal.sell())
    assert answered(given_up) == (200, None)
    assert answered(sold) == (412, "VERSION_STALE")
    assert refusal(await deal.sell()) == ABANDONED
    await sound(kit)


async def test_the_job_comes_before_the_sale(kit: ServiceKit) -> None:
    """The gate waits for the case, and reads the clock behind it: it never sees the job's half."""
    deal = await make_ready(kit)
    version = (await case_of(deal))["version"]
    kit.clock.instant = OVER - MOMENT
    await deal.beat()

    async def at_the_end() -> object:
        kit.clock.instant = OVER
        return await look(kit)

    ended, sold = await one_before_the_other(deal, at_the_end(), deal.sell(version=version))
    assert ended is False
    assert answered(sold) == (412, "VERSION_STALE")
    assert refusal(await deal.sell()) == ABANDONED
    await sound(kit)


async def test_the_job_passes_a_case_that_is_being_sold(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await to_the_end(deal, OVER - MOMENT)
    with barriers():
        barrier = Barrier()
        selling = started(deal.sell(), barrier)
        async with asyncio.timeout(10):
            await barrier.reached.wait()
        kit.clock.instant = OVER
        await look(kit)
        barrier.opened.set()
        assert answered(await selling) == (201, None)
    await look(kit)
    await sound(kit)


# --- Below the service -------------------------------------------------------------------------------------

CHANGED = "a case that has ended does not change|not abandoned"
ABANDON = """
UPDATE cases SET state = 'ABANDONED', abandoned_for = 'CUSTOMER_DECLINED', ended_at = :decided_at,
    version = version + 1 WHERE id = :case_id
"""


async def test_no_sale_stands_on_a_case_that_was_abandoned(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    forged = await forger(deal)
    assert forged.values["result"] == "passed"
    ok(await give_up(deal))
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE)
    for change in (LOGGED, "UPDATE cases SET state = 'OPEN', abandoned_for = NULL, ended_at = NULL"):
        with pytest.raises(IntegrityError, match=CHANGED):
            await forged.run(change)


async def test_no_sale_stands_on_a_case_out_of_time(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    for late, taken in ((timedelta(), False), (-MOMENT, True)):
        await to_the_end(deal, OVER + late)
        forged = await forger(deal)
        assert forged.values["result"] == "passed"
        # The business date before the cut-over hour is that of the day before.
        sale = SALE.replace("'2026-03-02'", "'2026-04-01'")
        if taken:
            await forged.run(DECISION, KEPT, sale, LOGGED)
        else:
            with pytest.raises(IntegrityError, match=UNPROVEN):
                await forged.run(DECISION, KEPT, sale)


async def test_what_is_sold_is_not_abandoned_below_the_service(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    forged = await forger(deal)
    with pytest.raises(IntegrityError, match=CHANGED):
        await forged.run(DECISION, KEPT, SALE, ABANDON)
    ok(await deal.sell())
    for change in (
        ABANDON,
        "UPDATE cases SET ended_at = opened_at",
        "UPDATE cases SET version = version + 1",
    ):
        with pytest.raises(IntegrityError, match=CHANGED):
            await forged.run(change)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'ABANDONED', ended_at = expires_at",
        "state = 'ABANDONED', abandoned_for = 'NOT_SUITABLE'",
        "state = 'ABANDONED', abandoned_for = 'BORED', ended_at = opened_at",
        "state = 'ABANDONED', abandoned_for = 'EXPIRED', ended_at = expires_at - interval '1 microsecond'",
        "state = 'ABANDONED', abandoned_for = 'NOT_SUITABLE', ended_at = opened_at - interval '1 day'",
        "abandoned_for = 'NOT_SUITABLE'",
        "ended_at = opened_at",
    ],
)
async def test_a_case_ends_whole_or_not_at_all(kit: ServiceKit, change: str) -> None:
    deal = await prepared(kit)
    await deal.open_case(told=False)
    with pytest.raises(IntegrityError, match="ck_cases_"):
        async with kit.session() as session:
            await session.execute(text(f"UPDATE cases SET {change}"))
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with kit.session() as session:
            await session.execute(text("UPDATE cases SET expires_at = expires_at + interval '1 year'"))


async def test_nobody_logs_a_transaction_of_an_abandoned_case(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    await deal.open_case(transaction="SUCCESSION")
    await identify(deal)
    await deal.beat()
    ok(await give_up(deal))
    assert refusal(await transact(deal)) == ABANDONED
