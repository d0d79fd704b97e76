"""N1, N4: what staffing tells about outlets, in whatever order it comes."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from chassis.testing import ServiceKit
from services.ticketing.tests.hall import HERE, Hall, add_queue, ok, refusal, told


async def kept(kit: ServiceKit) -> list[tuple[str | None, str, int]]:
    async with kit.session() as session:
        rows = await session.execute(text("SELECT code, status, version FROM outlets"))
        return [(row.code, row.status, row.version) for row in rows]


async def test_state_is_kept_newest_wins(kit: ServiceKit) -> None:
    await kit.deliver(told(kit))
    await kit.deliver(told(kit, 3, "changed", code="SH-0003"))
    await kit.deliver(told(kit, 2, "changed", code="SH-0002"))
    assert await kept(kit) == [("SH-0003", "open", 3)]


async def test_same_fact_twice_is_once(kit: ServiceKit) -> None:
    fact = told(kit)
    assert await kit.deliver(fact) == 1
    assert await kit.deliver(fact) == 0


@pytest.mark.parametrize("first", ["opened", "closed"])
async def test_closed_stays_closed(kit: ServiceKit, first: str) -> None:
    facts = [told(kit, 1), told(kit, 2, "closed")]
    for fact in facts if first == "opened" else reversed(facts):
        await kit.deliver(fact)
    ((_, status, version),) = await kept(kit)
    assert (status, version) == ("closed", 2)


async def test_unknown_outlet_has_a_business_day_all_the_same(hall: Hall) -> None:
    path = f"/v1/outlets/{HERE}/business-day"
    async with hall.client("display") as display:
        before = ok(await display.get(path))
        await hall.kit.deliver(told(hall.kit))
        after = ok(await display.get(path))
    assert (before["known"], before["opens"], before["business_date"]) == (False, None, "2026-03-02")
    assert (after["known"], after["opens"], after["closes"]) == (True, "09:00:00", "17:00:00")


@pytest.mark.parametrize("given", [{"timezone": "Mars/Olympus"}, {"cutover_hour": 24}, {"week": [None]}])
async def test_what_cannot_be_is_refused(kit: ServiceKit, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await kit.deliver(told(kit, **given))


async def test_zone_that_the_database_does_not_know_is_refused(
    kit: ServiceKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = frozenset({"Mars/Olympus", "America/New_York"})
    monkeypatch.setattr("chassis.clock.zone_names", lambda: known)
    with pytest.raises(Exception, match="Mars/Olympus") as refused:
        await kit.deliver(told(kit, timezone="Mars/Olympus"))
    assert getattr(refused.value, "code", "") == "ZONE_UNKNOWN"
    await kit.deliver(told(kit, timezone="America/New_York"))
    assert len(await kept(kit)) == 1


async def test_closed_outlet_gets_no_queue(hall: Hall) -> None:
    await hall.kit.deliver(told(hall.kit, 1, "closed"))
    async with hall.client("outlet_head") as head:
        body = {"letter": "C", "name_zh": "丙", "name_en": "C", "service_codes": ["cash"]}
        answer = await head.post(f"/v1/outlets/{HERE}/queues", json=body)
    assert refusal(answer) == (409, "OUTLET_CLOSED")
    with pytest.raises(AssertionError, match="OUTLET_CLOSED"):
        await add_queue(hall, "D", "cash")
