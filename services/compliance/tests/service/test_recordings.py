"""Recordings through the API: opened, inspected, declared, sealed; and what is refused on the way."""

import asyncio
import hashlib
import json
from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.filming import (
    SEGMENTS,
    begin,
    create,
    declare,
    film,
    folder_of,
    inspect,
    open_case,
    ready,
    seal,
    sealed,
    send,
    upload,
)
from services.compliance.tests.registers import UNKNOWN, etag, ok, refusal

SEALED = "compliance.recording.sealed.v1"


async def test_a_recording_from_its_beginning_to_its_seal(
    kit: ServiceKit, seller: Caller, customer: Caller, officer: Caller
) -> None:
    case = await open_case(kit, seller, customer)
    recording = await sealed(kit, seller, case)
    assert (recording["state"], recording["version"]) == ("SEALED", 8)
    assert [part["kind"] for part in recording["segments"]] == list(SEGMENTS)
    assert recording["media"]["duration_ms"] == pytest.approx(2000, abs=100)
    assert (recording["media"]["video_codec"], recording["media"]["audio_codec"]) == ("h264", "aac")
    response = await officer.get(f"/v1/recordings/{recording['id']}/manifest")
    assert hashlib.sha256(response.content).hexdigest() == recording["manifest"]
    manifest = response.json()
    assert manifest["sha256"] == hashlib.sha256(film()).hexdigest()
    assert manifest["size"] == len(film())
    assert manifest["consent"]["at"] == manifest["started_at"]
    assert (manifest["customer_id"], manifest["zone_id"]) == (case["customer_id"], None)
    (fact,) = await kit.facts(SEALED)
    assert (fact.topic, fact.key, fact.sequence) == ("compliance.recordings.v1", recording["id"], 8)
    assert fact.data["manifest"] == recording["manifest"]
    assert fact.data["segments"] == list(SEGMENTS)
    read = ok(await seller.get(f"/v1/recordings/{recording['id']}"), 8)
    assert read == recording


async def test_a_recording_outside_a_zone_and_without_a_consent_is_sealed_as_such(
    kit: ServiceKit, seller: Caller, officer: Caller
) -> None:
    recording = await sealed(kit, seller, await open_case(kit, seller), segments=())
    manifest = (await officer.get(f"/v1/recordings/{recording['id']}/manifest")).json()
    assert (manifest["zone_id"], manifest["consent"], manifest["segments"]) == (None, None, [])


