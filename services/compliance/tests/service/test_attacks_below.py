"""Attacks on evidence from below: SQL as the service's own role, and root on the disk.

Each either fails, or removes nothing and is named: by the audit of retention, or by reading the store again.
"""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.ids import new_id
from compliance.recordings.queries import sealed_manifest
from services.compliance.tests.attacking import aim, files, intact, named, run
from services.compliance.tests.filming import folder_of
from services.compliance.tests.keeping import Keeper, last_instant
from services.compliance.tests.registers import Json, ok


@pytest.fixture
async def target(keeper: Keeper) -> Keeper:
    """What the attacks aim at."""
    return await aim(keeper)


# --- SQL, as the service's own role ------------------------------------------------------------------------

FIRST_COLUMN = text("""
SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND attidentity = ''
ORDER BY attnum LIMIT 1
""")
EVIDENCE = (
    "recording_segments", "recording_chunks", "recording_inspections", "recording_seals",
    "retention_sales", "retention_reports", "retention_dates", "holds", "hold_releases",
    "disposal_attempts", "disposal_certificates", "disposal_endings", "fact",
)  # fmt: skip


async def test_the_services_own_role_changes_and_deletes_no_evidence(target: Keeper) -> None:
    for table in EVIDENCE:
        async with target.kit.session() as session:
            column = await session.scalar(FIRST_COLUMN, {"name": table})
        for statement in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET {column} = {column}",
            f"TRUNCATE {table} CASCADE",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"CREATE RULE r AS ON INSERT TO {table} DO INSTEAD NOTHING",
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                await forge(target, statement)
    await intact(target)


