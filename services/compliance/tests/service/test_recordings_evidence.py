"""Sealed evidence under attack: the service's own role cannot change it (D1), root's hand is seen."""

import asyncio
import hashlib
import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from chassis.reads import Reads
from chassis.testing import Caller, ServiceKit
from compliance.recordings.cli import app
from compliance.recordings.patrol import VERIFIED, Patrol
from compliance.recordings.queries import SHOWN, shown
from compliance.recordings.queries import recording as recording_of
from compliance.recordings.sweeping import sweep_uploads
from services.compliance.tests.filming import begin, create, folder_of, open_case, ready, seal, sealed, send
from services.compliance.tests.registers import Json, ok


@pytest.fixture
async def recording(kit: ServiceKit, seller: Caller, customer: Caller) -> Json:
    """A sealed recording."""
    return await sealed(kit, seller, await open_case(kit, seller, customer))


async def damages(officer: Caller, recording: Json) -> list[tuple[str, str]]:
    """What a verification finds: name and flaw."""
    found = ok(await officer.get(f"/v1/recordings/{recording['id']}/verification"))
    assert found["manifest"] == recording["manifest"]
    assert found["intact"] is not bool(found["damages"])
    return [(damage["name"], damage["flaw"]) for damage in found["damages"]]


def chunks(kit: ServiceKit, recording: Json) -> list[Path]:
    """The stored objects but for the manifest."""
    files = folder_of(kit, recording["id"]).iterdir()
    return sorted(file for file in files if file.name != recording["manifest"])


