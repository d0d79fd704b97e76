"""The recording of a sale as a desk makes it: filmed, uploaded over tus, declared, inspected, sealed."""

import asyncio
import base64
import hashlib
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.client import Actor, Answer, Unexpected
from deploy.demo.ledger import Op
from deploy.demo.media import make_recording

#: Length of a recording in seconds, and of each of its parts in milliseconds: a real one takes half an hour.
SECONDS = 3.0
PART_MS = 550
PARTS = ("PITCH", "RISK_DISCLOSURE", "KEY_INFO", "CONFIRMATION", "FEEDBACK")
CHUNK_BYTES = 32 * 1024
TUS = {"Tus-Resumable": "1.0.0"}
STEPS_MAX = 20


@dataclass(frozen=True)
class Film:
    """What is to be recorded: ``parts`` of it are declared, ``text`` a renamed text file."""

    seed: int
    parts: tuple[str, ...] = PARTS
    text: bool = False

    def make(self, folder: Path) -> bytes:
        """The bytes of the file; takes a tenth of a second of processor time."""
        path = folder / f"recording-{self.seed}.mp4"
        if self.text:
            path.write_text(f"This is no recording, number {self.seed}.\n" * 200, encoding="utf-8")
        else:
            make_recording(path, seconds=SECONDS, seed=self.seed)
        return path.read_bytes()


class Camera:
    """The desk of one seller while a case is recorded."""

    def __init__(self, seller: Actor, ids: Mapping[str, str]) -> None:
        self._seller = seller
        self._ids = dict(ids)

    async def record(self, film: Film, *, supplements: str | None = None) -> tuple[str | None, Answer]:
        """Records the case, or parts of that recording again, and seals it: its id, and the last answer.

        No id where the file is refused as no recording: the answer says so.
        """
        opened = await self._seller.act(
            Op.RECORDING_OPEN,
            "compliance",
            "/v1/recordings",
            {"case_id": self._ids["case_id"]} | ({"supplements": supplements} if supplements else {}),
            ids=self._ids,
            learn={"recording_id": "id"},
        )
        began = time.monotonic()
        recording_id = str(opened.expect("open a recording").body["id"])
        self._ids["recording_id"] = recording_id
        with tempfile.TemporaryDirectory(prefix="wangdian-film-") as folder:
            content = await asyncio.to_thread(film.make, Path(folder))
        await self._upload(recording_id, content)
        inspected = await self._step(recording_id, Op.RECORDING_INSPECT, "inspection")
        if not inspected.ok:
            return None, inspected
        for number, part in enumerate(PARTS):
            if part in film.parts:
                body = {"kind": part, "starts_ms": number * PART_MS, "ends_ms": (number + 1) * PART_MS}
                declared = await self._step(recording_id, Op.RECORDING_SEGMENT, "segments", body)
                declared.expect(f"declare {part}")
        # Nobody can seal eight minutes after two: a recording lasts as long as it lasts.
        await asyncio.sleep(max(0.0, SECONDS + 0.5 - (time.monotonic() - began)))
        sealed = await self._step(recording_id, Op.RECORDING_SEAL, "seal")
        return recording_id, sealed.expect("seal the recording")

    async def _step(
        self, recording_id: str, op: Op, what: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        """One step on the recording as it stands now."""
        path = f"/v1/recordings/{recording_id}"
        seen = (await self._seller.get("compliance", path)).expect("recording")
        return await self._seller.act(
            op, "compliance", f"{path}/{what}", body, if_match=seen.etag, ids=self._ids
        )

    async def _upload(self, recording_id: str, content: bytes) -> None:
        """Creation, then each chunk with its checksum; after an interruption at the server's offset."""
        created = (await self._tus("POST", "/v1/uploads", _creation(recording_id, content), b"")).expect(
            "create an upload"
        )
        there = created.headers["location"]
        offset = 0
        for _ in range(STEPS_MAX + len(content) // CHUNK_BYTES):
            if offset == len(content):
                done = {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                self._seller.write(Op.RECORDING_UPLOAD, created, request=done, ids=self._ids)
                return
            chunk = content[offset : offset + CHUNK_BYTES]
            checksum = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
            headers = {
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(offset),
                "Upload-Checksum": f"sha256 {checksum}",
            }
            sent = await self._tus("PATCH", there, headers, chunk)
            if not sent.ok:
                # The chunk may have arrived although its answer did not.
                sent = (await self._tus("HEAD", there, {}, b"")).expect("ask for the offset")
            offset = int(sent.headers["upload-offset"])
        raise Unexpected(f"the upload of recording {recording_id} does not come to an end")

    async def _tus(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Answer:
        async def once(authorization: Mapping[str, str]) -> httpx.Response:
            return await self._seller.request(
                "compliance", method, path, {"content": content}, {**TUS, **headers, **authorization}
            )

        return await self._seller.repeat(once)


def _creation(recording_id: str, content: bytes) -> dict[str, str]:
    encoded = base64.b64encode(recording_id.encode()).decode()
    return {"Upload-Length": str(len(content)), "Upload-Metadata": f"recording_id {encoded}"}
