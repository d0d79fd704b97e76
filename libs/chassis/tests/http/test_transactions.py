"""T1: effect, facts and the stored answer commit together, before the answer leaves."""

import asyncio

import pytest
from sqlalchemy import text

from chassis import outbox
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from libs.chassis.tests.http.conftest import Rows, a_note


async def test_t1_effect_fact_and_answer_are_there_when_the_answer_is(
    kit: ServiceKit, teller: Caller, rows: Rows
) -> None:
    answer = await teller.post("/v1/notes", json=a_note())
    assert answer.status_code == 201
    assert (await rows("notes"), await rows("outbox"), await rows("idempotency")) == (1, 1, 1)
    assert answer.headers["location"] == f"/v1/notes/{answer.json()['id']}"
    assert answer.headers["etag"] == '"1"'


async def test_t1_a_failed_commit_never_answers_2xx(teller: Caller, rows: Rows) -> None:
    """The deferred constraint holds until the commit, after the endpoint has returned its 201."""
    with_key = await teller.post("/v1/notes", json=a_note(parent_id=str(new_id())))
    without = await teller.put("/v1/odd/orphans")
    for answer in (with_key, without):
        assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert (await rows("notes"), await rows("outbox"), await rows("idempotency")) == (0, 0, 0)


async def test_t1_a_raised_error_leaves_nothing_behind(teller: Caller, rows: Rows) -> None:
    for kind, status in [("conflict", 409), ("bug", 500), ("statement", 500)]:
        answer = await teller.post(f"/v1/odd/errors/{kind}")
        assert answer.status_code == status, kind
        assert (await rows("taken"), await rows("idempotency")) == (0, 0), kind


async def test_t1_an_error_swallowed_by_an_endpoint_does_not_commit_half(teller: Caller, rows: Rows) -> None:
    """COMMIT after a failed statement is a silent ROLLBACK: it must not be answered as success."""
    for answer in (await teller.post("/v1/odd/errors/swallowed"), await teller.put("/v1/odd/swallowed")):
        assert answer.status_code == 500
        assert (await rows("taken"), await rows("idempotency")) == (0, 0)


async def test_t1_a_recorded_refusal_commits_and_answers_422(teller: Caller, rows: Rows) -> None:
    answer = await teller.post("/v1/odd/refusals")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["etag"] == '"1"'
    body = answer.json()
    assert (body["code"], body["record"]) == ("ATTEMPT_REFUSED", {"attempt": 1})
    assert body["violations"] == [
        {
            "rule": "SUI-03",
            "code": "LEVEL_TOO_HIGH",
            "citation": "办法第二十条",
            "messages": {
                "zh-CN": "产品风险高于客户等级。",
                "en": "The product's risk is above the customer's level.",
            },
        }
    ]
    assert (await rows("taken"), await rows("idempotency")) == (1, 1)


async def test_t1_a_returned_server_error_leaves_nothing_behind(teller: Caller, rows: Rows) -> None:
    answer = await teller.post("/v1/odd/returned/503")
    assert answer.status_code == 503
    assert (await rows("taken"), await rows("idempotency")) == (0, 0)


async def test_t1_the_commit_wakes_the_relay_once_facts_were_recorded(teller: Caller) -> None:
    await outbox.wake_up.wait(0.01)
    assert (await teller.post("/v1/odd/refusals")).status_code == 422
    assert not await outbox.wake_up.wait(0.01)
    assert (await teller.post("/v1/notes", json=a_note())).status_code == 201
    assert await outbox.wake_up.wait(0.01)


async def test_t1_a_lost_connection_is_503_and_leaves_nothing_behind(teller: Caller, rows: Rows) -> None:
    answer = await teller.post("/v1/odd/errors/cut")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert (await rows("taken"), await rows("idempotency")) == (0, 0)


async def test_a_reading_transaction_cannot_write(teller: Caller, rows: Rows) -> None:
    assert (await teller.get("/v1/odd/writes")).status_code == 500
    assert await rows("taken") == 0


async def test_requests_cut_off_by_time_give_their_connections_back(kit: ServiceKit, teller: Caller) -> None:
    """API4: more timed-out requests than the pool has connections; then all connections still serve."""
    pool = kit.settings.pool_size
    answers = await asyncio.gather(*[teller.get("/v1/odd/sleep") for _ in range(2 * pool)])
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, "REQUEST_TIMEOUT")}
    async with asyncio.timeout(10):
        for _ in range(2):
            after = await asyncio.gather(*[teller.get("/v1/notes") for _ in range(pool)])
            assert {answer.status_code for answer in after} == {200}


@pytest.mark.parametrize(
    ("kind", "code"),
    [("slow-statement", "UNAVAILABLE"), ("lost-track", "UNAVAILABLE"), ("nul", "TEXT_INVALID")],
)
async def test_e1_failures_of_the_database_have_names(teller: Caller, kind: str, code: str) -> None:
    answer = await teller.post(f"/v1/odd/errors/{kind}")
    assert answer.json()["code"] == code
    assert answer.status_code == (503 if code == "UNAVAILABLE" else 422)


async def test_e1_a_full_pool_is_503_with_retry_after(kit: ServiceKit, teller: Caller) -> None:
    connections = [await kit.engine.connect() for _ in range(kit.settings.pool_size)]
    try:
        answer = await teller.get("/v1/notes")
    finally:
        for connection in connections:
            await connection.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"


async def test_e1_a_unique_rule_broken_by_a_race_is_409(teller: Caller) -> None:
    assert (await teller.post("/v1/notes", json=a_note("same"))).status_code == 201
    answer = await teller.post("/v1/notes", json=a_note("same"))
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_EXISTS")


async def test_e1_a_locked_row_is_503_and_leaves_nothing_behind(
    kit: ServiceKit, teller: Caller, rows: Rows
) -> None:
    note = (await teller.post("/v1/notes", json=a_note())).json()
    async with kit.session() as session:
        await session.execute(text("SELECT FROM notes FOR UPDATE"))
        answer = await teller.post(
            f"/v1/notes/{note['id']}/renaming", json={"name": "other"}, headers={"If-Match": '"1"'}
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "OBJECT_BUSY")
    assert await rows("idempotency") == 1