async def test_of_the_head_the_role_changes_version_and_state_alone(target: Keeper) -> None:
    for statement in (
        "UPDATE recordings SET outlet_id = id",
        "UPDATE recordings SET started_at = '2020-01-01'",
        "DELETE FROM recordings",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            await forge(target, statement)


ATTEMPT = """
INSERT INTO disposal_attempts (id, recording_id, result, requested_by, decided_at, release, digest, decision)
VALUES (:id, :recording_id, :result, 'me', :decided_at, repeat('0', 64), repeat('0', 64), '{}')
"""
CERTIFICATE = """
INSERT INTO disposal_certificates
    (id, recording_id, result, retain_until, authorised_at, digest, certificate)
VALUES (:id, :recording_id, 'passed', '2026-03-01', :decided_at, repeat('0', 64), CAST(:certificate AS jsonb))
"""


def parameters(target: Keeper, **given: Any) -> dict[str, Any]:
    """The values that forged rows need; each statement takes those that it names."""
    known: dict[str, Any] = {
        "id": new_id(),
        "recording_id": UUID(target.recording_id),
        "sale_id": UUID(target.sales[0]),
        "result": "passed",
        "decided_at": target.kit.clock.now(),
    } | given
    certificate = {
        "format": "wangdian.disposal-certificate.v1",
        "certificate_id": str(known["id"]),
        "recording_id": target.recording_id,
        "authorised_at": known["decided_at"].isoformat(),
        "authorised_by": "me",
        "decision": "0" * 64,
        "release": "0" * 64,
        "rules": [],
        "retain_until": "2026-03-01",
        "manifest": "0" * 64,
        "objects": known.get("objects", []),
    }
    return known | {"certificate": json.dumps(certificate)}


async def forge(target: Keeper, *statements: str, **given: Any) -> None:
    """Runs the statements as the service's own role, in one transaction that commits."""
    values = parameters(target, **given)
    async with target.kit.session() as session:
        for statement in statements:
            clause = text(statement)
            names = clause.compile().params
            await session.execute(clause, {name: values[name] for name in names})


@pytest.mark.parametrize("result", ["refused", "held"])
async def test_no_certificate_stands_on_a_refusal(target: Keeper, result: str) -> None:
    with pytest.raises(IntegrityError):
        await forge(target, ATTEMPT, CERTIFICATE, result=result)
    with pytest.raises(IntegrityError):
        await forge(target, CERTIFICATE)


async def test_no_certificate_is_issued_on_the_last_day(target: Keeper) -> None:
    with pytest.raises(IntegrityError, match="retain_until"):
        await forge(target, ATTEMPT, CERTIFICATE, decided_at=last_instant(date(2026, 3, 1)))


INVENTED = [
    (
        "report_never_received report_without_fact",
        """INSERT INTO retention_reports (id, source, fact_id, sale_id, kind, claimed_on, reported_at)
        VALUES (:id, '/corebanking', 'x', :sale_id, 'FINAL_PAYOUT', '2020-01-01', :decided_at)""",
    ),
    (
        "report_without_fact",
        """INSERT INTO retention_reports (id, source, fact_id, sale_id, kind, claimed_on, reported_at)
        VALUES (:id, '/corebanking', 'x', :sale_id, 'FINAL_PAYOUT', '2026-03-03', '2026-03-03')""",
    ),
    (
        "release_without_fact release_without_settlement",
        """INSERT INTO hold_releases (hold_id, recording_version, resolved_on, released_at, released_by)
        SELECT id, 99, '2026-03-03', :decided_at, 'me' FROM holds WHERE source = 'COMPLAINT'""",
    ),
    (
        "release_without_fact",
        """INSERT INTO hold_releases (hold_id, recording_version, resolved_on, released_at, released_by)
        SELECT id, 99, '2026-03-03', :decided_at, 'me' FROM holds WHERE source = 'COURT'""",
    ),
    (
        "hold_without_fact",
        """INSERT INTO holds (id, recording_id, recording_version, source, matter_id, placed_at, placed_by)
        VALUES (:id, :recording_id, 99, 'AUDIT', 'x', :decided_at, 'me')""",
    ),
    (
        "date_without_fact",
        """INSERT INTO retention_dates (recording_id, recording_version, retain_until, rules, dated_at)
        VALUES (:recording_id, 99, '2020-01-01', '[]', :decided_at)""",
    ),
    ("decision_altered", ATTEMPT),
    ("state_without_disposal", "UPDATE recordings SET state = 'DISPOSED' WHERE id = :recording_id"),
    ("state_without_disposal", "UPDATE recordings SET state = 'DISPOSING' WHERE id = :recording_id"),
]


@pytest.mark.parametrize(("forgeries", "statement"), INVENTED)
async def test_what_the_role_could_invent_is_named(target: Keeper, forgeries: str, statement: str) -> None:
    assert await named(target.kit) == set()
    await forge(target, statement)
    assert await named(target.kit) == set(forgeries.split())
    result = await run(target, "retention", "audit")
    assert result.exit_code == 1
    assert forgeries.split()[-1] in result.output
    assert files(target) != []


@pytest.mark.parametrize("what", ["nothing", "a file elsewhere", "what is stored"])
async def test_an_invented_certificate_removes_nothing(target: Keeper, what: str) -> None:
    kit, stored = target.kit, files(target)
    victim = kit.data_dir / "victim"
    victim.write_bytes(b"!")
    objects: list[Json] = []
    if what == "a file elsewhere":
        objects = [{"sha256": "../../../../victim", "size": 1}]
    elif what == "what is stored":
        async with kit.session() as session:
            manifest = await sealed_manifest(session, UUID(target.recording_id))
        objects = [{"sha256": item.sha256, "size": item.size} for item in manifest.objects]
    state = "UPDATE recordings SET state = 'DISPOSING' WHERE id = :recording_id"
    await forge(target, ATTEMPT, CERTIFICATE, state, objects=objects)
    assert {"certificate_without_fact", "decision_altered"} <= await named(kit)
    await target.complete()
    assert files(target) == stored
    assert victim.exists()


# --- Root --------------------------------------------------------------------------------------------------


async def test_what_root_removes_is_named(target: Keeper) -> None:
    removed = next(folder_of(target.kit, target.recording_id).iterdir())
    removed.unlink()
    auditor = target.kit.client("auditor")
    found = ok(await auditor.get(f"/v1/recordings/{target.recording_id}/verification"))
    assert (found["intact"], found["damages"]) == (False, [{"name": removed.name, "flaw": "missing"}])
    result = await run(target, "recordings", "verify", "--all")
    assert result.exit_code == 1
    assert f"{removed.name} is missing" in result.output
