"""What was inspected and never sealed: a job seals it to be kept (ABN-01), and it proves no sale."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from chassis.runtime import run_job
from chassis.service import Job
from chassis.testing import ServiceKit
from compliance.cases.queries import case
from compliance.conduct.screening import Screening
from compliance.recordings.abandoned import Sealing
from compliance.recordings.footage import footage_of
from compliance.recordings.storage import Staging
from compliance.sales.audit import suspicions
from compliance.sales.reading import hold_grounds, named_heads
from services.compliance.tests.attacking import files, named
from services.compliance.tests.filming import folder_of
from services.compliance.tests.footage import supplement
from services.compliance.tests.keeping import Keeper, broken, noon
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import Deal, filmed, make_ready, prepared
from services.compliance.tests.selling import broken as found
from services.compliance.tests.service.test_gate_attacks import DECISION, KEPT, SALE, UNPROVEN, forger

LIFETIME = timedelta(hours=48)
MOMENT = timedelta(microseconds=1)
UNRECORDED = ("REC-01", "RECORDING_MISSING")


pytestmark = pytest.mark.usefixtures("agreeing_clocks")


async def abandoned(kit: ServiceKit) -> Deal:
    """Everything for a sale is there, and its recording was inspected and left for 48 hours."""
    deal = await prepared(kit)
    await filmed(deal, sealed=False)
    kit.clock.instant = begun(deal.recording) + LIFETIME
    return deal


def begun(recording: Json | None) -> datetime:
    assert recording is not None
    return datetime.fromisoformat(recording["started_at"]).astimezone(UTC)


async def swept(kit: ServiceKit, rounds: Sealing | None = None) -> int:
    """One round of the job; how many recordings it looked at."""
    job = Job(name="seal_abandoned", seconds=600, run=(rounds or Sealing()).run)
    looked_at = 0
    while await run_job(kit.sessions, kit.clock, kit.settings, job):
        looked_at += 1
        assert looked_at < 10
    return looked_at


def unstored(deal: Deal) -> dict[Path, bytes]:
    """The evidence store loses what it has of the recording, which is answered."""
    assert deal.recording is not None
    folder = folder_of(deal.kit, deal.recording["id"])
    lost = {path: path.read_bytes() for path in folder.iterdir()}
    for path in lost:
        path.unlink()
    return lost


async def read(deal: Deal) -> Json:
    assert deal.recording is not None
    return ok(await deal.kit.client("auditor").get(f"/v1/recordings/{deal.recording['id']}"))


async def standing(deal: Deal, wanted: str) -> list[str]:
    """The recordings that the list shows as standing so."""
    auditor = deal.kit.client("auditor")
    items = ok(await auditor.get("/v1/recordings", params={"standing": wanted}))["items"]
    assert {one["standing"] for one in items} <= {wanted}
    return [one["id"] for one in items]


async def test_nothing_is_sealed_before_its_time_is_over(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    kit.clock.instant -= MOMENT
    assert await swept(kit) == 0
    assert (await read(deal))["state"] == "INSPECTED"
    kit.clock.advance(MOMENT)
    assert await swept(kit) == 1
    assert await swept(kit) == 0


async def test_it_is_sealed_with_its_bytes_and_told(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    assert await swept(kit)
    shown = await read(deal)
    late = await deal.seller.post(f"/v1/recordings/{shown['id']}/seal", headers=etag(shown["version"]))
    assert refusal(late) == (409, "RECORDING_EXPIRED")
    assert (shown["state"], shown["standing"]) == ("SEALED", "ABANDONED")
    assert await standing(deal, "ABANDONED") == [shown["id"]]
    assert await standing(deal, "SEALED") == []
    path = f"/v1/recordings/{shown['id']}"
    assert ok(await kit.client("auditor").get(f"{path}/verification"))["intact"] is True
    (fact,) = await kit.facts("compliance.recording.sealed.v1")
    assert (fact.key, fact.data["manifest"]) == (shown["id"], shown["manifest"])


async def test_it_proves_no_sale_before_and_after(kit: ServiceKit) -> None:
    """What two days have made of the other evidence is the same with a recording that was sealed in time."""
    deal = await abandoned(kit)
    before = found(await deal.sell())
    assert UNRECORDED in before
    assert await swept(kit)
    kit.clock.advance(timedelta(seconds=1))
    assert found(await deal.sell()) == before


async def test_a_recording_sealed_in_time_stays_a_proof(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    kit.clock.instant = begun(deal.recording) + 2 * LIFETIME
    assert await swept(kit) == 0
    assert (await read(deal))["standing"] == "SEALED"
    assert UNRECORDED not in found(await deal.sell())


async def test_a_part_that_was_sealed_as_abandoned_is_no_part(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    main = deal.recording
    assert main is not None
    part = await supplement(deal, "RISK_DISCLOSURE", sealed=False)
    kit.clock.instant = begun(part) + LIFETIME
    assert await swept(kit)
    async with kit.session() as session:
        bought = await case(session, UUID(part["case_id"]))
        named = await named_heads(session, [(bought, UUID(main["id"]))])
        (grounds,) = await hold_grounds(session, kit.clock, named, share=True)
        assert grounds.recording is not None
        footage = footage_of(bought, grounds.recording, grounds.found)
    assert [str(one.recording_id) for one in footage.takes] == [main["id"]]


async def test_what_an_interrupted_inspection_left_behind_is_stored_first(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    unstored(deal)
    assert await swept(kit)
    path = f"/v1/recordings/{(await read(deal))['id']}/verification"
    assert ok(await kit.client("auditor").get(path))["intact"]


async def test_bytes_that_are_gone_are_not_sealed_and_keep_no_other_waiting(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    lost, bytes_of_it = deal.recording, unstored(deal)
    for upload_id, _ in Staging(kit.settings).uploads():
        Staging(kit.settings).clear(upload_id)
    await deal.record(sealed=False)
    kit.clock.instant = begun(deal.recording) + LIFETIME
    rounds = Sealing()
    assert await swept(kit, rounds) == 2
    assert (await read(deal))["state"] == "SEALED"
    deal.recording = lost
    assert (await read(deal))["state"] == "INSPECTED"
    # They come back out of a backup: the next round seals it.
    for path, content in bytes_of_it.items():
        path.write_bytes(content)
    assert await swept(kit, rounds) == 1
    assert (await read(deal))["state"] == "SEALED"


async def test_it_goes_after_its_last_day_with_a_certificate(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    assert await swept(kit)
    assert deal.recording is not None
    assert deal.case is not None
    keeper = Keeper(kit, deal.recording["id"])
    path = f"/v1/cases/{deal.case['id']}"
    version = ok(await kit.client("auditor").get(path))["version"]
    ok(await deal.seller.post(f"{path}/abandonment", json={"reason": "NOT_SUITABLE"}, headers=etag(version)))
    ended = kit.clock.now() + timedelta(hours=8)
    last_day = ended.date().replace(year=ended.year + 1)
    await keeper.go_to(noon(last_day))
    assert broken(await keeper.dispose()) == [("ABN-01", "RETENTION_NOT_EXPIRED")]
    await keeper.go_to(noon(last_day + timedelta(days=1)))
    assert (await keeper.dispose()).status_code == 202
    assert await keeper.complete()
    assert files(keeper) == []
    assert await named(kit) == set()


async def test_a_sale_that_rests_on_it_is_named(kit: ServiceKit) -> None:
    """As if it had been sealed in time: whoever owns the database moved its beginning back."""
    deal = await make_ready(kit)
    ok(await deal.sell())
    change = b"UPDATE recordings SET started_at = started_at - interval '48 hours'"
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute(change)
    async with kit.session() as session:
        assert "sale_without_seal" in {one.forgery.value for one in await suspicions(session)}


async def test_a_sale_with_a_part_that_was_abandoned_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    assert deal.recording is not None
    part = await supplement(deal, "RISK_DISCLOSURE", "CONFIRMATION", "FEEDBACK")
    ok(await deal.sell())
    async with kit.session() as session:
        assert await suspicions(session) == []
    change = "UPDATE recordings SET started_at = started_at - interval '48 hours' WHERE id = %s"
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute(change.encode(), [part["id"]])
    async with kit.session() as session:
        assert {one.forgery.value for one in await suspicions(session)} == {"sale_without_seal"}


async def test_the_database_takes_no_sale_on_it(kit: ServiceKit) -> None:
    """Whatever an older service beside this one takes for sealed."""
    deal = await make_ready(kit)
    forged = await forger(deal)
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute(b"UPDATE recordings SET started_at = started_at - interval '48 hours'")
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE)


async def test_nobody_is_suspected_for_what_a_job_has_sealed(kit: ServiceKit) -> None:
    await abandoned(kit)
    await swept(kit)
    kit.clock.advance(timedelta(days=20))
    screening = Screening()
    job = Job(name="screen", seconds=600, run=screening.run)
    while await run_job(kit.sessions, kit.clock, kit.settings, job):
        pass
    assert ok(await kit.client("compliance_officer").get("/v1/incidents"))["items"] == []
