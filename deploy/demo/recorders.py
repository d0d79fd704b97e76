"""Recorders of the sales zones: each has a key, and says by itself that it works before it records."""

import asyncio
import base64
import time
import uuid
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.demo.client import Actor

#: A sign of life counts for five minutes; a device gives one every minute that it is used in.
EVERY_SECONDS = 60.0
WAIT_SECONDS = 120.0


@dataclass
class Recorder:
    """One device; its signs of life go through the bank's gateway."""

    gateway: Actor
    id: str
    key: Ed25519PrivateKey
    _sequence: int = 0
    _heard: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def beat(self) -> None:
        """Is heard of as working, unless it was just now; what comes late looks like a wrong clock."""
        async with self._lock:
            if self._heard and time.monotonic() - self._heard < EVERY_SECONDS:
                return
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    if await self._sent():
                        break
                    await asyncio.sleep(0.1)
            self._heard = time.monotonic()

    async def _sent(self) -> bool:
        self._sequence += 1
        clock_ms = time.time_ns() // 1_000_000
        signed = f"wangdian.recorder-heartbeat.v1 {self.id} {self._sequence} {clock_ms}".encode()
        body = {
            "sequence": self._sequence,
            "clock_ms": clock_ms,
            "signature": base64.b64encode(self.key.sign(signed)).decode(),
        }
        answer = await self.gateway.act(None, "compliance", f"/v1/recorders/{self.id}/heartbeats", body)
        return answer.ok and answer.body["state"] == "WORKING"


async def install(officer: Actor, gateway: Actor, zone_id: str, code: str) -> Recorder:
    """A new device in the zone; those of earlier days, whose keys are gone, are taken out of use."""
    path = f"/v1/zones/{zone_id}/recorders"
    for known in await officer.everything("compliance", path):
        if known["retired_at"] is None:
            body = {"reason": "更换设备"}
            there = f"/v1/recorders/{known['id']}/retirement"
            await officer.act(None, "compliance", there, body, if_match=known["version"])
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    body = {"serial": f"{code}-{uuid.uuid4().hex[:8]}", "public_key": public}
    registered = await officer.act(None, "compliance", path, body)
    recorder = Recorder(gateway, str(registered.expect(f"recorder of {code}").body["id"]), key)
    await recorder.beat()
    return recorder
