"""Opening hours, closed days and cut-over of the outlet at the gate, by the server's clock (HRS-01)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.testing import ServiceKit
from services.compliance.tests.opening import clock, from_to, keep_all_week, keep_hours, local, today
from services.compliance.tests.registers import Json, ok
from services.compliance.tests.selling import LOGGED, Deal, filmed, judged, make_ready, prepared
from services.compliance.tests.transacting import SALES, entitle, meant, refused, transact

NOT_OPEN = [("HRS-01", "OUTLET_NOT_OPEN")]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")
CLOSED_WEEK: Json = {"week": [None] * 7}


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate while its outlet is open."""
    return await make_ready(kit)


async def said(deal: Deal) -> str:
    """What the dry run says in English about the outlet."""
    (item,) = (await deal.check())["violations"]
    return str(item["messages"]["en"])


async def test_before_the_outlet_opens_the_sale_is_held_and_asked_again(deal: Deal) -> None:
    await keep_all_week(deal, clock(deal, 1), "23:00")
    check = await deal.check()
    assert (check["result"], check["next_step"]) == ("held", "INTENTION")
    assert f"when it opens at {local(deal, 1).isoformat()}." in await said(deal)
    assert await judged(deal) == NOT_OPEN
    now = deal.kit.clock.now()
    deal.kit.clock.advance(MINUTE - timedelta(seconds=now.second, microseconds=now.microsecond + 1))
    await deal.beat()
    assert await judged(deal) == NOT_OPEN
    deal.kit.clock.advance(timedelta(microseconds=1))
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize(("closes", "found"), [(-1, NOT_OPEN), (0, NOT_OPEN), (1, LOGGED)])
async def test_an_outlet_is_open_until_before_it_closes(
    deal: Deal, closes: int, found: list[tuple[str, str]]
) -> None:
    await keep_all_week(deal, "08:00", clock(deal, closes))
    assert await judged(deal) == found
    if found:
        tomorrow = local(deal).replace(hour=8, minute=0) + DAY
        assert (
            f"outside of the outlet's opening hours; log the sale when it opens at {tomorrow.isoformat()}"
            in (await said(deal))
        )


async def test_on_a_day_on_which_it_is_closed_nothing_is_sold(deal: Deal) -> None:
    closed = {str(today(deal)): None, str(today(deal) + DAY): None}
    await keep_all_week(deal, "08:30", "17:00", exceptions=closed)
    assert await judged(deal) == NOT_OPEN
    opens = local(deal).replace(hour=8, minute=30) + 2 * DAY
    assert f"closed today; log the sale when it opens at {opens.isoformat()}." in await said(deal)


async def test_an_exception_opens_a_day_of_a_closed_week(deal: Deal) -> None:
    await keep_hours(deal, **CLOSED_WEEK, exceptions={str(today(deal)): from_to("08:00", "12:00")})
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize(("hour", "found"), [(8, LOGGED), (9, NOT_OPEN), (10, LOGGED)])
async def test_a_cutover_inside_of_the_hours_ends_the_day(
    deal: Deal, hour: int, found: list[tuple[str, str]]
) -> None:
    assert local(deal).hour == 9
    await keep_all_week(deal, "08:00", "17:00", cutover_hour=hour)
    assert await judged(deal) == found
    if found:
        assert "has been cut over" in await said(deal)


@pytest.mark.parametrize(("hour", "days"), [(8, 0), (9, 0), (10, -1)])
async def test_who_never_closes_goes_on_at_the_cutover_with_the_next_business_date(
    deal: Deal, hour: int, days: int
) -> None:
    await keep_all_week(deal, "00:00", "23:59", cutover_hour=hour)
    sale = ok(await deal.sell())
    expected = str(today(deal) + days * DAY)
    assert sale["business_date"] == expected
    assert ok(await deal.seller.get(f"/v1/sales/{sale['id']}"))["business_date"] == expected
    (fact,) = await deal.kit.facts("compliance.sale.logged.v1")
    assert fact.data["business_date"] == expected


