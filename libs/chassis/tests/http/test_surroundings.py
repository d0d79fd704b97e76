"""What surrounds every request: ids, bounds, headers, measurements, log lines; and health."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from chassis.http.middleware import DEADLINE, Surroundings
from chassis.http.models import Input, Output
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from libs.chassis.tests.http.conftest import OUTLET, Rows, a_note

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 64])
async def test_a_valid_request_id_is_kept(teller: Caller, given: str) -> None:
    assert (await teller.get("/v1/notes", headers={"X-Request-Id": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\u00e9", "<script>", "a;b"])
async def test_any_other_request_id_is_replaced(teller: Caller, given: str) -> None:
    headers = {"X-Request-Id": given.encode("latin-1").decode("latin-1")}
    answer = await teller.get(
        "/v1/notes", headers=[(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    )
    assert UUID(answer.headers["x-request-id"]).version == 7


async def test_the_request_id_travels_with_the_facts(kit: ServiceKit, teller: Caller) -> None:
    await teller.post("/v1/notes", json=a_note(), headers={"X-Request-Id": "from-the-kiosk"})
    async with kit.sessions() as session:
        headers = (await session.execute(text("SELECT headers FROM fact"))).scalar_one()
    assert headers["correlationid"] == "from-the-kiosk"


async def test_api8_every_answer_has_safe_headers(kit: ServiceKit, teller: Caller) -> None:
    answers = [
        await teller.get("/v1/notes"),
        await teller.get("/nowhere"),
        await teller.post("/v1/odd/errors/bug"),
        await kit.client().get("/v1/notes"),
        await kit.client().get("/docs"),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert len(answer.headers.get_list("content-security-policy")) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_api4_a_body_over_the_limit_is_413(
    kit: ServiceKit, teller: Caller, announced: bool, rows: Rows
) -> None:
    taken: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            taken.append(1)
            yield b" " * 64 * 1024

    length = {"Content-Length": str(kit.settings.body_bytes_max + 1)} if announced else {}
    answer = await teller.post("/v1/notes", content=endless(), headers=JSON | length)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    # Not one byte is read of a body that announces too much, and little more than the limit of another.
    assert len(taken) <= (0 if announced else 6)
    assert await rows("idempotency") == 0


async def test_api4_a_body_up_to_the_limit_is_read(kit: ServiceKit, teller: Caller) -> None:
    padding = kit.settings.body_bytes_max - len(b'{"lines": []}')
    content = b'{"lines": []' + b" " * padding + b"}"
    assert len(content) == kit.settings.body_bytes_max
    assert (await teller.post("/v1/odd/shapes", content=content, headers=JSON)).status_code == 200
    assert (await teller.post("/v1/odd/shapes", content=content + b" ", headers=JSON)).status_code == 413


@pytest.mark.parametrize(
    "given", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None]
)
async def test_another_content_type_is_415(teller: Caller, given: str | None) -> None:
    headers = {} if given is None else {"Content-Type": given}
    answer = await teller.post("/v1/notes", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "MEDIA_TYPE_UNSUPPORTED")
    assert "application/json" in answer.json()["detail"]


async def test_an_action_names_its_own_content_type_and_limit(teller: Caller) -> None:
    path = f"/v1/odd/uploads/{new_id()}"
    chunk = {"Content-Type": "application/offset+octet-stream"}
    answer = await teller.patch(path, content=b"x" * 1_000_000, headers=chunk)
    assert answer.json() == {"bytes": 1_000_000}
    assert (await teller.patch(path, content=b"x" * 1_000_001, headers=chunk)).status_code == 413
    assert (await teller.patch(path, content=b"{}", headers=JSON)).status_code == 415


async def test_api4_a_request_over_its_time_is_503(teller: Caller) -> None:
    answer = await teller.get("/v1/odd/sleep")
    assert (answer.status_code, answer.json()["code"]) == (503, "REQUEST_TIMEOUT")
    assert answer.headers["retry-after"] == "1"


async def through(app: ASGIApp, seconds_max: float) -> list[Message]:
    """What leaves the service for a request to ``app``."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await Surroundings(app, seconds_max=seconds_max)(scope, receive, send)
    return sent