@pytest.mark.parametrize(
    "what",
    ["text", "truncated", "no_sound", "no_picture", "out_of_step"],
)
async def test_what_is_no_recording_changes_nothing_and_can_be_replaced(
    kit: ServiceKit, seller: Caller, what: str
) -> None:
    content = {
        "text": lambda: b"This is not a film. " * 2000,
        "truncated": lambda: film()[: len(film()) * 2 // 3],
        "no_sound": lambda: film(sound=False),
        "no_picture": lambda: film(picture=False),
        "out_of_step": lambda: film(seconds=4.0, sound_seconds=1.0),
    }[what]()
    recording = await begin(seller, await open_case(kit, seller))
    await upload(seller, recording["id"], content, size=2**20)
    assert refusal(await inspect(seller, recording)) == (422, "NOT_A_RECORDING")
    after = ok(await seller.get(f"/v1/recordings/{recording['id']}"), 1)
    assert (after["state"], after["media"], after["manifest"]) == ("OPEN", None, None)
    assert refusal(await seal(seller, recording)) == (409, "RECORDING_NOT_INSPECTED")
    assert await kit.facts(SEALED) == []
    await upload(seller, recording["id"], film(), size=2**20)
    assert ok(await inspect(seller, recording))["state"] == "INSPECTED"


async def test_an_upload_has_to_be_complete(kit: ServiceKit, seller: Caller) -> None:
    recording = await begin(seller, await open_case(kit, seller))
    assert refusal(await inspect(seller, recording)) == (409, "UPLOAD_MISSING")
    path = await create(seller, recording["id"], len(film()))
    await send(seller, path, 0, film()[:-1])
    assert refusal(await inspect(seller, recording)) == (409, "UPLOAD_INCOMPLETE")
    await send(seller, path, len(film()) - 1, film()[-1:])
    inspected = ok(await inspect(seller, recording), 2)
    # A lost answer: the same request again finds its work done.
    assert ok(await inspect(seller, recording), 2) == inspected


async def test_a_recording_cannot_be_longer_than_the_time_since_it_began(
    kit: ServiceKit, seller: Caller
) -> None:
    recording = await begin(seller, await open_case(kit, seller))
    await upload(seller, recording["id"], film())
    recording = ok(await inspect(seller, recording))
    kit.clock.advance(timedelta(milliseconds=recording["media"]["duration_ms"] - 1))
    assert refusal(await seal(seller, recording)) == (422, "RECORDING_NOT_ELAPSED")
    kit.clock.advance(timedelta(milliseconds=1))
    ok(await seal(seller, recording))


async def test_sealing_twice(kit: ServiceKit, seller: Caller) -> None:
    recording = await ready(kit, seller, await open_case(kit, seller))
    key = {"Idempotency-Key": str(new_id())}
    first = await seal(seller, recording, **key)
    again = await seal(seller, recording, **key)
    assert (again.status_code, again.json()) == (200, ok(first))
    assert again.headers["idempotency-replayed"] == "true"
    assert refusal(await seal(seller, recording)) == (412, "VERSION_STALE")
    assert refusal(await seal(seller, first.json())) == (409, "RECORDING_FIXED")
    assert len(await kit.facts(SEALED)) == 1


@pytest.mark.rule("REC-10", side="refuse")
async def test_nothing_is_added_to_a_sealed_recording(kit: ServiceKit, seller: Caller) -> None:
    recording = await sealed(kit, seller, await open_case(kit, seller), segments=("PITCH",))
    assert refusal(await declare(seller, recording, "KEY_INFO", 0, 1)) == (409, "RECORDING_FIXED")
    before = ok(await seller.get(f"/v1/recordings/{recording['id']}"))
    with pytest.raises(AssertionError, match="RECORDING_FIXED"):
        await create(seller, recording["id"], 10)
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await seller.request(method, f"/v1/recordings/{recording['id']}")
        assert answer.status_code == 405
    assert ok(await seller.get(f"/v1/recordings/{recording['id']}")) == before


async def test_segments_lie_inside_the_recording(kit: ServiceKit, seller: Caller) -> None:
    recording = await begin(seller, await open_case(kit, seller))
    assert refusal(await declare(seller, recording, "PITCH", 5, 5)) == (422, "SEGMENT_OUTSIDE")
    assert (await declare(seller, recording, "PITCH", -1, 5)).status_code == 422
    assert (await declare(seller, recording, "SMALL_TALK", 0, 5)).status_code == 422
    declared = ok(await declare(seller, recording, "PITCH", 0, 10_000), 2)
    assert refusal(await declare(seller, recording, "PITCH", 0, 1)) == (412, "VERSION_STALE")
    await upload(seller, recording["id"], film())
    # The film of two seconds cannot be the one in which ten seconds were spoken.
    assert refusal(await inspect(seller, declared)) == (422, "SEGMENT_OUTSIDE")
    other = await begin(seller, await open_case(kit, seller))
    await upload(seller, other["id"], film())
    other = ok(await inspect(seller, other))
    end = other["media"]["duration_ms"]
    assert refusal(await declare(seller, other, "PITCH", 0, end + 1)) == (422, "SEGMENT_OUTSIDE")
    ok(await declare(seller, other, "PITCH", 0, end), 3)


async def test_a_seal_that_was_interrupted_is_done_again(kit: ServiceKit, seller: Caller) -> None:
    """The store holds a manifest of a seal that never committed: the next one takes its place."""
    recording = await ready(kit, seller, await open_case(kit, seller))
    stray = json.dumps({"format": "wangdian.recording-manifest.v1"}).encode()
    folder = folder_of(kit, recording["id"])
    (folder / hashlib.sha256(stray).hexdigest()).write_bytes(stray)
    done = ok(await seal(seller, recording))
    names = {path.name for path in folder.iterdir()}
    assert done["manifest"] in names
    assert hashlib.sha256(stray).hexdigest() not in names


async def test_an_inspection_that_was_interrupted_is_done_again(kit: ServiceKit, seller: Caller) -> None:
    recording = await ready(kit, seller, await open_case(kit, seller))
    for path in folder_of(kit, recording["id"]).iterdir():
        path.unlink()
    assert refusal(await seal(seller, recording)) == (409, "RECORDING_NOT_STORED")
    ok(await inspect(seller, recording))
    ok(await seal(seller, recording))


async def test_who_asks_again_while_it_is_decoded_finds_the_work_done(
    kit: ServiceKit, seller: Caller
) -> None:
    """A client that gave up waiting repeats its request; the first one is still at it."""
    recording = await begin(seller, await open_case(kit, seller))
    await upload(seller, recording["id"], film())
    first, again = await asyncio.gather(inspect(seller, recording), inspect(seller, recording))
    assert ok(first) == ok(again)
    assert first.json()["version"] == recording["version"] + 1


async def test_a_recording_is_made_in_ones_own_name(kit: ServiceKit, seller: Caller) -> None:
    case = await open_case(kit, seller)
    other = kit.client("seller", subject="seller-2")
    foreign = (403, "RECORDING_IN_FOREIGN_NAME")
    assert refusal(await other.post("/v1/recordings", json={"case_id": case["id"]})) == foreign
    recording = await begin(seller, case)
    assert refusal(await declare(other, recording, "PITCH", 0, 1)) == foreign
    assert refusal(await inspect(other, recording)) == foreign
    assert refusal(await seal(other, recording)) == foreign
    path = await create(seller, recording["id"], 10)
    assert refusal(await send(other, path, 0, b"0123456789")) == foreign
    ok(await declare(seller, recording, "PITCH", 0, 1))


async def test_a_foreign_outlets_recording_is_not_there(kit: ServiceKit, seller: Caller) -> None:
    recording = await begin(seller, await open_case(kit, seller))
    path = await create(seller, recording["id"], 10)
    place = f"/v1/recordings/{recording['id']}"
    elsewhere = kit.client("seller", "auditor", outlets=(UNKNOWN,), subject="seller-1")
    answers = [
        await elsewhere.get(place),
        await elsewhere.get(f"{place}/verification"),
        await elsewhere.get(f"{place}/manifest"),
        await elsewhere.post("/v1/recordings", json={"case_id": recording["case_id"]}),
        await declare(elsewhere, recording, "PITCH", 0, 1),
        await inspect(elsewhere, recording),
        await seal(elsewhere, recording),
        await send(elsewhere, path, 0, b"0123456789"),
        await seller.get(f"/v1/recordings/{UNKNOWN}"),
    ]
    assert [refusal(answer) for answer in answers] == [(404, "NOT_FOUND")] * len(answers)
    assert (await elsewhere.head(path, headers={"Tus-Resumable": "1.0.0"})).status_code == 404
    assert ok(await elsewhere.get("/v1/recordings"))["items"] == []


async def test_roles(kit: ServiceKit, seller: Caller, officer: Caller, customer: Caller) -> None:
    recording = await begin(seller, await open_case(kit, seller))
    place = f"/v1/recordings/{recording['id']}"
    forbidden = [
        await officer.post("/v1/recordings", json={"case_id": recording["case_id"]}),
        await declare(officer, recording, "PITCH", 0, 1),
        await inspect(officer, recording),
        await seal(officer, recording),
        await officer.post("/v1/uploads", headers={"Tus-Resumable": "1.0.0"}),
        await customer.get(place),
        await seller.get(f"{place}/verification"),
        await seller.get(f"{place}/manifest"),
    ]
    assert [refusal(answer) for answer in forbidden] == [(403, "ACTION_FORBIDDEN")] * len(forbidden)
    assert (await kit.client().get(place)).status_code == 401
    assert refusal(await officer.get(f"{place}/verification")) == (409, "RECORDING_NOT_SEALED")
    assert refusal(await officer.get(f"{place}/manifest")) == (409, "RECORDING_NOT_SEALED")


async def test_recordings_are_found(kit: ServiceKit, seller: Caller, officer: Caller) -> None:
    case, other = await open_case(kit, seller), await open_case(kit, seller)
    recording, again = await begin(seller, case), await begin(seller, case)
    elsewhere = await begin(seller, other)
    for query in (f"case_id={case['id']}", f"session_id={case['session_id']}"):
        found = ok(await officer.get(f"/v1/recordings?{query}"))["items"]
        assert [item["id"] for item in found] == [recording["id"], again["id"]]
    for query in (f"customer_id={other['customer_id']}", f"case_id={other['id']}&state=OPEN"):
        found = ok(await officer.get(f"/v1/recordings?{query}"))["items"]
        assert [item["id"] for item in found] == [elsewhere["id"]]
    assert ok(await officer.get(f"/v1/recordings?case_id={case['id']}&state=SEALED"))["items"] == []


async def test_what_is_obviously_wrong(kit: ServiceKit, seller: Caller) -> None:
    assert refusal(await seller.post("/v1/recordings", json={"case_id": UNKNOWN})) == (404, "NOT_FOUND")
    recording = await begin(seller, await open_case(kit, seller))
    answer = await seller.post(f"/v1/recordings/{recording['id']}/seal")
    assert refusal(answer) == (428, "PRECONDITION_REQUIRED")
    assert refusal(await seal(seller, {**recording, "version": 7})) == (412, "VERSION_STALE")
    missing = await seller.post(f"/v1/recordings/{recording['id']}/inspection", headers=etag(9))
    assert missing.status_code == 409
