"""Services, queues, counters, sessions: set up, changed, refused."""

import pytest

from chassis.ids import new_id
from services.ticketing.tests.hall import (
    ELSEWHERE,
    HERE,
    UNKNOWN,
    Hall,
    Json,
    add_counter,
    add_queue,
    call,
    etag,
    names,
    ok,
    refusal,
    sit_down,
    step,
    take,
)


def queue_body(**given: object) -> Json:
    return {"letter": "Z", "service_codes": ["cash"], **names("z"), **given}


async def test_service_is_entered_once_and_renamed(hall: Hall) -> None:
    async with hall.kit.client("operator") as operator:
        again = await operator.post("/v1/services", json={"code": "cash", **names("cash")})
        assert refusal(again) == (409, "SERVICE_CODE_TAKEN")
        renamed = await operator.put("/v1/services/cash", json=names("cash_desk"), headers=etag(1))
        assert renamed.headers["etag"] == '"2"'
        stale = await operator.put("/v1/services/cash", json=names("x"), headers=etag(1))
        assert refusal(stale) == (412, "VERSION_STALE")
        missing = await operator.put("/v1/services/pension", json=names("x"), headers=etag(1))
        assert refusal(missing) == (404, "SERVICE_NOT_FOUND")
        assert refusal(await operator.get("/v1/services/pension")) == (404, "SERVICE_NOT_FOUND")
        assert ok(await operator.get("/v1/services/cash"))["name_en"] == "Cash_desk"
        listed = ok(await operator.get("/v1/services"))["items"]
    assert [service["code"] for service in listed] == ["card", "cash", "loan"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"letter": "A"}, (409, "LETTER_TAKEN")),
        ({"service_codes": ["pension"]}, (422, "SERVICE_UNKNOWN")),
        ({"service_codes": []}, (422, "PAYLOAD_INVALID")),
        ({"letter": "a"}, (422, "PAYLOAD_INVALID")),
    ],
)
async def test_queues_that_cannot_be(hall: Hall, given: Json, expected: tuple[int, str]) -> None:
    async with hall.client("outlet_head") as head:
        answer = await head.post(f"/v1/outlets/{HERE}/queues", json=queue_body(**given))
    assert refusal(answer) == expected


async def test_same_letter_at_another_outlet(hall: Hall) -> None:
    assert await add_queue(hall, "A", "cash", outlet=ELSEWHERE) != hall.queues["A"]


async def test_queue_changes_but_keeps_its_letter(hall: Hall) -> None:
    path = f"/v1/queues/{hall.queues['B']}"
    body = {"service_codes": ["cash", "loan"], "accepting": True, **names("both")}
    async with hall.client("outlet_head") as head:
        changed = ok(await head.put(path, json=body, headers=etag(1)))
        assert (changed["letter"], changed["version"]) == ("B", 2)
        assert ok(await head.get(path)) == changed
        assert refusal(await head.put(path, json=body, headers=etag(1))) == (412, "VERSION_STALE")
        assert refusal(await head.put(path, json=body)) == (428, "PRECONDITION_REQUIRED")
        unknown = body | {"service_codes": ["pension"]}
        assert refusal(await head.put(path, json=unknown, headers=etag(2))) == (422, "SERVICE_UNKNOWN")


@pytest.mark.parametrize(
    ("label", "queues", "expected"),
    [
        ("1", ["A"], (409, "COUNTER_LABEL_TAKEN")),
        ("2", [str(UNKNOWN)], (422, "QUEUE_UNKNOWN")),
        ("2", [], (422, "PAYLOAD_INVALID")),
    ],
)
async def test_counters_that_cannot_be(
    hall: Hall, label: str, queues: list[str], expected: tuple[int, str]
) -> None:
    body = {"label": label, "queue_ids": [hall.queues.get(queue, queue) for queue in queues]}
    async with hall.client("outlet_head") as head:
        assert refusal(await head.post(f"/v1/outlets/{HERE}/counters", json=body)) == expected


async def test_counter_calls_from_other_queues_after_a_change(hall: Hall) -> None:
    await sit_down(hall)
    await take(hall, "cash")
    loan = await take(hall, "loan")
    path = f"/v1/counters/{hall.counters['1']}"
    async with hall.client("outlet_head") as head:
        body = {"label": "Loans", "queue_ids": [hall.queues["B"]]}
        changed = ok(await head.put(path, json=body, headers=etag(1)))
        assert ok(await head.get(path)) == changed
        assert ok(await head.get(f"/v1/outlets/{HERE}/counters"))["items"] == [changed]
    assert (await call(hall))["id"] == loan["id"]


async def test_one_employee_one_counter_one_session(hall: Hall) -> None:
    await add_counter(hall, "2", "A")
    employee = new_id()
    await sit_down(hall, "1", employee)
    async with hall.teller as teller:
        path = "/v1/counters/{}/sessions"
        other = await teller.post(path.format(hall.counters["1"]), json={"employee_id": str(new_id())})
        assert refusal(other) == (409, "COUNTER_IN_USE")
        same = await teller.post(path.format(hall.counters["2"]), json={"employee_id": str(employee)})
        assert refusal(same) == (409, "EMPLOYEE_AT_OTHER_COUNTER")


async def test_session_opens_and_closes_with_facts(hall: Hall) -> None:
    seat = await sit_down(hall)
    path = f"/v1/sessions/{seat['id']}"
    async with hall.teller as teller, hall.client("outlet_head") as head:
        assert ok(await teller.get(path)) == seat
        assert ok(await head.get(f"/v1/outlets/{HERE}/sessions"))["items"] == [seat]
        assert refusal(await teller.post(f"{path}/closure", headers=etag(2))) == (412, "VERSION_STALE")
        closed = ok(await teller.post(f"{path}/closure", headers=etag(1)))
        assert closed["closed_at"] is not None
        assert refusal(await teller.post(f"{path}/closure", headers=etag(2))) == (409, "SESSION_CLOSED")
        assert ok(await head.get(f"/v1/outlets/{HERE}/sessions"))["items"] == []
    opened, ended = await hall.kit.facts()
    assert (opened.type, opened.sequence) == ("ticketing.counter_session.opened.v1", 1)
    assert (ended.type, ended.sequence) == ("ticketing.counter_session.closed.v1", 2)
    assert opened.key == ended.key == seat["id"]
    await sit_down(hall)


async def test_nobody_leaves_with_a_ticket_in_hand(hall: Hall) -> None:
    seat = await sit_down(hall)
    await take(hall)
    ticket = await call(hall)
    path = f"/v1/sessions/{seat['id']}/closure"
    async with hall.teller as teller:
        assert refusal(await teller.post(path, headers=etag(1))) == (409, "COUNTER_OCCUPIED")
        await step(hall, ticket, "no-show")
        ok(await teller.post(path, headers=etag(1)))
