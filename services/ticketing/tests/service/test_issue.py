"""Taking a number: what is answered, recorded, refused."""

from datetime import datetime

import pytest
from sqlalchemy import text

from chassis.testing import ServiceKit
from services.ticketing.tests.hall import (
    ELSEWHERE,
    HERE,
    TODAY,
    UNKNOWN,
    Hall,
    add_queue,
    ok,
    refusal,
    take,
    told,
)
from ticketing.tickets.events import TicketIssued

PATH = f"/v1/outlets/{HERE}/tickets"


@pytest.mark.rule("QUE-01", side="pass")
async def test_number_and_people_ahead(hall: Hall) -> None:
    slips = [await take(hall, "cash"), await take(hall, "loan"), await take(hall, "card")]
    assert [slip["number"] for slip in slips] == ["A001", "B001", "A002"]
    assert [slip["people_ahead"] for slip in slips] == [0, 0, 1]
    assert {slip["business_date"] for slip in slips} == {TODAY}


async def test_answer_names_version_and_place(hall: Hall) -> None:
    async with hall.kiosk as kiosk:
        response = await kiosk.post(PATH, json={"service_code": "cash"})
        assert response.status_code == 201
        assert response.headers["etag"] == '"1"'
        ticket = ok(await kiosk.get(response.headers["location"]))
    assert ticket["id"] == response.json()["id"]
    assert (ticket["state"], ticket["version"]) == ("waiting", 1)
    times = [datetime.fromisoformat(seen["issued_at"]) for seen in (ticket, response.json())]
    assert times[0] == times[1] == hall.kit.clock.now()


async def test_fact_is_what_the_declared_fact_would_say(hall: Hall) -> None:
    slip = await take(hall, "cash", visitor="cust-7:a.b")
    async with hall.kit.session() as session:
        row = (await session.execute(text("SELECT * FROM tickets"))).one()
    expected = TicketIssued(
        version=1,
        occurred_at=row.issued_at,
        ticket_id=row.id,
        outlet_id=HERE,
        business_date=row.business_date,
        number="A001",
        queue_id=row.queue_id,
        service_code="cash",
        channel="kiosk",
        visitor="cust-7:a.b",
    ).data()
    (fact,) = await hall.kit.facts()
    assert (fact.type, fact.topic, fact.key) == (TicketIssued.type, TicketIssued.topic, slip["id"])
    assert fact.sequence == 1
    assert list(fact.data) == list(expected)
    given, wanted = fact.data.pop("occurred_at"), expected.pop("occurred_at")
    assert datetime.fromisoformat(given) == datetime.fromisoformat(wanted)
    assert fact.data == expected


async def test_fact_knows_the_request_that_caused_it(hall: Hall) -> None:
    async with hall.kiosk as kiosk:
        ok(await kiosk.post(PATH, json={"service_code": "cash"}, headers={"X-Request-Id": "r-17"}))
    async with hall.kit.session() as session:
        headers = (await session.execute(text("SELECT headers FROM fact"))).scalar_one()
        queued = (await session.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
    assert headers == {"correlationid": "r-17"}
    assert queued == 1


@pytest.mark.parametrize(
    ("role", "channel", "visitor"),
    [
        ("kiosk", "kiosk", "cust-1"),
        ("lobby_manager", "lobby_manager", "cust-1"),
        ("customer", "customer", "customer-1"),
    ],
)
async def test_channel_and_visitor_follow_from_who_issues(
    hall: Hall, role: str, channel: str, visitor: str
) -> None:
    async with hall.client(role) as client:
        ok(await client.post(PATH, json={"service_code": "cash", "visitor": "cust-1"}))
    (fact,) = await hall.kit.facts()
    assert (fact.data["channel"], fact.data["visitor"]) == (channel, visitor)


async def test_numbers_grow_beyond_three_digits(hall: Hall) -> None:
    await take(hall)
    async with hall.kit.session() as session:
        await session.execute(text("UPDATE number_series SET issued = 998"))
        await session.execute(text("UPDATE tickets SET serial = 998"))
    assert [(await take(hall))["number"] for _ in range(3)] == ["A999", "A1000", "A1001"]


async def test_time_never_runs_backwards_in_a_series(hall: Hall) -> None:
    async with hall.kit.session() as session:
        await session.execute(
            text("INSERT INTO number_series VALUES (:queue, :day, :here, 0, :later, false)"),
            {
                "queue": hall.queues["A"],
                "day": datetime.fromisoformat(TODAY).date(),
                "here": HERE,
                "later": datetime.fromisoformat("2026-03-02T01:00:09Z"),
            },
        )
    assert (await take(hall))["issued_at"] == "2026-03-02T01:00:09.000000Z"


async def test_queue_of_choice(hall: Hall) -> None:
    first = hall.queues["A"]
    second = await add_queue(hall, "C", "cash")
    assert (await take(hall))["queue_id"] == first
    assert (await take(hall, queue_id=second))["number"] == "C001"


async def test_queue_that_pauses_is_passed_over_or_refuses(hall: Hall) -> None:
    await add_queue(hall, "C", "cash")
    body = {"name_zh": "甲", "name_en": "A", "service_codes": ["cash", "card"], "accepting": False}
    async with hall.client("outlet_head") as head, hall.kiosk as kiosk:
        ok(await head.put(f"/v1/queues/{hall.queues['A']}", json=body, headers={"If-Match": '"1"'}))
        assert (await take(hall))["number"] == "C001"
        response = await kiosk.post(PATH, json={"service_code": "card"})
    assert refusal(response) == (409, "QUEUE_NOT_ACCEPTING")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"service_code": "pension"}, (409, "SERVICE_NOT_OFFERED")),
        ({"service_code": "loan", "queue_id": str(UNKNOWN)}, (409, "SERVICE_NOT_OFFERED")),
        ({"service_code": "Cash"}, (422, "PAYLOAD_INVALID")),
        ({}, (422, "PAYLOAD_INVALID")),
        ({"service_code": "cash", "channel": "kiosk"}, (422, "PAYLOAD_INVALID")),
        ({"service_code": "cash", "visitor": "13800138000"}, (422, "PAYLOAD_INVALID")),
        ({"service_code": "cash", "visitor": "11010519491231002X"}, (422, "PAYLOAD_INVALID")),
        ({"service_code": "cash", "visitor": "a@b.cn"}, (422, "PAYLOAD_INVALID")),
    ],
)
async def test_refusals_leave_nothing_behind(
    hall: Hall, body: dict[str, str], expected: tuple[int, str]
) -> None:
    async with hall.kiosk as kiosk:
        assert refusal(await kiosk.post(PATH, json=body)) == expected
    assert await hall.kit.facts() == []
    async with hall.kit.session() as session:
        assert (await session.execute(text("SELECT count(*) FROM number_series"))).scalar_one() == 0
        route = {"route": f"POST {PATH}"}
        rows = await session.execute(text("SELECT 1 FROM idempotency WHERE route = :route"), route)
        assert rows.all() == []


