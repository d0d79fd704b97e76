"""Complaints over HTTP: a reference at once, an owner who stays, a decision, an end."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.testing import ServiceKit
from services.feedback.tests.visits import (
    OTHER_OUTLET,
    OUTLET,
    UNKNOWN,
    Json,
    act,
    complaint_body,
    decision_body,
    etag,
    ok,
    opened,
    outlet_fact,
    refused,
    sale_fact,
)

HERE = (str(OUTLET),)


async def test_employee_receives_a_complaint_and_owns_it(kit: ServiceKit) -> None:
    await kit.deliver(outlet_fact(kit, code="0001"))
    sale_id = str(uuid4())
    async with kit.client("lobby_manager", subject="lobby-1", outlets=HERE) as lobby:
        body = complaint_body(
            sale_id=sale_id, complainant="party-9", channel="phone", received_at="2026-03-01T15:59:59+08:00"
        )
        answer = await lobby.post("/v1/complaints", json=body)
        assert answer.status_code == 201
        complaint = ok(answer)
        assert answer.headers["ETag"] == '"1"'
        assert ok(await lobby.get(answer.headers["Location"])) == complaint
    assert complaint["reference"] == "TS-2026-0001-000001"
    assert (complaint["first_contact_owner"], complaint["opened_by"]) == ("lobby-1", "lobby-1")
    assert (complaint["complainant"], complaint["channel"]) == ("party-9", "phone")
    assert (complaint["received_at"], complaint["opened_at"]) == (
        "2026-03-01T07:59:59Z",
        "2026-03-02T01:00:00Z",
    )
    assert (complaint["due_on"], complaint["due_at"]) == ("2026-03-16", "2026-03-16T16:00:00Z")
    assert (complaint["regime"], complaint["status"], complaint["steps"]) == ("CN-CMP20", "opened", [])
    assert "2020年第3号" in complaint["citation"]


async def test_facts_carry_ids_dates_and_states_only(kit: ServiceKit) -> None:
    sale_id = str(uuid4())
    complaint = await opened(kit, sale_id=sale_id, complainant="party-9")
    complaint = ok(await act(kit, complaint, "decision", decision_body()))
    ok(await act(kit, complaint, "settlement", {"note": "Apology accepted."}))

    facts = await kit.facts()

    assert [(fact.type, fact.sequence) for fact in facts] == [
        ("feedback.complaint.opened.v1", 1),
        ("feedback.complaint.decided.v1", 2),
        ("feedback.complaint.settled.v1", 3),
    ]
    assert {(fact.topic, fact.key) for fact in facts} == {("feedback.complaints.v1", complaint["id"])}
    about = {"complaint_id": complaint["id"], "outlet_id": str(OUTLET), "sale_id": sale_id}
    at = {"occurred_at": "2026-03-02T01:00:00Z"}
    assert facts[0].data == at | about | {
        "version": 1,
        "reference": complaint["reference"],
        "channel": "outlet",
        "received_at": "2026-03-02T01:00:00Z",
        "due_on": "2026-03-17",
        "regime": "CN-CMP20",
        "first_contact_owner": "handler-1",
    }
    assert facts[1].data == at | about | {
        "version": 2,
        "outcome": "upheld",
        "decided_at": "2026-03-02T01:00:00Z",
        "late": False,
    }
    assert facts[2].data == at | about | {"version": 3, "settled_at": "2026-03-02T01:00:00Z"}
    said = json.dumps([fact.data for fact in facts], ensure_ascii=False)
    for word in ("小时", "service_attitude", "party-9", "windows", "Apology"):
        assert word not in said


async def test_customer_files_online_and_sees_only_his_own(kit: ServiceKit) -> None:
    async with kit.client("customer", subject="customer-1", outlets=()) as customer:
        complaint = ok(await customer.post("/v1/complaints", json=complaint_body()))
        path = f"/v1/complaints/{complaint['id']}"
        assert ok(await customer.get(path)) == complaint
        assert [item["id"] for item in ok(await customer.get("/v1/complaints"))["items"]] == [complaint["id"]]
    assert (complaint["complainant"], complaint["channel"]) == ("customer-1", "online")
    assert complaint["received_at"] == complaint["opened_at"]
    async with kit.client("customer", subject="customer-2") as stranger:
        refused(await stranger.get(path), 404, "NOT_FOUND")
        refused(await stranger.post(f"{path}/withdrawal", json={}, headers=etag(1)), 404, "NOT_FOUND")
        assert ok(await stranger.get("/v1/complaints"))["items"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("complainant", "customer-2"), ("channel", "letter"), ("received_at", "2026-03-01T00:00:00Z")],
)
async def test_receipt_is_the_employees_to_describe(kit: ServiceKit, name: str, value: str) -> None:
    async with kit.client("customer", subject="customer-1") as customer:
        answer = await customer.post("/v1/complaints", json=complaint_body(**{name: value}))
    assert refused(answer, 422, "RECEIPT_BY_STAFF_ONLY")["errors"][0]["pointer"] == f"/{name}"


async def test_life_of_a_complaint(kit: ServiceKit) -> None:
    complaint = await opened(kit)
    refused(await act(kit, complaint, "settlement", {"note": "x"}), 409, "COMPLAINT_UNDECIDED")
    kit.clock.advance(timedelta(days=2))
    complaint = ok(await act(kit, complaint, "decision", decision_body()))
    refused(await act(kit, complaint, "decision", decision_body()), 409, "COMPLAINT_ALREADY_DECIDED")
    kit.clock.advance(timedelta(days=1))
    complaint = ok(await act(kit, complaint, "settlement", {"note": "Apology accepted."}))
    assert (complaint["status"], complaint["version"]) == ("settled", 3)
    nothing = {"outcome": None, "told_via": None, "note": None}
    assert complaint["steps"] == [
        {
            "kind": "decided",
            "version": 2,
            "at": "2026-03-04T01:00:00Z",
            "by": "handler-2",
            "outcome": "upheld",
            "told_via": "phone",
            "note": "Two windows were closed.",
        },
        nothing
        | {
            "kind": "settled",
            "version": 3,
            "at": "2026-03-05T01:00:00Z",
            "by": "handler-2",
            "note": "Apology accepted.",
        },
    ]
    for transition, body in [
        ("decision", decision_body()),
        ("settlement", {"note": "x"}),
        ("withdrawal", {}),
    ]:
        refused(await act(kit, complaint, transition, body), 409, "COMPLAINT_ENDED")


@pytest.mark.parametrize(
    ("transition", "body"), [("decision", decision_body()), ("settlement", {"note": "x"}), ("withdrawal", {})]
)
async def test_transitions_need_the_version_and_the_outlet(
    kit: ServiceKit, transition: str, body: Json
) -> None:
    complaint = await opened(kit)
    path = f"/v1/complaints/{complaint['id']}/{transition}"
    async with kit.client("complaint_handler", outlets=(str(OTHER_OUTLET),)) as foreign:
        refused(await foreign.post(path, json=body, headers=etag(1)), 404, "NOT_FOUND")
        unknown = f"/v1/complaints/{UNKNOWN}/{transition}"
        refused(await foreign.post(unknown, json=body, headers=etag(1)), 404, "NOT_FOUND")
    async with kit.client("complaint_handler", outlets=HERE) as handler:
        refused(await handler.post(path, json=body), 428, "PRECONDITION_REQUIRED")
        refused(await handler.post(path, json=body, headers=etag(9)), 412, "VERSION_STALE")
    async with kit.client("outlet_head", outlets=HERE) as head:
        refused(await head.post(path, json=body, headers=etag(1)), 403, "ACTION_FORBIDDEN")
    assert len(await kit.facts()) == 1


async def test_same_key_opens_one_complaint(kit: ServiceKit) -> None:
    async with kit.client("customer", subject="customer-1") as customer:
        key = {"Idempotency-Key": "tap"}
        first, second = await asyncio.gather(
            *[customer.post("/v1/complaints", json=complaint_body(), headers=key) for _ in range(2)]
        )
        assert ok(first) == ok(second)
        assert len(ok(await customer.get("/v1/complaints"))["items"]) == 1
        (missing,) = [
            await customer.post("/v1/complaints", json=complaint_body(), headers={"Idempotency-Key": ""})
        ]
        assert missing.status_code == 400
    assert len(await kit.facts()) == 1


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"outlet_id": "0001"}, "/outlet_id"),
        ({"summary": ""}, "/summary"),
        ({"category": "x" * 81}, "/category"),
        ({"channel": "fax"}, "/channel"),
        ({"received_at": "2026-03-01T10:00:00"}, "/received_at"),
        ({"first_contact_owner": "somebody"}, "/first_contact_owner"),
    ],
)
async def test_refuses_what_is_no_complaint(kit: ServiceKit, given: Json, pointer: str) -> None:
    async with kit.client("complaint_handler") as handler:
        answer = await handler.post("/v1/complaints", json=complaint_body(**given))
    assert [error["pointer"] for error in refused(answer, 422, "PAYLOAD_INVALID")["errors"]] == [pointer]


async def test_refuses_a_receipt_out_of_time(kit: ServiceKit) -> None:
    async with kit.client("complaint_handler") as handler:
        body = complaint_body(received_at="2026-03-02T09:00:00.000001+08:00")
        refused(await handler.post("/v1/complaints", json=body), 422, "RECEIVED_IN_FUTURE")
        body = complaint_body(received_at="2020-02-29T23:59:59+08:00")
        refused(await handler.post("/v1/complaints", json=body), 422, "NO_REGIME_IN_FORCE")
        ok(await handler.post("/v1/complaints", json=complaint_body(received_at="2020-03-01T00:00:00+08:00")))
    assert [fact.data["reference"][-6:] for fact in await kit.facts()] == ["000001"]


async def test_numbers_have_no_gap_and_no_double(kit: ServiceKit) -> None:
    await kit.deliver(outlet_fact(kit, code="0001"), outlet_fact(kit, OTHER_OUTLET, code="0002"))

    async def one(place: Any, number: int) -> str:
        async with kit.client("complaint_handler", subject=f"handler-{number}") as handler:
            # Every third request is refused after its number was drawn: the number goes back.
            note = {"summary": "nul\0"} if number % 3 == 0 else {}
            answer = await handler.post("/v1/complaints", json=complaint_body(outlet_id=str(place), **note))
        return str(answer.json().get("reference"))

    references = await asyncio.gather(*[one(OUTLET if n % 2 else OTHER_OUTLET, n) for n in range(36)])

    for code in ("0001", "0002"):
        drawn = sorted(reference for reference in references if f"-{code}-" in reference)
        assert drawn == [f"TS-2026-{code}-{number:06d}" for number in range(1, 13)]


async def test_numbers_begin_again_with_the_outlets_business_year(kit: ServiceKit) -> None:
    await kit.deliver(outlet_fact(kit, code="0001", cutover_hour=4))
    kit.clock.instant = kit.clock.instant.replace(year=2026, month=12, day=31, hour=19, minute=59)
    assert (await opened(kit))["reference"] == "TS-2026-0001-000001"
    kit.clock.advance(timedelta(minutes=1))  # 04:00 of New Year's Day in Shanghai
    assert (await opened(kit))["reference"] == "TS-2027-0001-000001"
    assert (await opened(kit))["reference"] == "TS-2027-0001-000002"


async def test_outlet_may_be_unknown_yet(kit: ServiceKit) -> None:
    assert (await opened(kit))["reference"] == f"TS-2026-X{OUTLET.hex[-8:].upper()}-000001"
    await kit.deliver(outlet_fact(kit, code="0001"))
    assert (await opened(kit))["reference"] == "TS-2026-0001-000002"


async def test_sale_is_joined_when_it_arrives(kit: ServiceKit) -> None:
    sale_id = uuid4()
    complaint, without = await opened(kit, sale_id=str(sale_id)), await opened(kit)
    async with kit.client("complaint_handler", outlets=HERE) as handler:
        path = f"/v1/complaints/{complaint['id']}/sale"
        refused(await handler.get(path), 404, "SALE_UNKNOWN")
        record = sale_fact(kit, sale_id)
        await kit.deliver(record)
        sale = ok(await handler.get(path))
        assert (sale["id"], sale["outlet_id"]) == (str(sale_id), str(OUTLET))
        refused(await handler.get(f"/v1/complaints/{without['id']}/sale"), 404, "SALE_UNKNOWN")
        refused(await handler.get(f"/v1/complaints/{UNKNOWN}/sale"), 404, "NOT_FOUND")
    async with kit.client("customer", subject="customer-1") as customer:
        own = ok(await customer.post("/v1/complaints", json=complaint_body(sale_id=str(sale_id))))
        # Naming somebody's sale shows nothing of it.
        refused(await customer.get(f"/v1/complaints/{own['id']}/sale"), 403, "ACTION_FORBIDDEN")
    async with kit.client("complaint_handler", outlets=(str(OTHER_OUTLET),)) as foreign:
        refused(await foreign.get(path), 404, "NOT_FOUND")


async def test_shows_what_waits_for_its_outlet_or_sale(kit: ServiceKit) -> None:
    sale_id = uuid4()
    about_sale = await opened(kit, sale_id=str(sale_id))
    elsewhere = await opened(kit, outlet_id=str(OTHER_OUTLET))
    plain = await opened(kit)

    async def waiting(outlets: tuple[str, ...] = ("*",)) -> list[str]:
        async with kit.client("complaint_handler", outlets=outlets) as handler:
            return [item["id"] for item in ok(await handler.get("/v1/complaints/unmatched"))["items"]]

    assert await waiting() == [about_sale["id"], elsewhere["id"], plain["id"]]
    await kit.deliver(outlet_fact(kit))
    assert await waiting() == [about_sale["id"], elsewhere["id"]]
    await kit.deliver(sale_fact(kit, sale_id))
    assert await waiting() == [elsewhere["id"]]
    assert await waiting(HERE) == []


async def test_lists_what_is_within_reach_the_most_urgent_first(kit: ServiceKit) -> None:
    late = await opened(kit)
    early = await opened(kit, received_at="2026-02-20T00:00:00Z", complainant="party-9")
    foreign = await opened(kit, outlet_id=str(OTHER_OUTLET))
    ok(await act(kit, foreign, "withdrawal", {}))

    async def listed(role: str, subject: str, outlets: tuple[str, ...], **filters: Any) -> list[str]:
        async with kit.client(role, subject=subject, outlets=outlets) as client:
            found = ok(await client.get("/v1/complaints", params=filters))
        return [item["id"] for item in found["items"]]

    everything = [early["id"], late["id"], foreign["id"]]
    assert await listed("complaint_handler", "handler-2", HERE) == [early["id"], late["id"]]
    assert await listed("auditor", "auditor-1", ("*",)) == everything
    assert await listed("teller", "handler-1", HERE) == everything
    assert await listed("teller", "teller-1", HERE) == []
    assert await listed("customer", "party-9", ()) == [early["id"]]
    assert await listed("auditor", "a", ("*",), status="withdrawn") == [foreign["id"]]
    assert await listed("auditor", "a", ("*",), outlet_id=str(OUTLET)) == [early["id"], late["id"]]
    assert await listed("auditor", "a", ("*",), reference=late["reference"]) == [late["id"]]
    assert await listed("auditor", "a", ("*",), due_by="2026-03-16") == [early["id"]]
    async with kit.client("auditor") as auditor:
        first = ok(await auditor.get("/v1/complaints", params={"limit": 2}))
        rest = ok(await auditor.get("/v1/complaints", params={"cursor": first["next_cursor"]}))
    assert [item["id"] for item in first["items"] + rest["items"]] == everything


async def test_first_contact_reads_his_own_from_any_outlet(kit: ServiceKit) -> None:
    complaint = await opened(kit)
    async with kit.client("teller", subject="handler-1", outlets=(str(OTHER_OUTLET),)) as owner:
        read = ok(await owner.get(f"/v1/complaints/{complaint['id']}"))
    assert read["id"] == complaint["id"]
    async with kit.client("teller", subject="teller-1", outlets=HERE) as colleague:
        refused(await colleague.get(f"/v1/complaints/{complaint['id']}"), 404, "NOT_FOUND")
    async with kit.client("teller", subject="teller-1", outlets=HERE) as teller:
        body = complaint_body(outlet_id=str(OTHER_OUTLET))
        refused(await teller.post("/v1/complaints", json=body), 404, "NOT_FOUND")
