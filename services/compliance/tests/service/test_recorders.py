"""ZON-06 through the routes: recorders report themselves; without one a zone neither sells nor stays open."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from chassis.runtime import run_job
from chassis.testing import Caller, ServiceKit
from compliance.devices.patrol import patrol
from services.compliance.tests.recorders import Machine, b64
from services.compliance.tests.registers import (
    Json,
    checklist_body,
    etag,
    ok,
    open_outlet,
    prepare_zone,
    refusal,
)
from services.compliance.tests.selling import SECOND, Deal, broken, filmed, prepared

MICROSECOND = timedelta(microseconds=1)
AGE_MAX, OFFSET_MAX = timedelta(seconds=300), timedelta(milliseconds=5000)
UNAVAILABLE = [("ZON-06", "RECORDER_UNAVAILABLE")]
GONE = {"reason": "Broken lens"}


async def found(deal: Deal) -> list[tuple[str, str]]:
    """What the gate finds, the recording having begun just now: nothing where it logs the sale."""
    await filmed(deal)
    decided = await deal.sell()
    return [] if decided.status_code == 201 else broken(decided)


@pytest.fixture
async def zone(kit: ServiceKit, head: Caller, officer: Caller) -> Json:
    """An active zone without a recorder."""
    prepared_zone = await prepare_zone(head, await open_outlet(kit))
    path = f"/v1/zones/{prepared_zone['id']}/inspections"
    return ok(await officer.post(path, json=checklist_body(), headers=etag(1)), 2)


# --- At the gate -------------------------------------------------------------------------------------------


@pytest.mark.rule("ZON-06", side="refuse")
async def test_a_recorder_heard_of_too_long_before_the_recording_is_none(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    assert deal.machine is not None
    await deal.machine.beat()
    deal.machine = None
    kit.clock.advance(AGE_MAX + MICROSECOND)
    assert await found(deal) == UNAVAILABLE


@pytest.mark.rule("ZON-06", side="pass")
@pytest.mark.parametrize("earlier", [timedelta(0), MICROSECOND])
async def test_a_recorder_heard_of_in_time_records(kit: ServiceKit, earlier: timedelta) -> None:
    deal = await prepared(kit)
    assert deal.machine is not None
    await deal.machine.beat()
    deal.machine = None
    kit.clock.advance(AGE_MAX - earlier)
    assert await found(deal) == []


@pytest.mark.rule("ZON-06", side="refuse")
async def test_a_heartbeat_after_the_recording_began_comes_too_late(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    machine, deal.machine = deal.machine, None
    assert machine is not None
    kit.clock.advance(AGE_MAX)
    await filmed(deal)
    await machine.beat()
    assert broken(await deal.sell()) == UNAVAILABLE


@pytest.mark.rule("ZON-06", side="refuse")
@pytest.mark.parametrize("sign", [1, -1])
async def test_a_recorder_whose_clock_is_wrong_does_not_count(kit: ServiceKit, sign: int) -> None:
    deal = await prepared(kit)
    assert deal.machine is not None
    deal.machine.ahead = sign * (OFFSET_MAX + timedelta(milliseconds=1))
    assert await found(deal) == UNAVAILABLE
    assert (await deal.machine.read())["state"] == "OFFSET"


@pytest.mark.rule("ZON-06", side="pass")
@pytest.mark.parametrize("sign", [1, -1])
async def test_a_clock_at_the_limit_counts(kit: ServiceKit, sign: int) -> None:
    deal = await prepared(kit)
    assert deal.machine is not None
    deal.machine.ahead = sign * OFFSET_MAX
    assert await found(deal) == []


@pytest.mark.rule("ZON-06", side="refuse")
async def test_a_zone_without_a_recorder_sells_nothing(kit: ServiceKit, officer: Caller) -> None:
    deal = await prepared(kit)
    assert deal.machine is not None
    path = f"/v1/recorders/{deal.machine.id}/retirement"
    ok(await officer.post(path, json=GONE, headers=etag(1)), 2)
    deal.machine = None
    assert await found(deal) == UNAVAILABLE


@pytest.mark.rule("ZON-06", side="pass")
async def test_what_was_recorded_before_the_recorder_broke_is_sold(kit: ServiceKit, officer: Caller) -> None:
    deal = await filmed(await prepared(kit))
    assert deal.machine is not None
    path = f"/v1/recorders/{deal.machine.id}/retirement"
    ok(await officer.post(path, json=GONE, headers=etag(1)), 2)
    sale = ok(await deal.sell())
    auditor = kit.client("auditor")
    replayed = ok(await auditor.get(f"/v1/decisions/{sale['decision_id']}/replay"))
    assert replayed["same"] is True
    inputs = ok(await auditor.get(f"/v1/decisions/{sale['decision_id']}"))["inputs"]
    assert [one["recorder_id"] for one in inputs["zone"]["recorders"]] == [deal.machine.id]


@pytest.mark.rule("ZON-06", side="pass")
async def test_one_of_two_recorders_is_enough(kit: ServiceKit) -> None:
    deal = await prepared(kit)
    broken_one = await deal.equip()
    broken_one.ahead = timedelta(hours=1)
    await broken_one.beat()
    await deal.equip()
    assert await found(deal) == []


# --- The register ------------------------------------------------------------------------------------------


async def test_a_recorder_is_silent_until_it_is_heard_of_and_again_afterwards(
    kit: ServiceKit, zone: Json, officer: Caller
) -> None:
    machine = Machine(kit)
    known = await machine.register(zone)
    assert (known["state"], known["heard_at"], known["zone_id"]) == ("SILENT", None, zone["id"])
    assert (await machine.beat())["state"] == "WORKING"
    kit.clock.advance(AGE_MAX)
    assert (await machine.read())["state"] == "WORKING"
    kit.clock.advance(MICROSECOND)
    assert (await machine.read())["state"] == "SILENT"
    await machine.beat()
    machine.ahead = timedelta(seconds=-9)
    wrong = await machine.beat()
    assert (wrong["state"], wrong["offset_ms"]) == ("OFFSET", -9000)
    auditor = kit.client("auditor")
    runs = ok(await auditor.get(f"/v1/recorders/{machine.id}/runs"))["items"]
    assert [(run["heartbeats"], run["offset_ms"]) for run in runs] == [(1, 0), (1, 0), (1, -9000)]
    officer = kit.client("compliance_officer", subject="officer-1")
    retired = ok(await officer.post(f"/v1/recorders/{machine.id}/retirement", json=GONE, headers=etag(1)), 2)
    assert (retired["state"], retired["retirement_reason"]) == ("RETIRED", GONE["reason"])
    assert refusal(await machine.send(machine.heartbeat())) == (409, "RECORDER_RETIRED")
    again = await officer.post(f"/v1/recorders/{machine.id}/retirement", json=GONE, headers=etag(2))
    assert refusal(again) == (409, "RECORDER_RETIRED")
    listed = ok(await officer.get(f"/v1/zones/{zone['id']}/recorders"))["items"]
    assert [one["id"] for one in listed] == [machine.id]


async def test_heartbeats_in_a_row_are_one_run(kit: ServiceKit, zone: Json) -> None:
    machine = Machine(kit)
    await machine.register(zone)
    began = kit.clock.now()
    for ahead in (3, -4, 2):
        machine.ahead = timedelta(milliseconds=ahead)
        await machine.beat()
        kit.clock.advance(AGE_MAX)
    (run,) = ok(await kit.client("auditor").get(f"/v1/recorders/{machine.id}/runs"))["items"]
    assert (run["heartbeats"], run["offset_ms"]) == (3, -4)
    assert datetime.fromisoformat(run["heard_at"]) - began == 2 * AGE_MAX


async def test_only_the_device_itself_says_that_it_works_and_each_time_once(
    kit: ServiceKit, zone: Json
) -> None:
    machine, thief = Machine(kit), Machine(kit)
    await machine.register(zone)
    await thief.register(zone)
    foreign = Machine(kit, key=thief.key, id=machine.id)
    assert refusal(await foreign.send(foreign.heartbeat())) == (422, "HEARTBEAT_SIGNATURE_INVALID")
    good = machine.heartbeat()
    for altered in (good | {"clock_ms": good["clock_ms"] + 1}, good | {"signature": "no base64"}):
        assert refusal(await machine.send(altered)) == (422, "HEARTBEAT_SIGNATURE_INVALID")
    ok(await machine.send(good))
    assert refusal(await machine.send(good)) == (409, "HEARTBEAT_REPLAYED")
    assert (await machine.read())["sequence"] == 1


def pem(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def certified(key: Ed25519PrivateKey, at: datetime) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorder")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(at).not_valid_after(at + timedelta(days=1))
    return builder.sign(key, None).public_bytes(Encoding.PEM).decode()


async def test_a_recorder_is_registered_once_with_a_key_that_is_one(
    kit: ServiceKit, zone: Json, head: Caller, officer: Caller
) -> None:
    path = f"/v1/zones/{zone['id']}/recorders"

    async def attempt(body: Json) -> httpx.Response:
        return await officer.post(path, json=body)

    machine, other = Machine(kit), Machine(kit)
    for key in ("none", b64(b"short"), pem(X25519PrivateKey.generate()), "-----BEGIN PUBLIC KEY-----"):
        refused = await attempt(machine.body(public_key=key))
        assert refusal(refused) == (422, "DEVICE_KEY_INVALID")
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for certificate in ("none", certified(other.key, now)):
        refused = await attempt(machine.body(certificate=certificate))
        assert refusal(refused) == (422, "DEVICE_CERTIFICATE_INVALID")
    given = machine.body(public_key=pem(machine.key), certificate=certified(machine.key, now))
    known = ok(await attempt(given), 1)
    assert known["public_key"] == machine.public_key
    assert refusal(await attempt(other.body(serial=machine.serial))) == (409, "RECORDER_SERIAL_TAKEN")
    ok(await head.post(f"/v1/zones/{zone['id']}/closure", json=GONE, headers=etag(2)))
    assert refusal(await attempt(other.body())) == (409, "ZONE_CLOSED")


# --- Zones that cannot record ------------------------------------------------------------------------------


async def unrecorded(caller: Caller) -> list[str]:
    """The codes of the zones that the caller is told of."""
    return [zone["code"] for zone in ok(await caller.get("/v1/unrecorded_zones"))["items"]]


async def suspend(kit: ServiceKit) -> bool:
    """One run of the job."""
    return await run_job(kit.sessions, kit.clock, kit.settings, patrol)


async def test_an_officer_sees_the_zones_that_cannot_record(
    kit: ServiceKit, zone: Json, officer: Caller
) -> None:
    assert await unrecorded(officer) == ["Z1"]
    machine = Machine(kit)
    await machine.register(zone)
    assert await unrecorded(officer) == ["Z1"]
    await machine.beat()
    assert await unrecorded(officer) == []
    neighbour = kit.client("outlet_head", outlets=(await open_outlet(kit, "SH-0002"),))
    kit.clock.advance(AGE_MAX + MICROSECOND)
    assert await unrecorded(officer) == ["Z1"]
    assert await unrecorded(neighbour) == []


@pytest.mark.rule("ZON-06", side="refuse")
async def test_a_zone_without_a_recorder_for_a_day_is_suspended(kit: ServiceKit, zone: Json) -> None:
    machine = Machine(kit)
    await machine.register(zone)
    kit.clock.advance(timedelta(hours=1))
    await machine.beat()
    kit.clock.advance(timedelta(days=1))
    assert await suspend(kit) is False
    auditor = kit.client("auditor")
    assert ok(await auditor.get(f"/v1/zones/{zone['id']}"))["state"] == "ACTIVE"
    kit.clock.advance(SECOND)
    await suspend(kit)
    auditor = kit.client("auditor")
    assert ok(await auditor.get(f"/v1/zones/{zone['id']}"), 3)["state"] == "SUSPENDED"
    (order,) = ok(await auditor.get(f"/v1/zones/{zone['id']}/orders"))["items"]
    assert (order["kind"], order["ordered_by"]) == ("SUSPEND", "system")
    assert "86400" in order["reason"]
    await suspend(kit)
    assert ok(await auditor.get(f"/v1/zones/{zone['id']}"), 3)["state"] == "SUSPENDED"


async def test_an_inspection_that_passes_gives_another_day(kit: ServiceKit, zone: Json) -> None:
    kit.clock.advance(timedelta(days=1) + SECOND)
    officer = kit.client("compliance_officer", subject="officer-1")
    path = f"/v1/zones/{zone['id']}"
    ok(await officer.post(f"{path}/inspections", json=checklist_body(), headers=etag(2)), 3)
    await suspend(kit)
    assert ok(await officer.get(path), 3)["state"] == "ACTIVE"
    kit.clock.advance(timedelta(days=1) + SECOND)
    await suspend(kit)
    assert ok(await kit.client("auditor").get(path), 4)["state"] == "SUSPENDED"
