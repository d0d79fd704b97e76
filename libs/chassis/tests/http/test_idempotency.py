"""C2: the same request twice has one effect and one answer."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import QueuePool, text
from starlette.requests import Request
from starlette.responses import Response

from chassis.auth import Principal, action
from chassis.http import idempotency
from chassis.http.refusals import IdempotencyKeyReused, RequestInProgress
from chassis.http.routing import routes
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from libs.chassis.tests.http.conftest import OUTLET, Rows, a_note


async def test_c2_sixteen_at_once_have_one_effect_and_the_same_answer(
    kit: ServiceKit, teller: Caller, rows: Rows
) -> None:
    key, body = str(new_id()), a_note()
    answers = await asyncio.gather(
        *[teller.post("/v1/notes", json=body, headers={"Idempotency-Key": key}) for _ in range(16)]
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({(answer.headers["etag"], answer.headers["location"]) for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 15
    assert (await rows("notes"), await rows("outbox"), await rows("idempotency")) == (1, 1, 1)


async def test_c2_a_replay_wins_over_a_stale_if_match(teller: Caller) -> None:
    """The first attempt moved the version; its retry still names the old one."""
    note = (await teller.post("/v1/notes", json=a_note())).json()
    headers = {"Idempotency-Key": str(new_id()), "If-Match": '"1"'}
    path, body = f"/v1/notes/{note['id']}/renaming", {"name": "other"}
    first = await teller.post(path, json=body, headers=headers)
    again = await teller.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again.headers["etag"]) == (first.content, '"2"')
    assert again.headers["idempotency-replayed"] == "true"
    fresh = await teller.post(path, json=body, headers={"If-Match": '"1"'})
    assert (fresh.status_code, fresh.json()["code"]) == (412, "VERSION_STALE")


async def test_c2_a_recorded_refusal_is_replayed(teller: Caller, rows: Rows) -> None:
    headers = {"Idempotency-Key": str(new_id())}
    first = await teller.post("/v1/odd/refusals", headers=headers)
    again = await teller.post("/v1/odd/refusals", headers=headers)
    assert (again.status_code, again.content) == (422, first.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert await rows("taken") == 1


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/notes", a_note("another")), ("/v1/notes?newest_first=true", a_note("note"))]
)
async def test_c2_another_content_under_the_key_is_422(
    teller: Caller, path: str, body: dict[str, str]
) -> None:
    headers = {"Idempotency-Key": str(new_id())}
    first = await teller.post("/v1/notes", json=a_note("note"), headers=headers)
    assert first.status_code == 201
    if "?" in path:
        # The query belongs to the fingerprint; on this path it is refused before, as unknown.
        assert (await teller.post(path, json=body, headers=headers)).status_code == 422
        return
    answer = await teller.post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_c2_the_key_belongs_to_principal_and_path(kit: ServiceKit, teller: Caller, rows: Rows) -> None:
    headers = {"Idempotency-Key": str(new_id())}
    other = kit.client("teller", subject="teller-2")
    assert (await teller.post("/v1/notes", json=a_note(), headers=headers)).status_code == 201
    assert (await other.post("/v1/notes", json=a_note(), headers=headers)).status_code == 201
    assert (await teller.post("/v1/odd/refusals", headers=headers)).status_code == 422
    assert (await rows("notes"), await rows("taken")) == (2, 1)


@pytest.mark.parametrize("kind", ["bug", "conflict"])
async def test_c2_an_error_is_not_remembered(teller: Caller, rows: Rows, kind: str) -> None:
    """The retry after a failure does the work itself."""
    headers = {"Idempotency-Key": str(new_id())}
    assert (await teller.post(f"/v1/odd/errors/{kind}", headers=headers)).status_code >= 400
    again = await teller.post(f"/v1/odd/errors/{kind}", headers=headers)
    assert again.status_code >= 400
    assert "idempotency-replayed" not in again.headers
    assert await rows("idempotency") == 0


async def test_c2_while_the_first_runs_the_second_waits_and_is_409(kit: ServiceKit, teller: Caller) -> None:
    key = str(new_id())
    async with kit.session() as session:
        used = idempotency.Claim("teller-1", "POST /v1/odd/refusals", key, b"")
        assert await idempotency.claim(session, used) is None
        answer = await teller.post("/v1/odd/refusals", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (409, "REQUEST_IN_PROGRESS")


async def test_c2_after_the_first_rolled_back_the_waiting_second_does_the_work(
    kit: ServiceKit, teller: Caller, rows: Rows
) -> None:
    key = str(new_id())
    async with kit.sessions() as session:
        used = idempotency.Claim("teller-1", "POST /v1/odd/refusals", key, b"")
        assert await idempotency.claim(session, used) is None
        waiting = asyncio.create_task(teller.post("/v1/odd/refusals", headers={"Idempotency-Key": key}))
        await _somebody_waits(kit)
        await session.rollback()
        answer = await waiting
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (422, False)
    assert await rows("taken") == 1


async def _somebody_waits(kit: ServiceKit) -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(2), kit.sessions() as session:
        while not (await session.execute(waits)).scalar_one():
            await session.rollback()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "IDEMPOTENCY_KEY_MISSING"),
        ([""], "IDEMPOTENCY_KEY_INVALID"),
        ([" "], "IDEMPOTENCY_KEY_INVALID"),
        (["a b"], "IDEMPOTENCY_KEY_INVALID"),
        (["x" * 129], "IDEMPOTENCY_KEY_INVALID"),
        (['""'], "IDEMPOTENCY_KEY_INVALID"),
        (["a", "a"], "IDEMPOTENCY_KEY_INVALID"),
    ],
)
async def test_c2_a_missing_or_malformed_key_is_400(
    kit: ServiceKit, rows: Rows, given: list[str], code: str
) -> None:
    headers = [
        ("Authorization", f"Bearer {kit.token('teller')}"),
        *[("Idempotency-Key", key) for key in given],
    ]
    transport = httpx.ASGITransport(app=kit.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        answer = await client.post("/v1/notes", json=a_note(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await rows("notes") == 0


async def test_c2_bare_and_quoted_spell_the_same_key(teller: Caller, rows: Rows) -> None:
    body = a_note()
    for spelled in ("a-key", '"a-key"'):
        answer = await teller.post("/v1/notes", json=body, headers={"Idempotency-Key": spelled})
        assert answer.status_code == 201
    assert await rows("notes") == 1


PLACE = "0190a000-0000-7000-8000-000000000001"


async def test_c2_a_grouped_route_gets_the_claim_and_makes_no_row(teller: Caller, rows: Rows) -> None:
    path = f"/v1/odd/grouped/{PLACE}"
    answer = await teller.post(path, json={"weight": 3}, headers={"Idempotency-Key": "k"})
    assert answer.json() == {
        "principal": "teller-1",
        "route": f"POST {path}",
        "key": "k",
        "caller": "teller-1",
        "place": PLACE,
        "weight": 3,
    }
    assert await rows("idempotency") == 0
    missing = await httpx.AsyncClient.post(teller, path, headers={"Idempotency-Key": ""})
    assert missing.status_code == 400


@pytest.mark.parametrize(
    ("place", "content", "status", "code", "pointer"),
    [
        (PLACE, b"{", 400, "MALFORMED_JSON", None),
        (PLACE, b"[]", 422, "PAYLOAD_INVALID", ""),
        (PLACE, b'{"weight": "3"}', 422, "PAYLOAD_INVALID", "/weight"),
        (PLACE, b'{"weight": 1, "x": 1}', 422, "PAYLOAD_INVALID", "/x"),
        ("here", b'{"weight": 1}', 422, "PAYLOAD_INVALID", "/place"),
    ],
)
async def test_a_grouped_route_words_its_refusals_as_all_do(
    teller: Caller, place: str, content: bytes, status: int, code: str, pointer: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await teller.post(f"/v1/odd/grouped/{place}", content=content, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert [error["pointer"] for error in problem.get("errors", [])] == ([] if pointer is None else [pointer])


def test_a_grouped_endpoint_asks_for_little() -> None:
    async def endpoint(request: Request, other: int) -> Response:
        raise AssertionError((request, other))

    with pytest.raises(TypeError, match="cannot ask for other"):
        routes("/v1/odd", "odd").post("/x")(action("odd.group", grouped=True)(endpoint))


def test_what_stands_ahead_needs_a_key_and_an_endpoint_behind_it() -> None:
    async def ahead(request: Request) -> Response | None:
        raise AssertionError(request)

    with pytest.raises(TypeError, match="ahead"):
        action("odd.group", ahead=ahead, grouped=True)
    with pytest.raises(TypeError, match="ahead"):
        action("odd.group", ahead=ahead, idempotent=False)


async def test_c2_what_stands_ahead_answers_or_leaves_it_to_the_endpoint(teller: Caller, rows: Rows) -> None:
    path, key = f"/v1/odd/ahead/{PLACE}", {"Idempotency-Key": "k"}
    light = await teller.post(path, json={"weight": 1}, headers=key)
    assert (light.status_code, light.json()) == (200, {"by": "ahead", "key": "k"})
    assert await rows("idempotency") == 0
    heavy = await teller.post(path, json={"weight": 2}, headers=key)
    assert heavy.json() == {"by": "the endpoint", "place": PLACE}
    again = await teller.post(path, json={"weight": 2}, headers=key)
    assert (again.content, again.headers["idempotency-replayed"]) == (heavy.content, "true")
    assert await rows("idempotency") == 1
    # What cannot be read is worded by the general way.
    unread = await teller.post(path, json={"weight": 0}, headers={"Idempotency-Key": "other"})
    assert (unread.status_code, unread.json()["code"]) == (422, "PAYLOAD_INVALID")
    assert (await teller.post(f"{path}?x=1", json={"weight": 1}, headers=key)).status_code == 422


def claimed(*names: str) -> list[idempotency.Claim]:
    return [idempotency.Claim("s", "POST /", name, name.encode()) for name in names]


async def test_c2_keys_are_claimed_together(kit: ServiceKit, rows: Rows) -> None:
    async with kit.session() as session:
        assert await idempotency.claim_all(session, claimed("b", "a")) == [True, True]
        answers = [(one, Response(one.key, status_code=201)) for one in claimed("a", "b")]
        await idempotency.remember(session, answers)
    async with kit.session() as session:
        wanted = claimed("c", "a", "c", "d")
        assert await idempotency.claim_all(session, wanted) == [True, False, False, True]
        await idempotency.disclaim(session, claimed("d"))
        known = await idempotency.claim(session, wanted[1])
        assert known is not None
        assert (known.status_code, known.body) == (201, b"a")
    # What was given back is free.
    assert await rows("idempotency") == 3
    async with kit.session() as session:
        assert await idempotency.claim(session, claimed("d")[0]) is None


async def test_c2_of_a_key_with_several_contents_one_is_claimed(kit: ServiceKit) -> None:
    """As many as are sorted in no lasting order: the row says whose the key is."""
    wanted = [idempotency.Claim("s", "POST /", "k", bytes([number])) for number in range(32)]
    async with kit.session() as session:
        ours = await idempotency.claim_all(session, wanted)
        stored = await session.scalar(text("SELECT fingerprint FROM idempotency"))
    assert [one.fingerprint for one, is_ours in zip(wanted, ours, strict=True) if is_ours] == [stored]


@pytest.mark.parametrize("alone", [True, False])
async def test_c2_a_key_in_use_is_waited_for(kit: ServiceKit, alone: bool) -> None:
    async with kit.session() as first, kit.sessions() as second:
        assert await idempotency.claim_all(first, claimed("a")) == [True]
        await second.execute(text("SET LOCAL lock_timeout = 10"))
        with pytest.raises(RequestInProgress):
            await (
                idempotency.claim(second, *claimed("a"))
                if alone
                else idempotency.claim_all(second, claimed("b", "a"))
            )


async def test_c2_a_long_path_fits_into_the_row(teller: Caller, rows: Rows) -> None:
    """An index entry has a limit of its own; a path of the caller's must not reach it."""
    answer = await teller.post(f"/v1/odd/errors/{'x' * 3000}")
    assert answer.status_code == 200
    assert (await teller.post("/v1/odd/errors/none%00")).status_code == 422
    assert await rows("idempotency") == 1