async def test_the_clock_is_that_of_the_outlet(deal: Deal) -> None:
    await keep_all_week(deal, clock(deal, 1, NEW_YORK), "23:00", timezone=NEW_YORK.key)
    assert await judged(deal) == NOT_OPEN
    await keep_all_week(deal, clock(deal, 0, NEW_YORK), "23:00", timezone=NEW_YORK.key)
    sale = ok(await deal.sell())
    assert sale["business_date"] == str(local(deal, zone=NEW_YORK).date()) < str(today(deal))


async def test_of_an_outlet_that_opens_no_more_no_day_is_named(deal: Deal) -> None:
    await keep_hours(deal, **CLOSED_WEEK)
    assert await judged(deal) == NOT_OPEN
    assert "no opening is known; check its calendar" in await said(deal)
    await keep_all_week(deal, "08:00", "17:00")
    await keep_hours(deal, end=True)
    assert await judged(deal) == NOT_OPEN
    assert "no opening is known" in await said(deal)


async def test_a_calendar_that_nobody_has_told_is_a_missing_fact(deal: Deal) -> None:
    async with deal.kit.sessions.begin() as session:
        await session.execute(text("UPDATE outlets SET state = state - 'calendar'"))
    assert (await deal.check())["missing"] == ["outlet"]
    assert await judged(deal) == NOT_OPEN
    await keep_all_week(deal, "08:00", "17:00")
    assert await judged(deal) == LOGGED


async def test_a_terminal_keeps_no_hours(kit: ServiceKit) -> None:
    by_himself: Json = {"channel": "SELF_SERVICE", "staff_assisted": False, "risk_page_shown": True}
    deal = await filmed(await prepared(kit), **by_himself)
    await keep_hours(deal, **CLOSED_WEEK)
    assert await judged(deal) == LOGGED


@pytest.mark.parametrize("kind", SALES)
async def test_what_buys_at_the_counter_is_held_while_the_outlet_is_closed(
    kit: ServiceKit, kind: str
) -> None:
    deal = await prepared(kit)
    await meant(deal, kind)
    await deal.consent()
    await deal.record()
    await deal.beat()
    await keep_hours(deal, **CLOSED_WEEK)
    assert refused(await deal.sell()) == NOT_OPEN


@pytest.mark.parametrize("kind", ["ROLLOVER", "REDEMPTION", "SUCCESSION"])
async def test_what_is_no_sale_is_never_barred_by_hours(kit: ServiceKit, kind: str) -> None:
    deal = await prepared(kit)
    await meant(deal, kind, zone_id=None)
    await entitle(deal, kind)
    await keep_hours(deal, **CLOSED_WEEK)
    assert refused(await transact(deal)) == []


async def test_a_debit_of_a_plan_is_never_barred_by_hours(kit: ServiceKit) -> None:
    deal = await filmed(await prepared(kit), transaction="PLAN")
    sale = ok(await deal.sell())
    body = {"case_id": sale["case_id"], "rhythm": "MONTHLY", "first_debit_on": str(today(deal))}
    plan = ok(await deal.seller.post("/v1/plans", json=body), 1)
    await keep_hours(deal, **CLOSED_WEEK)
    core = kit.client("integration", subject="core-1")
    debit = {"due_on": str(today(deal)), "amount_minor": 1_000_000, "currency": "CNY"}
    assert ok(await core.post(f"/v1/plans/{plan['id']}/debits", json=debit))["allowed"] is True
    assert ok(await deal.seller.get(f"/v1/plans/{plan['id']}"))["state"] == plan["state"] == "ACTIVE"


COPY = """
    INSERT INTO sales SELECT (jsonb_populate_record(s, CAST(:other AS jsonb))).* FROM sales s WHERE id = :id
"""


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ("{}", "pk_sales"),
        ('{"business_date": "2026-03-01"}', "not what was decided"),
        ('{"business_date": null}', "not what was decided"),
    ],
)
async def test_the_database_takes_no_other_business_date_than_was_decided(
    deal: Deal, other: str, refusal: str
) -> None:
    sale = ok(await deal.sell())
    assert sale["business_date"] == "2026-03-02"
    with pytest.raises(IntegrityError, match=refusal):
        async with deal.kit.sessions.begin() as session:
            await session.execute(text(COPY), {"id": sale["id"], "other": other})
