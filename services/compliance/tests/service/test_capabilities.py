"""ZON-10 and M126 through the routes: an outlet may sell where zone and recording are in place."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.recorders import Machine
from services.compliance.tests.registers import (
    UNKNOWN,
    Json,
    checklist_body,
    etag,
    ok,
    open_outlet,
    prepare_zone,
    refusal,
)

GRANTED = "compliance.outlet_capability.granted.v1"
#: The clock of a test begins on 2026-03-02 in Shanghai.
TODAY = date(2026, 3, 2)


async def check(kit: ServiceKit, outlet_id: str, **given: Any) -> httpx.Response:
    """An officer checks whether the outlet may sell wealth products."""
    officer = kit.client("compliance_officer", subject="officer-1")
    body = {"capability": "WEALTH_SALE"} | given
    return await officer.post(f"/v1/outlets/{outlet_id}/capability_checks", json=body)


def unmet(response: httpx.Response) -> list[str | None]:
    """Which conditions a recorded refusal names."""
    assert refusal(response) == (422, "OUTLET_CAPABILITY_NOT_READY")
    body = response.json()
    assert {(one["rule"], one["code"]) for one in body["violations"]} == {
        ("ZON-10", "OUTLET_CAPABILITY_NOT_READY")
    }
    return [one["reason"] for one in body["record"]["unmet"]]


async def held(kit: ServiceKit, outlet_id: str) -> list[tuple[str, bool, str | None]]:
    """What the outlet may do, and until when."""
    found = ok(await kit.client("auditor").get(f"/v1/outlets/{outlet_id}/capabilities"))
    return [(one["capability"], one["holds"], one["valid_until"]) for one in found["capabilities"]]


async def ready_zone(head: Caller, officer: Caller, outlet_id: str) -> Json:
    """An active zone."""
    zone = await prepare_zone(head, outlet_id)
    path = f"/v1/zones/{zone['id']}/inspections"
    return ok(await officer.post(path, json=checklist_body(), headers=etag(1)))


@pytest.mark.rule("ZON-10", side="pass")
@pytest.mark.mechanism("M126")
async def test_an_outlet_with_zone_and_recorder_is_granted_the_capability(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    machine = Machine(kit)
    await machine.register(await ready_zone(head, officer, outlet))
    await machine.beat()
    granted = ok(await check(kit, outlet), 1)
    assert (granted["granted"], granted["unmet"], granted["valid_until"]) == (True, [], None)
    assert ok(await check(kit, outlet, capability="AGENCY_SALE"))["granted"] is True
    assert await held(kit, outlet) == [("AGENCY_SALE", True, None), ("WEALTH_SALE", True, None)]
    first, second = await kit.facts(GRANTED)
    assert (first.topic, first.key) == ("compliance.outlets.v1", outlet)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.data["capability"] == "WEALTH_SALE"
    assert (first.data["check_id"], first.data["decision"]) == (granted["id"], granted["digest"])
    checks = ok(await officer.get(f"/v1/outlets/{outlet}/capability_checks"))["items"]
    assert checks[0] == granted
    assert granted["checked_at"] == to_json(kit.clock.now())


@pytest.mark.rule("ZON-10", side="refuse")
@pytest.mark.mechanism("M126")
async def test_an_outlet_without_zone_or_recorder_is_refused_on_record(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    assert unmet(await check(kit, outlet)) == ["zone", "recording"]
    zone = await ready_zone(head, officer, outlet)
    assert unmet(await check(kit, outlet)) == ["recording"]
    machine = Machine(kit)
    await machine.register(zone)
    await machine.beat()
    kit.clock.advance(timedelta(seconds=300, microseconds=1))
    assert unmet(await check(kit, outlet)) == ["recording"]
    await machine.beat()
    body = {"reason": "Sign missing"}
    officer = kit.client("compliance_officer", subject="officer-1")
    ok(await officer.post(f"/v1/zones/{zone['id']}/suspension", json=body, headers=etag(2)))
    assert unmet(await check(kit, outlet)) == ["zone", "recording"]
    assert await held(kit, outlet) == []
    assert await kit.facts(GRANTED) == []
    checks = ok(await officer.get(f"/v1/outlets/{outlet}/capability_checks"))["items"]
    assert [one["granted"] for one in checks] == [False] * 4


@pytest.mark.rule("ZON-10", side="pass")
async def test_a_rural_outlet_phases_the_recording_in_through_its_last_day(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    await ready_zone(head, officer, outlet)
    until = TODAY + timedelta(days=1)
    phased = {"policy_profile": "RURAL_PHASED", "profile_until": until.isoformat()}
    granted = ok(await check(kit, outlet, **phased))
    assert (granted["granted"], granted["valid_until"]) == (True, until.isoformat())
    (fact,) = await kit.facts(GRANTED)
    assert (fact.data["policy_profile"], fact.data["valid_until"]) == ("RURAL_PHASED", until.isoformat())
    kit.clock.advance(timedelta(days=1))
    assert ok(await check(kit, outlet, **phased))["granted"] is True
    assert await held(kit, outlet) == [("WEALTH_SALE", True, until.isoformat())]
    kit.clock.advance(timedelta(days=1))
    assert unmet(await check(kit, outlet, **phased)) == ["phase"]
    assert await held(kit, outlet) == [("WEALTH_SALE", False, until.isoformat())]


@pytest.mark.rule("ZON-10", side="refuse")
@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        ({"policy_profile": "RURAL_PHASED"}, ["phase"]),
        ({"policy_profile": "RURAL_PHASED", "profile_until": "2026-03-01"}, ["phase"]),
        ({"profile_until": "2027-03-01"}, ["recording"]),
    ],
)
async def test_only_a_running_phase_in_of_a_rural_outlet_counts(
    kit: ServiceKit, head: Caller, officer: Caller, given: Json, reasons: list[str]
) -> None:
    outlet = await open_outlet(kit)
    await ready_zone(head, officer, outlet)
    assert unmet(await check(kit, outlet, **given)) == reasons


@pytest.mark.rule("ZON-10", side="refuse")
async def test_the_phase_in_covers_the_recording_only(kit: ServiceKit) -> None:
    phased = {"policy_profile": "RURAL_PHASED", "profile_until": "2027-03-01"}
    assert unmet(await check(kit, await open_outlet(kit), **phased)) == ["zone"]


async def test_once_the_recording_is_there_the_end_of_the_phase_in_binds_nobody(
    kit: ServiceKit, head: Caller, officer: Caller
) -> None:
    outlet = await open_outlet(kit)
    zone = await ready_zone(head, officer, outlet)
    phased = {"policy_profile": "RURAL_PHASED", "profile_until": TODAY.isoformat()}
    ok(await check(kit, outlet, **phased))
    machine = Machine(kit)
    await machine.register(zone)
    await machine.beat()
    ok(await check(kit, outlet, **phased))
    kit.clock.advance(timedelta(days=1))
    assert await held(kit, outlet) == [("WEALTH_SALE", True, None)]


async def test_only_a_known_outlet_is_checked(kit: ServiceKit) -> None:
    assert refusal(await check(kit, UNKNOWN)) == (404, "OUTLET_UNKNOWN")