def test_c2_the_fingerprint_tells_query_and_body_apart() -> None:
    def claim(query: bytes, body: bytes) -> bytes:
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": query}
        scope |= {"headers": [(b"idempotency-key", b"k")]}
        caller = Principal("s", frozenset(), frozenset())
        return idempotency.claim_of(Request(scope), caller, body).fingerprint

    assert len({claim(b"", b"ab"), claim(b"a", b"b"), claim(b"ab", b"")}) == 3
    assert claim(b"a", b"b") == claim(b"a", b"b")


def test_c2_a_stored_answer_is_only_for_its_content() -> None:
    wanted = idempotency.Claim("s", "POST /", "k", b"1")
    assert idempotency.replayed(wanted, b"1", 201, {"etag": '"1"'}, b"{}").headers["etag"] == '"1"'
    with pytest.raises(IdempotencyKeyReused):
        idempotency.replayed(wanted, b"2", 201, {}, b"{}")


async def test_c2_no_transaction_is_open_while_a_body_is_read(kit: ServiceKit, teller: Caller) -> None:
    """A client that sends slowly must not hold a connection of the pool."""
    seen: list[int] = []

    pool = kit.engine.pool
    assert isinstance(pool, QueuePool)

    async def slow_body() -> AsyncIterator[bytes]:
        yield b'{"name": "slow", '
        seen.append(pool.checkedout())
        yield f'"outlet_id": "{OUTLET}"}}'.encode()

    answer = await teller.post("/v1/notes", content=slow_body(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    assert seen == [0]
