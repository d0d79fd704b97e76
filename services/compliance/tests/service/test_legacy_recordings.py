"""Bytes of old recordings: taken where they have their digest, kept by the clocks, never left over."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import run_job
from chassis.testing import Caller, ServiceKit
from compliance.evidence.store import EvidenceStore
from compliance.legacy_sales import commands
from compliance.recordings.storage import evidence_store
from compliance.retention.disposals import completion
from services.compliance.tests.keeping import Keeper, broken, noon
from services.compliance.tests.migrating import OLD, command, csv_of, gaps, kept, old_sale, recorded
from services.compliance.tests.registers import etag, ok, open_outlet, refusal

PATH = "/v1/legacy_batches"


def fresh(kit: ServiceKit) -> Caller:
    """An officer with a token of now."""
    return kit.client("compliance_officer", subject="officer-1")


@pytest.fixture
def store(kit: ServiceKit) -> EvidenceStore:
    return evidence_store(kit.settings)


async def test_bytes_that_come_along_are_stored_and_disposed_of_when_they_may(
    kit: ServiceKit, keeper: Keeper, store: EvidenceStore, officer: Caller, tmp_path: Path
) -> None:
    outlet_id = await open_outlet(kit, "SH-0002")
    rows = [
        old_sale(outlet_id, **recorded(recording_file="a.avi"), final_payout_on="2024-11-06"),
        old_sale(outlet_id, **recorded(b"something else", recording_file="b.avi")),
        old_sale(outlet_id, **recorded(recording_file="gone.avi")),
    ]
    for name in ("a.avi", "b.avi"):
        (tmp_path / name).write_bytes(OLD)
    file = tmp_path / "old.csv"
    file.write_bytes(csv_of(*rows))
    words = ("legacy_sales", "import", file, "--recordings", tmp_path, "--by", "officer-7")
    done = await command(kit, *words)
    assert done.exit_code == 0, done.output
    assert "sales: 3, recordings: 3" in done.output
    batch = ok(await officer.get(PATH))["items"][0]
    assert batch["imported_by"] == "officer-7"
    found = [
        (row, kind) for row, kind in await gaps(officer, batch) if "RECORDING" in kind or "DIGEST" in kind
    ]
    assert found == [(2, "DIGEST_MISMATCH"), (3, "RECORDING_NOT_GIVEN")]
    recordings = [row["recording_id"] for row in rows]
    assert [list(store.holds(UUID(one))) for one in recordings] == [[rows[0]["recording_sha256"]], [], []]
    again = await command(kit, *words)
    assert (again.exit_code, "imported already" in again.output) == (0, True)
    assert (await command(kit, "legacy_sales", "verify")).output.endswith("verified: 1, damages: 0\n")
    told = await command(kit, "legacy_sales", "gaps", batch["id"])
    assert f"row 2, sale {rows[1]['sale_id']}: DIGEST_MISMATCH" in told.output
    assert f"gaps: {batch['gaps']}" in told.output
    # Kept through the last day, then gone by certificate; what is not here is not disposed of.
    last_day = date.fromisoformat((await kept(kit, recordings[0]))["retain_until"])
    await keeper.go_to(noon(last_day))
    path = f"/v1/recordings/{recordings[0]}"
    version = etag((await kept(kit, recordings[0]))["version"])
    assert broken(await fresh(kit).post(f"{path}/disposal", headers=version)) == [
        ("REC-07", "RETENTION_NOT_EXPIRED")
    ]
    await keeper.go_to(noon(last_day + timedelta(days=1)))
    absent = f"/v1/recordings/{recordings[2]}/disposal"
    assert refusal(await fresh(kit).post(absent, headers=etag(1))) == (409, "LEGACY_RECORDING_NOT_STORED")
    assert (await fresh(kit).post(f"{path}/disposal", headers=version)).status_code == 202
    assert await run_job(kit.sessions, kit.clock, kit.settings, completion)
    assert store.holds(UUID(recordings[0])) == ()
    sale = ok(await fresh(kit).get(f"/v1/legacy_sales/{rows[0]['sale_id']}"))
    assert sale["recording"]["state"] == "DISPOSED"
    assert (await kept(kit, recordings[0]))["state"] == "DISPOSED"


async def test_a_list_that_is_refused_leaves_no_bytes(
    kit: ServiceKit, store: EvidenceStore, tmp_path: Path
) -> None:
    outlet_id = await open_outlet(kit)
    good = old_sale(outlet_id, **recorded(recording_file="a.avi"))
    (tmp_path / "a.avi").write_bytes(OLD)
    file = tmp_path / "old.csv"
    file.write_bytes(csv_of(good, old_sale(outlet_id, amount_minor=-1)))
    words = ("legacy_sales", "import", file, "--recordings", tmp_path, "--by", "officer-7")
    done = await command(kit, *words)
    assert done.exit_code == 1
    assert "GREATER_THAN: Row 2, amount_minor" in done.output
    assert store.holds(UUID(good["recording_id"])) == ()
    assert (await command(kit, *words[:2], tmp_path / "a.avi", "--by", "x")).exit_code == 2


@pytest.mark.parametrize("committed", [False, True])
async def test_an_import_that_fails_removes_what_no_row_names(
    kit: ServiceKit,
    store: EvidenceStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    committed: bool,
) -> None:
    row = old_sale(await open_outlet(kit), **recorded(recording_file="a.avi"))
    (tmp_path / "a.avi").write_bytes(OLD)
    file = tmp_path / "old.csv"
    file.write_bytes(csv_of(row))
    work = commands.import_batch

    async def broken_off(session: AsyncSession, *given: Any, **named: Any) -> Any:
        assert store.holds(UUID(row["recording_id"])) != ()
        if committed:
            await work(session, *given, **named)
            await session.commit()
        raise ConnectionResetError("the answer was lost")

    words = ("legacy_sales", "import", file, "--recordings", tmp_path, "--by", "officer-7")
    with monkeypatch.context() as patch:
        patch.setattr(commands, "import_batch", broken_off)
        assert (await command(kit, *words)).exit_code == 1
    assert (store.holds(UUID(row["recording_id"])) != ()) is committed
    again = await command(kit, *words)
    assert (again.exit_code, "imported already" in again.output) == (0, committed)
    assert (await command(kit, "legacy_sales", "verify")).output.endswith("verified: 1, damages: 0\n")


async def test_an_old_recording_that_was_altered_is_named(
    kit: ServiceKit, store: EvidenceStore, tmp_path: Path
) -> None:
    row = old_sale(await open_outlet(kit), **recorded(recording_file="a.avi"))
    (tmp_path / "a.avi").write_bytes(OLD)
    file = tmp_path / "old.json"
    file.write_text('{"sales": [' + httpx.Request("POST", "http://x", json=row).content.decode() + "]}")
    done = await command(kit, "legacy_sales", "import", file, "--recordings", tmp_path, "--by", "officer-7")
    assert done.exit_code == 0, done.output
    (stored,) = kit.data_dir.glob(f"evidence/objects/*/{row['recording_id']}/*")
    stored.chmod(0o644)
    stored.write_bytes(b"another one")
    checked = await command(kit, "legacy_sales", "verify")
    assert checked.exit_code == 1
    assert f"{row['recording_id']}: {row['recording_sha256']} is altered" in checked.output
