"""C3: keyset pages."""

from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, Boolean, Date, Integer, String, Uuid, column

from chassis.db import EnumText, Instant
from chassis.http import paging
from chassis.http.refusals import CursorInvalid
from chassis.testing import Caller
from libs.chassis.tests.http.conftest import a_note


class Grade(StrEnum):
    """A sort key stored as text."""

    A = "a"


async def pages(teller: Caller, **query: str) -> list[list[str]]:
    """The names on each page, following the cursors."""
    found: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await teller.get("/v1/notes", params=query | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200
        assert page.json().keys() == {"items", "next_cursor"}
        found.append([note["name"] for note in page.json()["items"]])
        cursor = page.json()["next_cursor"]
    return found


async def test_c3_pages_hold_everything_once_in_order(teller: Caller) -> None:
    names = [f"便签 {number:02}" for number in range(7)]
    for name in reversed(names):
        await teller.post("/v1/notes", json=a_note(name))
    assert await pages(teller, limit="3") == [names[0:3], names[3:6], names[6:]]
    assert await pages(teller, limit="7") == [names]
    newest = await pages(teller, limit="4", newest_first="true")
    assert newest == [names[0:4], names[4:]]


async def test_c3_an_insert_between_two_pages_neither_repeats_nor_skips(teller: Caller) -> None:
    for name in ("b", "d", "f"):
        await teller.post("/v1/notes", json=a_note(name))
    first = (await teller.get("/v1/notes", params={"limit": 2})).json()
    for name in ("a", "e"):
        await teller.post("/v1/notes", json=a_note(name))
    second = (await teller.get("/v1/notes", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [note["name"] for note in first["items"] + second["items"]] == ["b", "d", "e", "f"]


async def test_c3_an_empty_list_is_one_page(teller: Caller) -> None:
    assert await pages(teller) == [[]]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!",
        "中",
        urlsafe_b64encode(b"[]").decode(),
        urlsafe_b64encode(b'["a"]').decode(),
        urlsafe_b64encode(b'["a","no uuid"]').decode(),
        urlsafe_b64encode(b'[1,"01900000-0000-7000-8000-000000000001"]').decode(),
        urlsafe_b64encode(b'["a\\u0000","01900000-0000-7000-8000-000000000001"]').decode(),
        urlsafe_b64encode(b"[" * 700).decode(),
        urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
async def test_c3_a_bad_cursor_is_400(teller: Caller, cursor: str) -> None:
    answer = await teller.get("/v1/notes", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")


def test_c3_a_cursor_keeps_the_type_of_every_sort_key() -> None:
    columns = [
        column("t", String),
        column("u", Uuid),
        column("i", Integer),
        column("b", BigInteger),
        column("o", Boolean),
        column("d", Date),
        column("at", Instant()),
        column("e", EnumText(Grade)),
    ]
    at = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)
    values = ["中", UUID(int=7), -1, 1 << 40, True, date(2026, 3, 2), at, Grade.A]
    assert paging._read(paging._written(values), columns) == values
    for wrong in ([1 << 31], [1.5], ["1"], [True], [None]):
        with pytest.raises(CursorInvalid):
            paging._read(paging._written(wrong), [column("i", Integer)])
    with pytest.raises(CursorInvalid):
        paging._read(paging._written(["2026-03-02T09:00:00"]), [column("at", Instant())])


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1e2"])
async def test_c3_the_limit_is_1_to_200(teller: Caller, limit: str) -> None:
    answer = await teller.get("/v1/notes", params={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (422, "PAYLOAD_INVALID")
    assert answer.json()["errors"][0]["pointer"] == "/limit"
    assert answer.json()["errors"][0]["in"] == "query"
