"""tus 1.0.0 over HTTP: every byte counts once, whatever is interrupted, repeated, damaged or sent twice."""

import asyncio
import hashlib
import random
import tracemalloc
from collections.abc import AsyncIterator, MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.filming import (
    CHUNK,
    TUS,
    b64,
    begin,
    checksum,
    create,
    film,
    folder_of,
    inspect,
    open_case,
    send,
)
from services.compliance.tests.registers import UNKNOWN, Json, ok, refusal

DATA = bytes(range(256)) * 40


@pytest.fixture
async def recording(kit: ServiceKit, seller: Caller) -> Json:
    """A recording that waits for its upload."""
    return await begin(seller, await open_case(kit, seller))


async def offset(seller: Caller, path: str) -> int:
    """Where the upload stands."""
    response = await seller.head(path, headers=TUS)
    assert response.status_code == 200
    return int(response.headers["upload-offset"])


def staged(kit: ServiceKit, path: str) -> list[Path]:
    """The chunk files of an upload."""
    folder = kit.data_dir / "uploads" / path.rsplit("/", 1)[-1]
    return sorted(folder.iterdir()) if folder.is_dir() else []


async def test_what_the_server_can_do(kit: ServiceKit) -> None:
    response = await kit.client().options("/v1/uploads")
    assert response.status_code == 204
    assert response.headers["tus-version"] == response.headers["tus-resumable"] == "1.0.0"
    assert response.headers["tus-extension"] == "creation,checksum,expiration"
    assert response.headers["tus-checksum-algorithm"] == "sha256,sha1"


