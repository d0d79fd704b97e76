"""Attacks on evidence before its day: API, command line, topics. SQL and root: ``test_attacks_below.py``.

Each either fails, or changes nothing, or is named: by the audit of retention.
"""

from collections.abc import Callable
from datetime import date

import pytest
from fastapi.routing import APIRoute

from chassis.cli import command_line
from chassis.ids import new_id
from chassis.inbox import Record
from compliance.access import ACTIONS, OFFICERS, Role
from compliance.service import service
from services.compliance.tests.attacking import MATTER, aim, intact, named, run
from services.compliance.tests.keeping import LAST_DAY, PAID_ON, Keeper, broken, last_instant
from services.compliance.tests.registers import Json, etag, ok


@pytest.fixture
async def target(keeper: Keeper) -> Keeper:
    """What the attacks aim at."""
    return await aim(keeper)


# --- API ---------------------------------------------------------------------------------------------------


def test_no_route_deletes_replaces_or_edits_evidence() -> None:
    routes = [
        (method, route.path)
        for capability in service.capabilities
        for router in capability.routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    ]
    evidence = ("/v1/recordings", "/v1/uploads", "/v1/holds", "/v1/disposals", "/v1/retention")
    routes = [(method, path) for method, path in routes if path.startswith(evidence)]
    assert {method for method, _ in routes} == {"GET", "HEAD", "OPTIONS", "POST", "PATCH"}
    # tus sends bytes by PATCH, to an upload that is no evidence yet.
    assert {path for method, path in routes if method == "PATCH"} == {"/v1/uploads/{upload_id}"}
    assert [path for method, path in routes if method == "POST" and "dispos" in path] == [
        "/v1/recordings/{recording_id}/disposal"
    ]
    assert ACTIONS["disposal.request"] == OFFICERS


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
async def test_the_api_knows_no_other_way(target: Keeper, method: str) -> None:
    before = await intact(target)
    everybody = target.kit.client(*Role)
    (hold, *_) = ok(await everybody.get(f"/v1/recordings/{target.recording_id}/holds"))["items"]
    paths = [
        *(
            f"/v1/recordings/{target.recording_id}{part}"
            for part in ("", "/manifest", "/retention", "/disposal")
        ),
        f"/v1/holds/{hold['id']}",
    ]
    for path in paths:
        response = await everybody.request(method, path, json={}, headers=etag(before["version"]))
        assert response.status_code == 405, path
    assert await intact(target) == before


@pytest.mark.parametrize(
    "body",
    [
        {"force": True},
        {"retain_until": "2020-01-01"},
        {"resolved_on": "2020-01-01", "clock_trusted": True},
    ],
)
async def test_nothing_in_a_request_argues_with_the_rules(target: Keeper, body: Json) -> None:
    before = await intact(target)
    officer = target.kit.client(*Role, subject="officer-1")
    path = f"/v1/recordings/{target.recording_id}/disposal"
    response = await officer.post(path, json=body, headers=etag(before["version"]))
    assert {code for _, code in broken(response)} == {"RETENTION_NOT_EXPIRED", "LEGAL_HOLD"}
    response = await officer.post(f"{path}?force=true", headers=etag(before["version"]))
    assert response.status_code == 422
    assert response.json()["code"] == "PAYLOAD_INVALID"
    assert await intact(target) == before


# --- Command line ------------------------------------------------------------------------------------------

COMMANDS = {
    "serve", "migrate", "settings",
    "parked list", "parked show", "parked release", "parked drop",
    "facts republish", "facts pause", "facts resume", "facts reread", "facts limits",
    "recordings verify",
    "retention status", "retention unmatched", "retention complete", "retention audit",
    "sales audit",
    # Adds rows and bytes, removes what it has stored itself where no row names it; the others only read.
    "legacy_sales import", "legacy_sales gaps", "legacy_sales verify",
    # Read only.
    "permits audit", "decisions replay", "rules print", "rules diff",
    # Opens incidents; adds what it has compared; seals personal fields anew under another key. No more.
    "conduct screen", "reconciliation run", "personal_data reseal", "profiles reseal",
}  # fmt: skip