async def test_foreign_outlet_is_not_there(hall: Hall) -> None:
    await add_queue(hall, "A", "cash", outlet=ELSEWHERE)
    async with hall.kiosk as kiosk:
        response = await kiosk.post(f"/v1/outlets/{ELSEWHERE}/tickets", json={"service_code": "cash"})
    assert refusal(response) == (404, "NOT_FOUND")


async def test_key_is_needed(hall: Hall) -> None:
    async with hall.kiosk as kiosk:
        response = await kiosk.post(PATH, json={"service_code": "cash"}, headers={"Idempotency-Key": " "})
    assert refusal(response) == (400, "IDEMPOTENCY_KEY_INVALID")


async def test_same_key_same_answer_other_content_refused(hall: Hall) -> None:
    key = {"Idempotency-Key": "k-1"}
    async with hall.kiosk as kiosk:
        first = await kiosk.post(PATH, json={"service_code": "cash"}, headers=key)
        again = await kiosk.post(PATH, json={"service_code": "cash"}, headers=key)
        other = await kiosk.post(PATH, json={"service_code": "card"}, headers=key)
    assert again.content == first.content
    assert again.status_code == first.status_code == 201
    for header in ("etag", "location", "content-type"):
        assert again.headers[header] == first.headers[header]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert refusal(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await hall.kit.facts()) == 1


async def test_key_belongs_to_its_principal(hall: Hall) -> None:
    key = {"Idempotency-Key": "k-1"}
    async with hall.client("kiosk") as one, hall.client("kiosk", subject="kiosk-2") as two:
        first = ok(await one.post(PATH, json={"service_code": "cash"}, headers=key))
        second = ok(await two.post(PATH, json={"service_code": "cash"}, headers=key))
    assert [first["number"], second["number"]] == ["A001", "A002"]


async def test_outlet_that_closed_for_good_issues_nothing(hall: Hall) -> None:
    await hall.kit.deliver(told(hall.kit), told(hall.kit, 2, "closed"))
    async with hall.kiosk as kiosk:
        assert refusal(await kiosk.post(PATH, json={"service_code": "cash"})) == (409, "OUTLET_CLOSED")


@pytest.mark.parametrize(
    ("zone", "cutover", "expected"),
    [
        ("Asia/Shanghai", 9, "2026-03-02"),
        ("Asia/Shanghai", 10, "2026-03-01"),
        ("America/New_York", 0, "2026-03-01"),
    ],
)
async def test_business_date_is_the_outlets(
    hall: Hall, kit: ServiceKit, zone: str, cutover: int, expected: str
) -> None:
    await kit.deliver(told(kit, timezone=zone, cutover_hour=cutover))
    assert (await take(hall))["business_date"] == expected
    async with hall.kiosk as kiosk:
        day = ok(await kiosk.get(f"/v1/outlets/{HERE}/business-day"))
    assert day["business_date"] == expected
