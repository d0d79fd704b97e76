"""Evaluations over HTTP: found by the ticket's holder, answered once, within their time."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.runtime import run_job
from chassis.testing import ServiceKit
from feedback.evaluations.domain import OFFER_STANDS
from feedback.service import service
from services.feedback.tests.visits import (
    OTHER_OUTLET,
    OUTLET,
    UNKNOWN,
    Json,
    completion_fact,
    etag,
    offered,
    ok,
    refused,
)

ANSWER: Json = {"score": 4, "dimensions": ["attitude", "efficiency"], "comment": "Li Lei 办得很快"}

EXPIRE = next(job for job in service.jobs if job.name == "expire_evaluations")


async def test_visitor_finds_and_answers_the_offer(kit: ServiceKit) -> None:
    evaluation = await offered(kit, visitor="visitor-1")
    async with kit.client("customer", subject="visitor-1", outlets=()) as visitor:
        found = ok(await visitor.get("/v1/evaluations", params={"ticket_id": evaluation["ticket_id"]}))
        assert [item["id"] for item in found["items"]] == [evaluation["id"]]
        path = f"/v1/evaluations/{evaluation['id']}"
        read = await visitor.get(path)
        assert read.headers["ETag"] == '"1"'
        assert (ok(read)["status"], ok(read)["answer"]) == ("offered", None)

        kit.clock.advance(timedelta(minutes=2))
        answer = await visitor.post(f"{path}/submission", json=ANSWER, headers=etag(1))

        assert ok(answer)["answer"] == ANSWER | {"submitted_at": "2026-03-02T01:02:00Z"}
        assert answer.headers["ETag"] == '"2"'
        assert ok(await visitor.get(path))["status"] == "submitted"


async def test_fact_names_what_was_rated_and_no_word_or_visitor(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    async with kit.client("kiosk", subject="evaluator-7", outlets=(str(OUTLET),)) as kiosk:
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        ok(await kiosk.post(path, json=ANSWER, headers=etag(1)))

    (fact,) = await kit.facts()

    same = ("ticket_id", "outlet_id", "business_date", "service_code", "employee_id", "counter_id")
    assert (fact.type, fact.topic) == ("feedback.evaluation.submitted.v1", "feedback.evaluations.v1")
    assert (fact.key, fact.sequence) == (evaluation["id"], 2)
    assert fact.data == {
        "version": 2,
        "occurred_at": "2026-03-02T01:00:00Z",
        "evaluation_id": evaluation["id"],
        **{name: evaluation[name] for name in same},
        "score": 4,
        "dimensions": ["attitude", "efficiency"],
    }
    assert "visitor" not in json.dumps(fact.data)


async def test_answered_once(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    async with kit.client("customer", subject="visitor-1") as visitor:
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        key = {"Idempotency-Key": "first"}
        first = await visitor.post(path, json=ANSWER, headers=etag(1) | key)
        again = await visitor.post(path, json=ANSWER, headers=etag(1) | key)
        assert ok(first) == ok(again)
        assert again.headers["Idempotency-Replayed"] == "true"

        for version in (1, 2):
            second = await visitor.post(path, json={"score": 1}, headers=etag(version))
            refused(second, 409, "EVALUATION_ALREADY_SUBMITTED")
    assert len(await kit.facts()) == 1


async def test_many_at_once_and_one_answer_stands(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    path = f"/v1/evaluations/{evaluation['id']}/submission"
    async with kit.client("kiosk", subject="evaluator-7", device_id="device-7") as kiosk:
        answers = await asyncio.gather(
            *[kiosk.post(path, json={"score": score}, headers=etag(1)) for score in (1, 2, 3, 4, 5)]
        )
    taken = [answer for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer not in taken:
            refused(answer, 409, "EVALUATION_ALREADY_SUBMITTED")
    (fact,) = await kit.facts()
    assert [ok(answer)["answer"]["score"] for answer in taken] == [fact.data["score"]]


@pytest.mark.parametrize("noted", [False, True])
async def test_expires_when_its_time_has_passed(kit: ServiceKit, noted: bool) -> None:
    in_time, late = await offered(kit), await offered(kit)
    kit.clock.advance(OFFER_STANDS - timedelta(microseconds=1))
    async with kit.client("customer", subject="visitor-1") as visitor:
        path = f"/v1/evaluations/{in_time['id']}/submission"
        ok(await visitor.post(path, json={"score": 5}, headers=etag(1)))

        kit.clock.advance(timedelta(microseconds=1))
        if noted:
            assert not await run_job(kit.sessions, kit.clock, kit.settings, EXPIRE)
        path = f"/v1/evaluations/{late['id']}"
        refused(
            await visitor.post(f"{path}/submission", json={"score": 5}, headers=etag(1)),
            409,
            "EVALUATION_EXPIRED",
        )
        shown = ok(await visitor.get(path))
        assert (shown["status"], shown["version"]) == ("expired", 2 if noted else 1)
        assert ok(await visitor.get(f"/v1/evaluations/{in_time['id']}"))["status"] == "submitted"
    assert len(await kit.facts()) == 1


async def test_needs_the_version(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    async with kit.client("customer", subject="visitor-1") as visitor:
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        refused(await visitor.post(path, json=ANSWER), 428, "PRECONDITION_REQUIRED")
        refused(await visitor.post(path, json=ANSWER, headers=etag(7)), 412, "VERSION_STALE")
    assert await kit.facts() == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"score": 0}, "/score"),
        ({"score": 6}, "/score"),
        ({"score": "5"}, "/score"),
        ({"dimensions": ["weather"]}, "/dimensions/0"),
        ({"comment": ""}, "/comment"),
        ({"comment": "x" * 1001}, "/comment"),
        ({"employee_id": str(UNKNOWN)}, "/employee_id"),
    ],
)
async def test_refuses_what_is_no_answer(kit: ServiceKit, given: Json, pointer: str) -> None:
    evaluation = await offered(kit)
    async with kit.client("customer", subject="visitor-1") as visitor:
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        problem = refused(
            await visitor.post(path, json=ANSWER | given, headers=etag(1)), 422, "PAYLOAD_INVALID"
        )
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_is_the_visitors_own(kit: ServiceKit) -> None:
    evaluation = await offered(kit, visitor="visitor-1")
    path = f"/v1/evaluations/{evaluation['id']}"
    async with kit.client("customer", subject="somebody-else") as stranger:
        found = ok(await stranger.get("/v1/evaluations", params={"ticket_id": evaluation["ticket_id"]}))
        assert found["items"] == []
        refused(await stranger.get(path), 404, "NOT_FOUND")
        refused(await stranger.post(f"{path}/submission", json=ANSWER, headers=etag(1)), 404, "NOT_FOUND")
    async with kit.client("kiosk", outlets=(str(OTHER_OUTLET),)) as foreign:
        refused(await foreign.get(path), 404, "NOT_FOUND")
        refused(await foreign.post(f"{path}/submission", json=ANSWER, headers=etag(1)), 404, "NOT_FOUND")
    assert await kit.facts() == []


async def test_paper_ticket_belongs_to_whoever_holds_it(kit: ServiceKit) -> None:
    evaluation = await offered(kit, visitor=None)
    async with kit.client("customer", subject="anybody", outlets=()) as holder:
        found = ok(await holder.get("/v1/evaluations", params={"ticket_id": evaluation["ticket_id"]}))
        assert [one["id"] for one in found["items"]] == [evaluation["id"]]
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        given = ok(await holder.post(path, json={"score": 3}, headers=etag(1)))
    assert given["answer"]["score"] == 3


async def test_nothing_is_offered_before_the_completion_arrives(kit: ServiceKit) -> None:
    async with kit.client("customer", "kiosk") as client:
        found = await client.get("/v1/evaluations", params={"ticket_id": str(uuid4())})
        assert ok(found) == {"items": [], "next_cursor": None}
        path = f"/v1/evaluations/{UNKNOWN}"
        refused(await client.get(path), 404, "NOT_FOUND")
        refused(await client.post(f"{path}/submission", json=ANSWER, headers=etag(1)), 404, "NOT_FOUND")


async def test_evaluators_list_by_outlet_and_day(kit: ServiceKit) -> None:
    for day in ("2026-03-03", "2026-03-02", "2026-03-02"):
        await kit.deliver(completion_fact(kit, uuid4(), business_date=day))
    await kit.deliver(completion_fact(kit, uuid4(), outlet_id=OTHER_OUTLET))
    path = f"/v1/outlets/{OUTLET}/evaluations"
    async with kit.client("outlet_head", outlets=(str(OUTLET),)) as head:
        first = ok(await head.get(path, params={"limit": 2}))
        rest = ok(await head.get(path, params={"limit": 2, "cursor": first["next_cursor"]}))
        days = [item["business_date"] for item in first["items"] + rest["items"]]
        assert (days, rest["next_cursor"]) == (["2026-03-02", "2026-03-02", "2026-03-03"], None)
        assert len(ok(await head.get(path, params={"business_date": "2026-03-03"}))["items"]) == 1
        refused(await head.get(f"/v1/outlets/{OTHER_OUTLET}/evaluations"), 404, "NOT_FOUND")
    async with kit.client("evaluator_hq") as evaluator:
        assert len(ok(await evaluator.get(f"/v1/outlets/{OTHER_OUTLET}/evaluations"))["items"]) == 1


async def test_teller_can_neither_start_nor_stop_nor_see_one(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    path = f"/v1/evaluations/{evaluation['id']}"
    async with kit.client("teller", subject="teller-1") as teller:
        for method, place in [
            ("POST", "/v1/evaluations"),
            ("DELETE", path),
            ("PUT", path),
            ("PATCH", path),
        ]:
            assert (await teller.request(method, place, json={})).status_code == 405
        refused(await teller.get(path), 403, "ACTION_FORBIDDEN")
        refused(
            await teller.get("/v1/evaluations", params={"ticket_id": evaluation["ticket_id"]}),
            403,
            "ACTION_FORBIDDEN",
        )
        refused(
            await teller.post(f"{path}/submission", json=ANSWER, headers=etag(1)), 403, "ACTION_FORBIDDEN"
        )
        refused(await teller.get(f"/v1/outlets/{OUTLET}/evaluations"), 403, "ACTION_FORBIDDEN")