async def test_an_upload_that_goes_well(kit: ServiceKit, seller: Caller, recording: Json) -> None:
    path = await create(seller, recording["id"], len(DATA))
    head = await seller.head(path, headers=TUS)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("0", str(len(DATA)))
    assert (head.headers["cache-control"], head.headers["tus-resumable"]) == ("no-store", "1.0.0")
    first = await send(seller, path, 0, DATA[:5000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "5000")
    assert {"upload-expires", "tus-resumable"} <= set(first.headers)
    without = {name: value for name, value in CHUNK.items() if name != "Upload-Checksum"}
    rest = await seller.patch(path, content=DATA[5000:], headers=without | {"Upload-Offset": "5000"})
    assert (rest.status_code, rest.headers["upload-offset"]) == (204, str(len(DATA)))
    assert b"".join(file.read_bytes() for file in staged(kit, path)[:2]) == DATA


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
async def test_bytes_that_changed_on_the_way_do_not_count(
    kit: ServiceKit, seller: Caller, recording: Json, algorithm: str
) -> None:
    path = await create(seller, recording["id"], len(DATA))
    response = await send(seller, path, 0, DATA[:99] + b"?", **checksum(DATA[:100], algorithm))
    assert refusal(response) == (460, "CHECKSUM_MISMATCH")
    assert response.headers["tus-resumable"] == "1.0.0"
    assert (await offset(seller, path), staged(kit, path)) == (0, [])
    good = await send(seller, path, 0, DATA[:100], **checksum(DATA[:100], algorithm))
    assert good.status_code == 204


async def test_what_does_not_fit(kit: ServiceKit, seller: Caller, recording: Json) -> None:
    path = await create(seller, recording["id"], 1000)
    await send(seller, path, 0, DATA[:600])
    wrong = [
        (await send(seller, path, 0, DATA[:600]), (409, "UPLOAD_OFFSET_MISMATCH")),
        (await send(seller, path, 601, DATA[:1]), (409, "UPLOAD_OFFSET_MISMATCH")),
        (await send(seller, path, 600, DATA[:401]), (413, "UPLOAD_TOO_LARGE")),
        (
            await send(seller, path, 600, DATA[:1], **{"Tus-Resumable": "0.2"}),
            (412, "TUS_VERSION_UNSUPPORTED"),
        ),
        (
            await send(seller, path, 600, DATA[:1], **{"Content-Type": "video/mp4"}),
            (415, "MEDIA_TYPE_UNSUPPORTED"),
        ),
        (
            await send(seller, path, 600, DATA[:1], **{"Upload-Checksum": "md5 eA=="}),
            (400, "CHECKSUM_ALGORITHM_UNSUPPORTED"),
        ),
        (await send(seller, f"/v1/uploads/{UNKNOWN}", 0, b"x"), (404, "NOT_FOUND")),
    ]
    for response, expected in wrong:
        assert refusal(response) == expected
        assert response.headers["tus-resumable"] == "1.0.0"
    assert wrong[3][0].headers["tus-version"] == "1.0.0"
    assert await offset(seller, path) == 600
    assert len(staged(kit, path)) == 1
    empty = await send(seller, path, 600, b"")
    assert (empty.status_code, empty.headers["upload-offset"]) == (204, "600")


async def test_a_chunk_of_unknown_length_ends_at_the_uploads_length(
    kit: ServiceKit, seller: Caller, recording: Json
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield DATA

    path = await create(seller, recording["id"], len(DATA))
    headers = CHUNK | {"Upload-Offset": "0"}
    response = await seller.patch(path, content=endless(), headers=headers)
    assert refusal(response) == (413, "UPLOAD_TOO_LARGE")
    assert (await offset(seller, path), staged(kit, path)) == (0, [])


async def test_creations_that_are_refused(kit: ServiceKit, seller: Caller, recording: Json) -> None:
    named = {"Upload-Metadata": f"recording_id {b64(recording['id'].encode())}"}
    unknown = {"Upload-Metadata": f"recording_id {b64(UNKNOWN.encode())}"}
    for headers, expected in (
        (TUS | named, (400, "UPLOAD_HEADER_INVALID")),
        (TUS | {"Upload-Length": "10"}, (400, "UPLOAD_HEADER_INVALID")),
        (TUS | {"Upload-Length": "10", "Upload-Metadata": "recording_id"}, (400, "UPLOAD_HEADER_INVALID")),
        (TUS | {"Upload-Length": str(2**32)} | named, (413, "UPLOAD_TOO_LARGE")),
        (TUS | {"Upload-Length": "10"} | unknown, (404, "NOT_FOUND")),
        ({"Upload-Length": "10"} | named, (412, "TUS_VERSION_UNSUPPORTED")),
    ):
        assert refusal(await seller.post("/v1/uploads", headers=headers)) == expected


async def unplugged(kit: ServiceKit, path: str, offset: int, data: bytes) -> None:
    """A chunk whose sender goes away in the middle, at the level below HTTP."""
    token = kit.token("seller", subject="seller-1")
    headers = CHUNK | {
        "Upload-Offset": str(offset),
        "Content-Length": "9000",
        "Authorization": f"Bearer {token}",
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PATCH",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": data, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def answer(message: MutableMapping[str, Any]) -> None:
        assert message.get("status", 400) == 400

    await kit.app(scope, receive, answer)
    assert messages == []


async def test_an_interrupted_chunk_leaves_the_offset_and_is_sent_again(
    kit: ServiceKit, seller: Caller, recording: Json
) -> None:
    path = await create(seller, recording["id"], len(DATA))
    await send(seller, path, 0, DATA[:1000])
    await unplugged(kit, path, 1000, DATA[1000:3000])
    assert await offset(seller, path) == 1000
    assert len(staged(kit, path)) == 1
    response = await send(seller, path, 1000, DATA[1000:])
    assert response.headers["upload-offset"] == str(len(DATA))


async def test_of_two_writers_one_wins(kit: ServiceKit, seller: Caller, recording: Json) -> None:
    path = await create(seller, recording["id"], 2000)
    one, other = b"1" * 1000, b"2" * 1000
    barrier = asyncio.Barrier(2)

    async def slowly(data: bytes) -> AsyncIterator[bytes]:
        yield data[:500]
        # Both have been let in at the same offset before either has sent its last byte.
        await barrier.wait()
        yield data[500:]

    def patch(data: bytes) -> "asyncio.Future[httpx.Response]":
        headers = CHUNK | {"Upload-Offset": "0"} | checksum(data)
        return asyncio.ensure_future(seller.patch(path, content=slowly(data), headers=headers))

    answers = await asyncio.gather(patch(one), patch(other))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    (file,) = staged(kit, path)
    winner = one if answers[0].status_code == 204 else other
    assert file.read_bytes() == winner
    async with kit.session() as session:
        rows = (await session.execute(text("SELECT size, sha256, file FROM recording_chunks"))).all()
    assert rows == [(1000, hashlib.sha256(winner).hexdigest(), file.name)]


async def test_a_new_upload_replaces_the_one_before(kit: ServiceKit, seller: Caller, recording: Json) -> None:
    first = await create(seller, recording["id"], 100)
    await send(seller, first, 0, DATA[:100])
    second = await create(seller, recording["id"], 200)
    assert refusal(await send(seller, first, 100, b"")) == (410, "UPLOAD_GONE")
    assert (await seller.head(first, headers=TUS)).status_code == 410
    assert await offset(seller, second) == 0
    view = ok(await seller.get(f"/v1/recordings/{recording['id']}"), 1)
    assert view["upload"] | {"expires_at": None} == {
        "id": second.rsplit("/", 1)[-1],
        "length": 200,
        "received": 0,
        "expires_at": None,
    }


async def test_an_upload_expires(kit: ServiceKit, seller: Caller, recording: Json) -> None:
    path = await create(seller, recording["id"], 100)
    await send(seller, path, 0, DATA[:50])
    kit.clock.advance(timedelta(hours=48))
    later = kit.client("seller", subject="seller-1")
    assert refusal(await send(later, path, 50, DATA[50:100])) == (410, "UPLOAD_GONE")
    assert (await later.head(path, headers=TUS)).status_code == 410


async def test_an_upload_in_crumbs_is_stopped(
    kit: ServiceKit, seller: Caller, recording: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.recordings.parts.CHUNKS_MAX", 2)
    path = await create(seller, recording["id"], 100)
    for place in range(2):
        assert (await send(seller, path, place, b"x")).status_code == 204
    assert refusal(await send(seller, path, 2, b"x")) == (413, "TOO_MANY_CHUNKS")
    assert (await offset(seller, path), len(staged(kit, path))) == (2, 2)


@pytest.mark.parametrize("seed", range(6))
async def test_any_way_of_cutting_a_file_gives_the_same_file(
    kit: ServiceKit, seller: Caller, recording: Json, seed: int
) -> None:
    """A client that loses answers and bits, and asks where it stands: nothing is lost or doubled."""
    chance = random.Random(seed)
    data = film(seed=seed % 2 + 1)
    path = await create(seller, recording["id"], len(data))
    model = 0
    while model < len(data):
        piece = data[model : model + chance.choice((1, 100, 4096, 20_000, 60_000))]
        match chance.randrange(6):
            case 0:
                wrong = model + chance.choice((1, 7))
                assert refusal(await send(seller, path, wrong, piece))[0] == 409
            case 1:
                flipped = bytes([piece[0] ^ 1]) + piece[1:]
                response = await send(seller, path, model, flipped, **checksum(piece))
                assert response.status_code == 460
            case 2:
                too_long = await send(seller, path, model, data[model:] + b"x")
                assert too_long.status_code == 413
            case _:
                assert (await send(seller, path, model, piece)).status_code == 204
                model += len(piece)
                if chance.random() < 0.3:
                    # The answer was lost and the client sends again.
                    assert refusal(await send(seller, path, model - len(piece), piece))[0] in (409, 413)
        assert await offset(seller, path) == model
    inspected = ok(await inspect(seller, recording))
    assert inspected["upload"]["received"] == len(data)
    async with kit.session() as session:
        names = (await session.scalars(text("SELECT sha256 FROM recording_chunks ORDER BY position"))).all()
    folder = folder_of(kit, recording["id"])
    assert b"".join((folder / name).read_bytes() for name in names) == data


async def test_a_chunk_streams_through_little_memory(
    kit: ServiceKit, seller: Caller, recording: Json
) -> None:
    block, count = DATA * 25, 100

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield block

    path = await create(seller, recording["id"], len(block) * count)
    tracemalloc.start()
    response = await seller.patch(path, content=blocks(), headers=CHUNK | {"Upload-Offset": "0"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (response.status_code, response.headers["upload-offset"]) == (204, str(len(block) * count))
    assert len(block) * count > 3 * peak
