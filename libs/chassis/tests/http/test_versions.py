"""C1: ETag is the aggregate's version, If-Match names the one that is changed."""

import asyncio

import pytest

from chassis.testing import Caller
from libs.chassis.tests.http import notes
from libs.chassis.tests.http.conftest import a_note


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (None, 428, "PRECONDITION_REQUIRED"),
        ("1", 400, "IF_MATCH_INVALID"),
        ('W/"1"', 400, "IF_MATCH_INVALID"),
        ("*", 400, "IF_MATCH_INVALID"),
        ('"1", "2"', 400, "IF_MATCH_INVALID"),
        ('"-1"', 400, "IF_MATCH_INVALID"),
        ('"9999999999999999999999"', 400, "IF_MATCH_INVALID"),
        ('"2"', 412, "VERSION_STALE"),
        ('"999999999999999999"', 412, "VERSION_STALE"),
        ('"1"', 200, None),
    ],
)
async def test_c1_if_match(teller: Caller, given: str | None, status: int, code: str | None) -> None:
    note = (await teller.post("/v1/notes", json=a_note())).json()
    headers = {} if given is None else {"If-Match": given}
    answer = await teller.post(f"/v1/notes/{note['id']}/renaming", json={"name": "other"}, headers=headers)
    assert answer.status_code == status
    assert answer.json().get("code") == code
    assert (await teller.get(f"/v1/notes/{note['id']}")).headers["etag"] == (
        '"2"' if status == 200 else '"1"'
    )


async def test_c1_who_knows_an_older_version_changes_nothing(teller: Caller) -> None:
    note = (await teller.post("/v1/notes", json=a_note())).json()
    path, first = f"/v1/notes/{note['id']}/renaming", {"If-Match": '"1"'}
    assert (await teller.post(path, json={"name": "mine"}, headers=first)).status_code == 200
    late = await teller.post(path, json={"name": "theirs"}, headers=first)
    assert (late.status_code, late.json()["code"]) == (412, "VERSION_STALE")
    assert (await teller.get(f"/v1/notes/{note['id']}")).json()["name"] == "mine"


async def test_c1_a_change_by_somebody_else_between_read_and_write_is_412(teller: Caller) -> None:
    """Without a lock the version column is the judge."""
    notes.LOADED.clear()
    notes.CHANGED.clear()
    note = (await teller.post("/v1/notes", json=a_note())).json()
    racing = asyncio.create_task(teller.put(f"/v1/notes/{note['id']}/race"))
    await notes.LOADED.wait()
    renamed = await teller.post(
        f"/v1/notes/{note['id']}/renaming", json={"name": "first"}, headers={"If-Match": '"1"'}
    )
    notes.CHANGED.set()
    lost = await racing
    assert (renamed.status_code, lost.status_code) == (200, 412)
    assert lost.json()["code"] == "VERSION_STALE"
    assert (await teller.get(f"/v1/notes/{note['id']}")).json()["name"] == "first"


async def test_c1_a_known_version_is_not_sent_again(teller: Caller) -> None:
    note = (await teller.post("/v1/notes", json=a_note())).json()
    for known, status in [('"1"', 304), ('W/"1"', 304), ('"0", "1"', 304), ("*", 304), ('"2"', 200)]:
        answer = await teller.get(f"/v1/notes/{note['id']}", headers={"If-None-Match": known})
        assert answer.status_code == status, known
        assert answer.headers["etag"] == '"1"'
        assert bool(answer.content) == (status == 200)
