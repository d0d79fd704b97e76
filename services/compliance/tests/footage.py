"""Several recordings of one sale, as a seller's client makes them: each a real file, sealed by itself."""

from typing import Any

from chassis.testing import Caller
from services.compliance.tests.filming import SEGMENTS, declare, film, inspect, seal, upload
from services.compliance.tests.registers import Json, etag, ok
from services.compliance.tests.selling import SECOND, Deal

PAD = "pad-1"
#: How long the film is, which the recordings show.
FILM_MS = 2000


def on(deal: Deal, device: str | None = PAD) -> Caller:
    """The seller of the deal at a device."""
    claims = {} if device is None else {"device_id": device}
    return deal.kit.client("seller", subject=deal.employee.subject or "", outlets=(deal.outlet_id,), **claims)


async def take(
    deal: Deal,
    *kinds: str,
    device: str | None = PAD,
    last_until: int | None = None,
    sealed: bool = True,
    **body: Any,
) -> Json:
    """A recording with these key points, sealed or only inspected; ``last_until``: where the last one ends.

    The clock stands two seconds after its start and a little more.
    """
    assert deal.case is not None
    seller = on(deal, device)
    if deal.machine is not None:
        await deal.machine.beat()
    recording = ok(await seller.post("/v1/recordings", json={"case_id": deal.case["id"]} | body), 1)
    await upload(seller, recording["id"], film())
    recording = ok(await inspect(seller, recording))
    for number, kind in enumerate(kinds):
        ends = last_until if last_until and number == len(kinds) - 1 else 300 * (number + 1)
        recording = ok(await declare(seller, recording, kind, 300 * number, ends))
    deal.kit.clock.advance(3 * SECOND)
    if sealed:
        recording = ok(await seal(seller, recording))
    deal.kit.clock.advance(SECOND)
    return recording


async def main(deal: Deal, *kinds: str, **given: Any) -> Json:
    """The recording that the sale names, with every key point unless others are given."""
    deal.recording = await take(deal, *(kinds or SEGMENTS), **given)
    return deal.recording


async def supplement(deal: Deal, *kinds: str, **given: Any) -> Json:
    """Key points recorded again."""
    assert deal.recording is not None
    return await take(deal, *kinds, supplements=deal.recording["id"], **given)


def resuming(recording: Json, recorded_ms: int = FILM_MS) -> Json:
    """What a client asks for whose recorder failed."""
    return {"resumes": {"recording_id": recording["id"], "recorded_ms": recorded_ms}}


async def script(deal: Deal, segment: str, sha256: str = "cd" * 32) -> None:
    """The product department sets another script for a key point."""
    admin = deal.kit.client("product_admin", subject="admin-1")
    path = f"/v1/products/{deal.product['id']}"
    version = ok(await admin.get(path))["version"]
    body = {"segment": segment, "document": f"script-{sha256[:4]}", "sha256": sha256}
    ok(await admin.post(f"{path}/scripts", json=body, headers=etag(version)), version + 1)
