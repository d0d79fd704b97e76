"""E1: every refusal is RFC 9457, in two languages, with pointers, and says nothing about our insides."""

import re
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from chassis.errors import CATALOGUE, Conflict, Limited, Unavailable
from chassis.http import call, problems, wording
from chassis.http.docs import drawn
from chassis.http.problems import Problem
from chassis.http.wording import WORDING, field_error
from chassis.testing import Caller, ServiceKit
from libs.chassis.tests.http.conftest import OUTLET, a_note

MEMBERS = {"type", "title", "status", "code", "detail", "messages", "instance", "request_id"}
HAN = re.compile("[一-鿿]")


def checked(answer: httpx.Response) -> dict[str, Any]:
    """The problem in the answer, its form checked against the published model."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() >= MEMBERS
    Problem.model_validate(body)
    assert body["status"] == answer.status_code
    assert body["type"] == f"/problems/{body['code']}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["instance"] == f"/requests/{body['request_id']}"
    assert body["detail"] == body["messages"][answer.headers["content-language"]]
    assert "accept-language" in answer.headers["vary"].lower()
    return body


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr, en;q=0.2, zh;q=0.1", "en"),
        ("en;q=0, zh", "zh-CN"),
        ("fr", "zh-CN"),
        ("*", "zh-CN"),
        (";;;=,q=x", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
    ],
)
async def test_e1_accept_language_picks_the_detail(
    kit: ServiceKit, accepted: str | None, language: str
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    body = checked(await kit.client("teller").get("/nowhere", headers=headers))
    assert (body["status"], body["code"]) == (404, "ROUTE_NOT_FOUND")
    assert HAN.search(body["messages"]["zh-CN"])
    assert HAN.search(body["detail"]) is not None if language == "zh-CN" else body["detail"].isascii()
    assert HAN.search(body["title"]) is not None if language == "zh-CN" else body["title"].isascii()


async def test_e1_every_field_at_fault_has_a_pointer_and_both_languages(teller: Caller) -> None:
    shape = {
        "count": "1",
        "at": "2026-03-02T09:00:00",
        "lines": [{"name": "ok"}, {"name": "x" * 21}, {}],
        "a/b~c": 1,
    }
    body = checked(await teller.post("/v1/odd/shapes", json=shape, headers={"Accept-Language": "en"}))
    assert (body["status"], body["code"]) == (422, "PAYLOAD_INVALID")
    found = {error["pointer"]: error for error in body["errors"]}
    assert {pointer: (error["in"], error["code"]) for pointer, error in found.items()} == {
        "/count": ("body", "INT_TYPE"),
        "/at": ("body", "TIMEZONE_AWARE"),
        "/lines/1/name": ("body", "STRING_TOO_LONG"),
        "/lines/2/name": ("body", "MISSING"),
        "/a~1b~0c": ("body", "EXTRA_FORBIDDEN"),
    }
    for error in found.values():
        assert HAN.search(error["messages"]["zh-CN"])
        assert error["detail"] == error["messages"]["en"]
    assert found["/lines/1/name"]["messages"]["zh-CN"] == "最多允许 20 个字符。"


async def test_e1_path_and_query_have_pointers_too(teller: Caller) -> None:
    path = checked(await teller.get("/v1/notes/not-an-id"))
    assert (path["status"], path["errors"][0]["in"], path["errors"][0]["pointer"]) == (
        422,
        "path",
        "/note_id",
    )
    query = checked(await teller.get("/v1/notes?limit=5&offset=10"))
    assert [(e["in"], e["pointer"], e["code"]) for e in query["errors"]] == [
        ("query", "/offset", "UNKNOWN_PARAMETER")
    ]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "PAYLOAD_INVALID"),
        (b"{", 400, "MALFORMED_JSON"),
        (b'{"name": "\xff"}', 400, "REQUEST_MALFORMED"),
        (b"[" * 100_000, 400, "REQUEST_MALFORMED"),
        (b"[]", 422, "PAYLOAD_INVALID"),
        (b"null", 422, "PAYLOAD_INVALID"),
        (b"1" * 5000, 400, "REQUEST_MALFORMED"),
        (b'{"name": "\\ud800", "outlet_id": "x"}', 422, "PAYLOAD_INVALID"),
    ],
)
async def test_e1_unreadable_bodies(teller: Caller, content: bytes, status: int, code: str) -> None:
    answer = await teller.post("/v1/notes", content=content, headers={"Content-Type": "application/json"})
    body = checked(answer)
    assert (body["status"], body["code"]) == (status, code)


async def test_e1_errors_of_the_domain(teller: Caller) -> None:
    body = checked(await teller.post("/v1/odd/errors/conflict"))
    assert (body["status"], body["code"], body["errors"][0]["pointer"]) == (409, "NOTE_LOCKED", "/name")


async def test_e1_bugs_say_nothing_about_our_insides(teller: Caller) -> None:
    for kind in ("bug", "statement"):
        answer = await teller.post(f"/v1/odd/errors/{kind}")
        assert checked(answer)["code"] == "INTERNAL"
        for word in ("secret", "SELECT", "Traceback", "Error", "asyncpg", "psycopg"):
            assert word not in answer.text


async def test_e1_no_such_path_or_method(teller: Caller) -> None:
    assert checked(await teller.get("/v1/notes/"))["code"] == "ROUTE_NOT_FOUND"
    answer = await teller.delete("/v1/notes")
    assert checked(answer)["code"] == "METHOD_NOT_ALLOWED"
    assert answer.status_code == 405
    assert answer.headers["allow"]


def test_e1_every_code_has_both_languages_and_says_what_to_do() -> None:
    for code, kind in CATALOGUE.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", code)
        assert HAN.search(kind.zh), code
        assert kind.en.isascii(), code
        # A detail that is words itself comes in both languages: {zh_reason} here, {en_reason} there.
        chinese, english = (
            {re.sub(f"^{language}_", "", name) for name in re.findall(r"\{(\w+)\}", wording)}
            for language, wording in (("zh", kind.zh), ("en", kind.en))
        )
        assert chinese == english, code


def test_e1_every_kind_of_field_error_has_both_languages() -> None:
    for kind, (chinese, english) in WORDING.items():
        assert HAN.search(chinese), kind
        assert english.isascii(), kind
        assert set(re.findall(r"\{(\w+)\}", chinese)) >= set(re.findall(r"\{(\w+)\}", english)), kind


def test_e1_limits_and_outages_say_when_to_return() -> None:
    class Busy(Unavailable):
        code = "TEST_BUSY"
        zh = "忙。"
        en = "Busy."

    class Quota(Limited):
        code = "TEST_QUOTA"
        zh = "超限，{retry_after_seconds} 秒。"
        en = "Over the limit, {retry_after_seconds} s."

    try:
        assert problems.of_error(Busy()).headers["retry-after"] == "1"
        assert problems.of_error(Quota(retry_after_seconds=40)).headers["retry-after"] == "40"
    finally:
        del CATALOGUE["TEST_BUSY"], CATALOGUE["TEST_QUOTA"]


def test_e1_a_pointer_leads_through_the_body_not_through_the_model() -> None:
    """Pydantic names the chosen member of a union; the document has no such step."""
    body = {"item": {"kind": "a", "sizes": [1, "x"]}}
    error = {"type": "int_type", "loc": ("body", "item", "a", "sizes", 1), "msg": ""}
    assert field_error(error, body)["pointer"] == "/item/sizes/1"
    error = {"type": "missing", "loc": ("body", "item", "a", "name"), "msg": ""}
    assert field_error(error, body)["pointer"] == "/item/name"


def test_e1_an_own_validator_brings_its_own_words() -> None:
    class Model(BaseModel):
        name: str

        @classmethod
        def fail(cls) -> None:
            raise PydanticCustomError("not_a_phone", "Give a phone number", {"zh": "应为电话号码。"})

    with pytest.raises(PydanticCustomError) as raised:
        Model.fail()
    error = {"type": raised.value.type, "msg": raised.value.message(), "ctx": raised.value.context, "loc": ()}
    assert wording.words(error) == ("应为电话号码。", "Give a phone number")
    with pytest.raises(ValidationError) as unknown:
        Model.model_validate({"name": 1})
    assert HAN.search(wording.words({**unknown.value.errors()[0], "type": "never_heard_of"})[0])


def test_e1_outside_of_a_request_there_is_still_a_request_id() -> None:
    assert call.current().request_id
    assert problems.of_error(Conflict()).status_code == 409


async def test_e1_each_type_leads_to_its_explanation(kit: ServiceKit) -> None:
    anybody = kit.client()
    assert (await anybody.get("/problems/VERSION_STALE")).json()["status"] == 412
    assert (await anybody.get("/problems/NOTHING")).status_code == 404


async def test_e1_the_description_names_the_problems_of_every_route(kit: ServiceKit) -> None:
    document = (await kit.client().get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    writing = document["paths"]["/v1/notes"]["post"]
    assert writing["operationId"] == "write_note"
    assert writing["x-action"] == "note.write"
    assert writing["security"] == [{"bearer": []}]
    expected = ["201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503"]
    assert list(writing["responses"]) == expected
    headers = {"ETag", "Location", "X-Request-Id", "Idempotency-Replayed"}
    assert writing["responses"]["201"]["headers"].keys() == headers
    renaming = document["paths"]["/v1/notes/{note_id}/renaming"]["post"]
    assert {"412", "428"} <= renaming["responses"].keys()
    assert {"$ref": "#/components/parameters/IfMatch"} in renaming["parameters"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in renaming["parameters"]
    assert document["paths"]["/v1/odd/open"]["get"]["security"] == []
    problem = document["components"]["responses"]["Conflict"]["content"]["application/problem+json"]
    assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert "/livez" not in document["paths"]


async def test_the_description_is_a_page_without_script_or_foreign_server(kit: ServiceKit) -> None:
    answer = await kit.client().get("/docs")
    assert answer.status_code == 200
    assert "/v1/notes/{note_id}/renaming" in answer.text
    assert "<script" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_escapes_what_it_shows() -> None:
    operation = {
        "operationId": "x",
        "summary": "<b>",
        "security": [],
        "parameters": [],
        "responses": {"200": {"description": "<i>"}},
    }
    page = drawn(
        {
            "info": {"title": "<title>", "description": "<p>"},
            "paths": {"/<path>": {"get": operation}},
            "components": {"schemas": {}},
        }
    )
    for hostile in ("<b>", "<i>", "<path>", "<title><"):
        assert hostile not in page


async def test_e1_an_unknown_object_and_a_foreign_one_look_the_same(kit: ServiceKit, teller: Caller) -> None:
    """API1: 404 must not tell whether the object exists."""
    foreign = kit.client("teller", outlets=("01900000-0000-7000-8000-00000000000f",))
    note = (await teller.post("/v1/notes", json=a_note())).json()
    hidden = checked(await foreign.get(f"/v1/notes/{note['id']}"))
    absent = checked(await foreign.get(f"/v1/notes/{OUTLET}"))
    for occurrence in ("request_id", "instance"):
        hidden.pop(occurrence)
        absent.pop(occurrence)
    assert hidden == absent