async def test_api4_time_is_bounded_until_the_answer_starts_and_not_after() -> None:
    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async def streams(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        assert scope[DEADLINE].when() is None
        await send({"type": "http.response.body", "body": b"end"})

    assert (await through(never, 0.01))[0]["status"] == 503
    stream = await through(streams, 0.01)
    assert (stream[0]["status"], stream[1]["body"]) == (200, b"end")


async def test_an_error_after_the_answer_has_started_is_not_answered_twice() -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError("late")

    with pytest.raises(LookupError):
        await through(breaks, 1)


async def test_the_log_names_route_and_code_of_a_refusal_and_no_data(teller: Caller) -> None:
    with capture_logs() as lines:
        note = (await teller.post("/v1/notes", json=a_note("张三"))).json()
        await teller.get(f"/v1/notes/{note['id']}?name=13800000000")
    assert [(line["event"], line["route"], line["status"], line["code"]) for line in lines] == [
        ("request", "/v1/notes/{note_id}", 422, "PAYLOAD_INVALID")
    ]
    assert "张三" not in str(lines)
    assert note["id"] not in str(lines)
    assert "13800000000" not in str(lines)


async def test_failures_of_the_database_are_logged_without_its_words(teller: Caller) -> None:
    """PostgreSQL quotes values in its messages, and values are customers'."""
    await teller.post("/v1/notes", json=a_note("13800000000"))
    with capture_logs() as lines:
        await teller.post("/v1/notes", json=a_note("13800000000"))
        await teller.post("/v1/odd/errors/quoting")
    states = [(line["sqlstate"], line.get("words")) for line in lines if "sqlstate" in line]
    assert states == [("23505", None), ("22003", None)]


async def test_measurements_are_by_route_not_by_path(kit: ServiceKit, teller: Caller) -> None:
    await teller.get(f"/v1/notes/{new_id()}")
    await teller.get(f"/{new_id()}")
    await teller.request("BREW", "/v1/notes")
    shown = (await kit.client().get("/metrics")).text
    assert (
        'wangdian_http_request_seconds_count{method="GET",route="/v1/notes/{note_id}",status="404"}' in shown
    )
    assert 'route="unmatched"' in shown
    assert "BREW" not in shown
    assert re.search(r'route="/v1/notes/0', shown) is None


async def test_a_client_that_goes_away_is_no_failure_of_ours(kit: ServiceKit) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"content-type": "application/json", "content-length": "2", "idempotency-key": "k"}
    headers["authorization"] = f"Bearer {kit.token('teller')}"
    scope = {
        "type": "http", "method": "POST", "path": "/v1/notes", "query_string": b"", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "root_path": "",
    }  # fmt: skip
    with capture_logs() as lines:
        await kit.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert {line["log_level"] for line in lines} <= {"info", "warning"}


async def test_live_and_ready(kit: ServiceKit) -> None:
    anybody = kit.client()
    assert (await anybody.get("/livez")).json() == {"status": "alive"}
    answer = await anybody.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": [{"name": "database", "ok": True, "required": True, "detail": "answers"}],
    }


async def test_a_required_check_makes_unready_another_only_degrades(kit: ServiceKit) -> None:
    async def broker() -> tuple[str, bool, str]:
        return "broker", False, "away"

    async def hangs() -> tuple[str, bool, str]:
        raise TimeoutError

    anybody, state = kit.client(), kit.app.state
    state.degradation.append(broker)
    try:
        degraded = await anybody.get("/readyz")
        state.readiness.append(hangs)
        unready = await anybody.get("/readyz")
    finally:
        state.degradation.clear()
        state.readiness.clear()
    assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
    assert (unready.status_code, unready.json()["status"]) == (503, "unready")
    assert unready.headers["retry-after"] == "1"
    failed = [check["name"] for check in unready.json()["checks"] if not check["ok"]]
    assert failed == ["hangs", "broker"]


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("count", ["1", 1.5, True, None], [1, -1]),
        ("ratio", ["1.5", True], [1.5, 1]),
        ("open", ["true", 1, 0], [True]),
        (
            "at",
            [1772413200, "1772413200", "2026-03-02T09:00:00", "2026-03-02", "09:00"],
            ["2026-03-02T01:00:00Z"],
        ),
        ("on", [20000, "20000", "2026-03-02T09:00:00Z"], ["2026-03-02"]),
    ],
)
async def test_json_types_are_meant(
    teller: Caller, field: str, wrong: list[object], right: list[object]
) -> None:
    for value in wrong:
        answer = await teller.post("/v1/odd/shapes", json={field: value})
        assert answer.status_code == 422, value
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    for value in right:
        assert (await teller.post("/v1/odd/shapes", json={field: value})).status_code == 200, value


async def test_api3_fields_that_the_server_sets_are_refused(teller: Caller) -> None:
    answer = await teller.post("/v1/notes", json=a_note(version=7, id=str(OUTLET)))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/version", "/id"]


def test_an_answer_has_no_defaults() -> None:
    with pytest.raises(TypeError, match="no defaults"):

        class View(Output):
            name: str = ""


def test_fields_may_bear_the_names_of_the_schema_language() -> None:
    class Words(Input):
        type: int
        default: int
        metadata: int
        fields: list[int]

    good = {"type": 1, "default": 2, "metadata": 3, "fields": [4]}
    assert Words.model_validate(good).default == 2
    for name in ("type", "default", "metadata"):
        with pytest.raises(ValueError, match="valid integer"):
            Words.model_validate(good | {name: "1"})
    with pytest.raises(ValueError, match="valid integer"):
        Words.model_validate(good | {"fields": ["4"]})
