"""What was inspected and never sealed: a job seals it to be kept (ABN-01), and it proves no sale."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import run_job
from chassis.testing import ServiceKit
from compliance.cases.queries import case
from compliance.recordings.abandoned import sealing
from compliance.recordings.footage import footage_of
from compliance.recordings.storage import Staging
from compliance.retention import clocks
from compliance.sales.audit import suspicions
from services.compliance.tests.attacking import files, named
from services.compliance.tests.filming import folder_of
from services.compliance.tests.footage import supplement
from services.compliance.tests.keeping import Keeper, broken, noon
from services.compliance.tests.registers import Json, etag, ok
from services.compliance.tests.selling import Deal, filmed, make_ready, prepared
from services.compliance.tests.selling import broken as found

LIFETIME = timedelta(hours=48)
MOMENT = timedelta(microseconds=1)
UNPROVEN = ("REC-01", "RECORDING_MISSING")


@pytest.fixture(autouse=True)
def agreeing_clocks(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank whose database agrees with its clock."""

    async def database_clock(session: AsyncSession) -> datetime:
        return kit.clock.now()

    monkeypatch.setattr(clocks, "database_clock", database_clock)


async def abandoned(kit: ServiceKit) -> Deal:
    """Everything for a sale is there, and its recording was inspected and left for 48 hours."""
    deal = await prepared(kit)
    await filmed(deal, sealed=False)
    kit.clock.instant = begun(deal.recording) + LIFETIME
    return deal


def begun(recording: Json | None) -> datetime:
    assert recording is not None
    return datetime.fromisoformat(recording["started_at"]).astimezone(UTC)


async def swept(kit: ServiceKit) -> bool:
    """The job runs once; whether it sealed something."""
    return await run_job(kit.sessions, kit.clock, kit.settings, sealing)


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
    assert await swept(kit) is False
    assert (await read(deal))["state"] == "INSPECTED"
    kit.clock.advance(MOMENT)
    assert await swept(kit) is True
    assert await swept(kit) is False


async def test_it_is_sealed_with_its_bytes_and_told(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    assert await swept(kit)
    shown = await read(deal)
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
    assert UNPROVEN in before
    assert await swept(kit)
    kit.clock.advance(timedelta(seconds=1))
    assert found(await deal.sell()) == before


async def test_a_recording_sealed_in_time_stays_a_proof(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    kit.clock.instant = begun(deal.recording) + 2 * LIFETIME
    assert await swept(kit) is False
    assert (await read(deal))["standing"] == "SEALED"
    assert UNPROVEN not in found(await deal.sell())


async def test_a_part_that_was_sealed_as_abandoned_is_no_part(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    main = deal.recording
    assert main is not None
    part = await supplement(deal, "RISK_DISCLOSURE", sealed=False)
    kit.clock.instant = begun(part) + LIFETIME
    assert await swept(kit)
    async with kit.session() as session:
        bought = await case(session, UUID(part["case_id"]))
        footage = await footage_of(session, bought, UUID(main["id"]), share=True)
    assert footage is not None
    assert [str(one.recording_id) for one in footage.takes] == [main["id"]]


async def test_what_an_interrupted_inspection_left_behind_is_stored_first(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    assert deal.recording is not None
    keeper = Keeper(kit, deal.recording["id"])
    for name in files(keeper):
        (folder_of(kit, keeper.recording_id) / name).unlink()
    assert await swept(kit)
    assert ok(await kit.client("auditor").get(f"/v1/recordings/{keeper.recording_id}/verification"))["intact"]


async def test_bytes_that_are_gone_are_not_sealed_and_keep_no_other_waiting(kit: ServiceKit) -> None:
    deal = await abandoned(kit)
    assert deal.recording is not None
    lost = Keeper(kit, deal.recording["id"])
    for name in files(lost):
        (folder_of(kit, lost.recording_id) / name).unlink()
    for upload_id, _ in Staging(kit.settings).uploads():
        Staging(kit.settings).clear(upload_id)
    await deal.record(sealed=False)
    kit.clock.instant = begun(deal.recording) + LIFETIME
    assert await swept(kit) is True
    assert await swept(kit) is False
    assert (await read(deal))["state"] == "SEALED"
    deal.recording = {"id": lost.recording_id}
    assert (await read(deal))["state"] == "INSPECTED"


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
