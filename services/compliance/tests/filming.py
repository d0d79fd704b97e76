"""Recordings as a seller's client makes them: real MP4 files, sent by tus, inspected and sealed."""

import base64
import hashlib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from chassis.testing import Caller, ServiceKit
from deploy.demo.media import make_recording
from services.compliance.tests.registers import case_body, consent_body, etag, ok, open_outlet, register

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = TUS | {"Content-Type": "application/offset+octet-stream"}

SEGMENTS = ("PITCH", "RISK_DISCLOSURE", "KEY_INFO", "CONFIRMATION", "FEEDBACK")

Json = dict[str, Any]


@lru_cache(maxsize=8)
def film(**given: Any) -> bytes:
    """The bytes of an MP4 of two seconds; see :func:`deploy.demo.media.make_recording`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        make_recording(path, **({"seconds": 2.0} | given))
        return path.read_bytes()


def b64(data: bytes) -> str:
    """Base64 text, as tus wants it."""
    return base64.b64encode(data).decode()


def checksum(data: bytes, algorithm: str = "sha256") -> dict[str, str]:
    """The header that announces the digest of a chunk."""
    return {"Upload-Checksum": f"{algorithm} {b64(hashlib.new(algorithm, data).digest())}"}


async def open_case(kit: ServiceKit, seller: Caller, customer: Caller | None = None, **given: Any) -> Json:
    """A case at an outlet of its own; with ``customer`` he has agreed to be recorded."""
    outlet_id = await open_outlet(kit)
    person = await register(seller, None if customer is None else "customer-1")
    case = ok(await seller.post("/v1/cases", json=case_body(outlet_id, person["id"], **given)), 1)
    if customer is not None:
        ok(await customer.post("/v1/consents", json=consent_body(case["id"])), 1)
    return case


async def begin(seller: Caller, case: Json) -> Json:
    """A recording of the case's session, begun now."""
    return ok(await seller.post("/v1/recordings", json={"case_id": case["id"]}), 1)


async def create(seller: Caller, recording_id: str, length: int) -> str:
    """A new upload; its path."""
    metadata = f"recording_id {b64(recording_id.encode())},filename {b64(b'film.mp4')}"
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata}
    response = await seller.post("/v1/uploads", headers=headers)
    assert response.status_code == 201, response.text
    return response.headers["location"]


async def send(seller: Caller, path: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    """One chunk with its checksum."""
    given = CHUNK | {"Upload-Offset": str(offset)} | checksum(data) | headers
    return await seller.patch(path, content=data, headers=given)


async def upload(seller: Caller, recording_id: str, data: bytes, size: int = 16 * 1024) -> str:
    """The whole file in chunks of ``size`` bytes; the path of its upload."""
    path = await create(seller, recording_id, len(data))
    for offset in range(0, len(data), size):
        response = await send(seller, path, offset, data[offset : offset + size])
        assert response.status_code == 204, response.text
    return path


async def inspect(seller: Caller, recording: Json) -> httpx.Response:
    """Asks for the inspection of what was uploaded."""
    return await seller.post(
        f"/v1/recordings/{recording['id']}/inspection", headers=etag(recording["version"])
    )


async def declare(seller: Caller, recording: Json, kind: str, starts_ms: int, ends_ms: int) -> httpx.Response:
    """Declares one segment."""
    body = {"kind": kind, "starts_ms": starts_ms, "ends_ms": ends_ms}
    path = f"/v1/recordings/{recording['id']}/segments"
    return await seller.post(path, json=body, headers=etag(recording["version"]))


async def seal(seller: Caller, recording: Json, **headers: str) -> httpx.Response:
    """Seals the recording."""
    path = f"/v1/recordings/{recording['id']}/seal"
    return await seller.post(path, headers=etag(recording["version"]) | headers)


async def ready(
    kit: ServiceKit,
    seller: Caller,
    case: Json,
    *,
    data: bytes | None = None,
    segments: tuple[str, ...] = SEGMENTS,
) -> Json:
    """An inspected recording with its segments, long enough ago to be sealed."""
    recording = await begin(seller, case)
    await upload(seller, recording["id"], film() if data is None else data)
    recording = ok(await inspect(seller, recording))
    for number, kind in enumerate(segments):
        recording = ok(await declare(seller, recording, kind, 300 * number, 300 * (number + 1)))
    kit.clock.advance(timedelta(seconds=3))
    return recording


async def sealed(kit: ServiceKit, seller: Caller, case: Json, **given: Any) -> Json:
    """A sealed recording of the case's session; the clock moves on by a little more than its length."""
    return ok(await seal(seller, await ready(kit, seller, case, **given)))


def folder_of(kit: ServiceKit, recording_id: str) -> Path:
    """Where the store keeps the objects of a recording."""
    return kit.data_dir / "evidence" / "objects" / recording_id[-2:] / recording_id
