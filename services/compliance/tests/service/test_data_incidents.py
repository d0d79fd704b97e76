"""PRI-07 through the routes: the clock of a data incident's report, to the instant."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.events import to_json
from chassis.runtime import run_job
from chassis.testing import ServiceKit
from compliance.data_incidents.commands import watch
from services.compliance.tests.consenting import officer_of
from services.compliance.tests.registers import Json, etag, ok, refusal

MOMENT = timedelta(microseconds=1)
DUE = timedelta(hours=72)


async def discover(kit: ServiceKit, **given: Any) -> Json:
    """An incident that was discovered an hour ago."""
    body = {
        "reference": "DI-2026-1",
        "kinds": ["PHONE", "NAME"],
        "discovered_at": to_json(kit.clock.now() - timedelta(hours=1)),
        "harm_possible": True,
    }
    return ok(await officer_of(kit).post("/v1/data_incidents", json=body | given), 1)


async def take(kit: ServiceKit, incident: Json, kind: str, version: int) -> httpx.Response:
    """The officer records a step."""
    path = f"/v1/data_incidents/{incident['id']}/steps"
    body = {"kind": kind, "reference": "letter-7"}
    return await officer_of(kit).post(path, json=body, headers=etag(version))


async def look(kit: ServiceKit, incident: Json) -> Json:
    """The incident after a round of the job, as the auditor sees it."""
    await run_job(kit.sessions, kit.clock, kit.settings, watch)
    return ok(await kit.client("auditor").get(f"/v1/data_incidents/{incident['id']}"))


def discovered(incident: Json) -> datetime:
    """When it was discovered."""
    return datetime.fromisoformat(incident["discovered_at"])


@pytest.mark.rule("PRI-07", side="refuse")
async def test_a_report_that_is_not_there_after_72_hours_is_flagged_for_good(kit: ServiceKit) -> None:
    incident = await discover(kit)
    kit.clock.instant = discovered(incident) + DUE
    assert (await look(kit, incident))["violations"] == []
    kit.clock.instant = discovered(incident) + DUE + MOMENT
    flagged = await look(kit, incident)
    (one,) = flagged["violations"]
    assert (one["rule"], one["code"]) == ("PRI-07", "BREACH_REPORT_LATE")
    assert "72" in one["messages"]["zh-CN"]
    assert one["citation"].startswith("《")
    late = ok(await take(kit, incident, "AUTHORITY_TOLD", 1), 2)
    assert late["violations"] == flagged["violations"]
    assert late["flagged_at"] == flagged["flagged_at"]
    listed = ok(await officer_of(kit).get("/v1/data_incidents", params={"late": "true"}))["items"]
    assert [item["id"] for item in listed] == [incident["id"]]


@pytest.mark.rule("PRI-07", side="refuse")
async def test_a_late_report_flags_by_itself(kit: ServiceKit) -> None:
    incident = await discover(kit)
    kit.clock.instant = discovered(incident) + DUE + MOMENT
    late = ok(await take(kit, incident, "AUTHORITY_TOLD", 1), 2)
    assert [one["code"] for one in late["violations"]] == ["BREACH_REPORT_LATE"]


@pytest.mark.rule("PRI-07", side="pass")
async def test_a_report_at_the_last_instant_is_in_time(kit: ServiceKit) -> None:
    incident = await discover(kit)
    assert datetime.fromisoformat(incident["report_due_at"]) == discovered(incident) + DUE
    kit.clock.instant = discovered(incident) + DUE
    told = ok(await take(kit, incident, "AUTHORITY_TOLD", 1), 2)
    assert told["violations"] == []
    kit.clock.instant += timedelta(days=30)
    later = await look(kit, incident)
    assert (later["violations"], later["flagged_at"]) == ([], None)
    assert ok(await officer_of(kit).get("/v1/data_incidents", params={"late": "true"}))["items"] == []


@pytest.mark.rule("PRI-07", side="refuse")
async def test_harm_that_is_found_later_counts_from_the_discovery(kit: ServiceKit) -> None:
    incident = await discover(kit, harm_possible=False)
    assert incident["report_due_at"] is None
    kit.clock.instant = discovered(incident) + timedelta(days=10)
    assert (await look(kit, incident))["violations"] == []
    found = ok(await take(kit, incident, "HARM_FOUND", 1), 2)
    assert [one["code"] for one in found["violations"]] == ["BREACH_REPORT_LATE"]
    old = await discover(kit, discovered_at=to_json(kit.clock.now() - DUE - MOMENT))
    assert [one["code"] for one in old["violations"]] == ["BREACH_REPORT_LATE"]


async def test_an_incident_is_closed_when_everything_was_done(kit: ServiceKit) -> None:
    incident = await discover(kit)
    assert refusal(await take(kit, incident, "CLOSED", 1)) == (409, "DATA_INCIDENT_DUTIES_OPEN")
    for version, kind in enumerate(("REMEDIED", "AUTHORITY_TOLD"), start=1):
        ok(await take(kit, incident, kind, version), version + 1)
    early = await take(kit, incident, "CLOSED", 3)
    assert "PEOPLE_TOLD" in early.json()["messages"]["en"]
    assert refusal(await take(kit, incident, "REMEDIED", 3)) == (409, "DATA_INCIDENT_STEP_TAKEN")
    assert refusal(await take(kit, incident, "HARM_FOUND", 3)) == (409, "DATA_INCIDENT_STEP_TAKEN")
    ok(await take(kit, incident, "PEOPLE_TOLD", 3), 4)
    closed = ok(await take(kit, incident, "CLOSED", 4), 5)
    assert [step["kind"] for step in closed["steps"]] == [
        "REMEDIED",
        "AUTHORITY_TOLD",
        "PEOPLE_TOLD",
        "CLOSED",
    ]
    assert refusal(await take(kit, incident, "PEOPLE_TOLD", 5)) == (409, "DATA_INCIDENT_CLOSED")
    harmless = await discover(kit, harm_possible=False)
    ok(await take(kit, harmless, "REMEDIED", 1), 2)
    ok(await take(kit, harmless, "CLOSED", 2), 3)


async def test_nobody_discovers_in_the_future(kit: ServiceKit) -> None:
    body = {
        "reference": "DI-2026-1",
        "kinds": ["PHONE"],
        "discovered_at": to_json(kit.clock.now() + MOMENT),
        "harm_possible": True,
    }
    refused = await officer_of(kit).post("/v1/data_incidents", json=body)
    assert refusal(refused) == (422, "DATA_INCIDENT_IN_FUTURE")
