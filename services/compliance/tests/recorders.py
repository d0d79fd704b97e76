"""A recorder of a sales zone as the tests play it: it has a key, and says by itself that it works."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, ok


def b64(data: bytes) -> str:
    """Base64 text."""
    return base64.b64encode(data).decode()


def milliseconds(at: datetime) -> int:
    """Since 1970, as a device counts."""
    return round(at.timestamp() * 1000)


@dataclass
class Machine:
    """One device; its clock is the kit's, ahead by ``ahead``."""

    kit: ServiceKit
    serial: str = field(default_factory=lambda: f"REC-{new_id().hex[-12:]}")
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    ahead: timedelta = timedelta(0)
    id: str = ""
    sequence: int = 0

    @property
    def public_key(self) -> str:
        """The raw key in base64."""
        return b64(self.key.public_key().public_bytes_raw())

    def body(self, **given: Any) -> Json:
        """What an officer registers."""
        return {"serial": self.serial, "public_key": self.public_key} | given

    async def register(self, zone: Json, **given: Any) -> Json:
        """An officer registers the device to the zone."""
        officer = self.kit.client("compliance_officer", subject="officer-1")
        known = ok(await officer.post(f"/v1/zones/{zone['id']}/recorders", json=self.body(**given)), 1)
        self.id = known["id"]
        return known

    def heartbeat(self, **given: Any) -> Json:
        """The next sign of life, signed."""
        self.sequence += 1
        body = {
            "sequence": self.sequence,
            "clock_ms": milliseconds(self.kit.clock.now() + self.ahead),
        } | given
        text = f"wangdian.recorder-heartbeat.v1 {self.id} {body['sequence']} {body['clock_ms']}"
        return {"signature": b64(self.key.sign(text.encode()))} | body

    async def send(self, body: Json) -> httpx.Response:
        """The bank's gateway passes a heartbeat on."""
        gateway = self.kit.client("integration", subject="gateway")
        return await gateway.post(f"/v1/recorders/{self.id}/heartbeats", json=body)

    async def beat(self) -> Json:
        """The device is heard of now."""
        return ok(await self.send(self.heartbeat()))

    async def read(self) -> Json:
        """The device as an auditor sees it."""
        return ok(await self.kit.client("auditor").get(f"/v1/recorders/{self.id}"))