def commands() -> set[str]:
    """Every command of the plumbing and of what keeps evidence."""
    app = command_line(service)
    found = {str(c.name or getattr(c.callback, "__name__", "")) for c in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        if group.name in {"sales", "rulebook"}:
            continue
        for command in group.typer_instance.registered_commands:
            name = command.name or getattr(command.callback, "__name__", "")
            found.add(f"{group.name} {str(name).rstrip('_')}")
    return {name.rstrip("_") for name in found}


def test_the_command_line_is_known_and_deletes_nothing_by_name() -> None:
    # A new command must be looked at here: may it touch evidence?
    assert commands() - COMMANDS == set()
    assert not [name for name in commands() if {"delete", "dispose", "purge", "erase"} & set(name.split())]


async def test_no_command_disposes_early(target: Keeper) -> None:
    before = await intact(target)
    for arguments, said in (
        (["retention", "complete"], "ended: 0"),
        (["retention", "status", target.recording_id], f"held by COURT {MATTER}"),
        (["retention", "unmatched"], "waiting: 0"),
        (["retention", "audit"], "suspicions: 0"),
        (["recordings", "verify", "--all"], "damages: 0"),
    ):
        result = await run(target, *arguments)
        assert result.exit_code == 0, result.output
        assert said in result.output
    for wrong in (["retention", "dispose"], ["retention", "complete", "--force"], ["recordings", "delete"]):
        assert (await run(target, *wrong)).exit_code == 2
    assert await intact(target) == before


# --- Topics ------------------------------------------------------------------------------------------------

Forged = Callable[[Keeper], Record]


def foreign(type_: str) -> Forged:
    """A fact of ours, of feedback's or of core banking's, sent by somebody else."""

    def forge(keeper: Keeper) -> Record:
        topic = "corebanking.contracts.v1"
        given = {"sale_id": keeper.sales[0], "recording_id": keeper.recording_id}
        return keeper.kit.record(topic, type_, keeper.sales[0], given, source="/somebody")

    return forge


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda keeper: keeper.paid_out(date(2020, 1, 1)), id="pay-out years ago"),
        pytest.param(lambda keeper: keeper.paid_out(PAID_ON), id="the same pay-out again"),
        pytest.param(lambda keeper: keeper.paid_out(date(2026, 3, 3)), id="an earlier pay-out, told late"),
        pytest.param(lambda keeper: keeper.paid_out(date(2030, 1, 1)), id="pay-out in the future"),
        pytest.param(lambda keeper: keeper.ended(date(2020, 1, 1)), id="contract ended before the sale"),
        pytest.param(
            lambda keeper: keeper.complained(str(new_id()), "settled", settled_at="2020-01-01T00:00:00Z"),
            id="settlement of an unknown complaint",
        ),
        pytest.param(
            lambda keeper: keeper.complained(str(new_id()), "withdrawn", withdrawn_on="2020-01-01"),
            id="withdrawal of an unknown complaint",
        ),
        pytest.param(
            lambda keeper: keeper.complained(MATTER, "settled", settled_at="2020-01-01T00:00:00Z"),
            id="settlement with the court's matter",
        ),
        pytest.param(foreign("compliance.recording.disposed.v1"), id="our own fact: disposed"),
        pytest.param(foreign("compliance.recording.hold_released.v1"), id="our own fact: released"),
        pytest.param(foreign("corebanking.contract.deleted.v1"), id="a type that nobody knows"),
    ],
)
async def test_no_fact_on_a_topic_shortens(target: Keeper, forge: Forged) -> None:
    before = await intact(target)
    await target.take(forge(target))
    after = await intact(target)
    assert after["retain_until"] is None
    assert after["open_holds"] == before["open_holds"] == 2
    assert after["floor"] >= before["floor"]
    await target.go_to(last_instant(LAST_DAY))
    assert ("REC-08", "LEGAL_HOLD") in broken(await target.dispose())
    assert await named(target.kit) == set()