async def test_what_was_sealed_is_intact(kit: ServiceKit, officer: Caller, recording: Json) -> None:
    assert await damages(officer, recording) == []
    for file in (*chunks(kit, recording), folder_of(kit, recording["id"]) / recording["manifest"]):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name
        assert file.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recording_seals SET digest = repeat('0', 64)",
        "UPDATE recording_seals SET manifest_bytes = ''",
        "DELETE FROM recording_seals",
        "UPDATE recording_chunks SET sha256 = repeat('0', 64)",
        "DELETE FROM recording_chunks",
        "UPDATE recording_segments SET kind = 'PITCH'",
        "DELETE FROM recording_segments",
        "UPDATE recording_inspections SET sha256 = repeat('0', 64)",
        "DELETE FROM recording_inspections",
        "UPDATE recordings SET customer_id = session_id",
        "UPDATE recordings SET started_at = started_at - interval '1 day'",
        "DELETE FROM recordings",
        "UPDATE recording_uploads SET recording_id = id",
        "UPDATE recording_uploads SET length = 1",
        "DELETE FROM recording_uploads",
        "TRUNCATE recording_seals",
        "DROP TABLE recording_seals",
        "ALTER TABLE recording_seals ADD COLUMN x integer",
    ],
)
async def test_the_services_own_role_cannot_change_evidence(
    kit: ServiceKit, recording: Json, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with kit.session() as session:
            await session.execute(text(statement))


async def test_a_segment_slipped_in_later_is_not_part_of_the_seal(
    kit: ServiceKit, officer: Caller, recording: Json
) -> None:
    """What the role could insert itself changes nothing on which the gate rests: it reads the manifest."""
    slipped = text("INSERT INTO recording_segments VALUES (:id, 99, 'FEEDBACK', 0, 1, 'nobody', now())")
    async with kit.session() as session:
        await session.execute(slipped, {"id": recording["id"]})
        head = await recording_of(session, UUID(recording["id"]))
        facts = shown(await Reads(*SHOWN).read(session, recording_ids=[head.id], part_ids=[]), head)
    assert len(facts.segments) == 5
    assert facts.manifest == recording["manifest"]
    assert (facts.has_picture, facts.has_sound) == (True, True)


@pytest.mark.rule("REC-10", side="refuse")
async def test_a_file_removed_by_root_is_named(kit: ServiceKit, officer: Caller, recording: Json) -> None:
    gone = chunks(kit, recording)[0]
    gone.unlink()
    assert await damages(officer, recording) == [(gone.name, "missing")]
    # Looking changes nothing.
    assert ok(await officer.get(f"/v1/recordings/{recording['id']}"))["state"] == "SEALED"


@pytest.mark.rule("REC-10", side="refuse")
async def test_a_flipped_bit_is_named(kit: ServiceKit, officer: Caller, recording: Json) -> None:
    altered = chunks(kit, recording)[1]
    content = bytearray(altered.read_bytes())
    content[len(content) // 2] ^= 1
    times = altered.stat()
    altered.chmod(0o600)
    altered.write_bytes(content)
    altered.chmod(0o444)
    os.utime(altered, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert await damages(officer, recording) == [(altered.name, "altered")]


async def test_a_manifest_removed_or_a_stranger_added_is_named(
    kit: ServiceKit, officer: Caller, recording: Json
) -> None:
    folder = folder_of(kit, recording["id"])
    (folder / recording["manifest"]).unlink()
    (folder / "holiday.mp4").write_bytes(b"x")
    assert await damages(officer, recording) == [
        (recording["manifest"], "missing"),
        ("holiday.mp4", "unexpected"),
    ]


async def test_the_command_line_finds_it_too(
    kit: ServiceKit,
    seller: Caller,
    recording: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = await sealed(kit, seller, await open_case(kit, seller))
    settings = kit.settings
    for name in ("database_url", "kafka_bootstrap_servers", "issuer", "jwks_url", "data_dir"):
        monkeypatch.setenv(f"WANGDIAN_{name.upper()}", str(getattr(settings, name)))

    async def run(*arguments: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, app, ["verify", *arguments])
        return result.exit_code, result.stdout

    assert await run("--all") == (0, "verified: 2, damages: 0\n")
    gone = chunks(kit, recording)[0]
    gone.unlink()
    code, output = await run("--all")
    assert code == 1
    assert output == f"{recording['id']}: {gone.name} is missing\nverified: 2, damages: 1\n"
    assert (await run(recording["id"]))[0] == 1
    assert await run(other["id"]) == (0, "verified: 1, damages: 0\n")
    assert (await run())[0] == 2


async def test_the_round_finds_damage_by_itself(kit: ServiceKit, recording: Json) -> None:
    patrol = Patrol()

    async def counted() -> tuple[float, float]:
        async with kit.session() as session:
            assert await patrol.run(session, kit.clock, kit.settings) is False
        return VERIFIED.labels("intact")._value.get(), VERIFIED.labels("damaged")._value.get()

    intact, damaged = await counted()
    # The page behind the last recording is empty: the round begins anew.
    assert await counted() == (intact, damaged)
    chunks(kit, recording)[0].unlink()
    assert await counted() == (intact, damaged + 1)


async def test_bytes_that_nobody_waits_for_are_swept_away(
    kit: ServiceKit, seller: Caller, recording: Json
) -> None:
    case = await open_case(kit, seller)
    waiting, replaced = await begin(seller, case), await begin(seller, case)
    inspected = await ready(kit, seller, case)
    paths = [await create(seller, item["id"], 10) for item in (waiting, replaced)]
    for path in paths:
        await send(seller, path, 0, b"0123")
    await create(seller, replaced["id"], 10)
    folders = {path.name: path for path in (kit.data_dir / "uploads").iterdir()}
    needed = {paths[0].rsplit("/", 1)[-1], inspected["upload"]["id"]}
    unneeded = {paths[1].rsplit("/", 1)[-1], recording["upload"]["id"]}
    assert needed | unneeded <= folders.keys()
    for folder in folders.values():
        os.utime(folder, (0, 0))
    (kit.data_dir / "uploads" / recording["upload"]["id"] / "late").write_bytes(b"at work")

    async def swept() -> set[str]:
        # A pass is bounded, and other tests left folders too: as the job does, until there is no more.
        more = True
        while more:
            async with kit.session() as session:
                more = await sweep_uploads(session, kit.clock, kit.settings)
        return {path.name for path in (kit.data_dir / "uploads").iterdir()} & (needed | unneeded)

    assert await swept() == needed | {recording["upload"]["id"]}
    os.utime(folders[recording["upload"]["id"]], (0, 0))
    assert await swept() == needed
    ok(await seal(seller, inspected))
    kit.clock.advance(timedelta(hours=49))
    assert await swept() == set()
