"""The two steps of a disposal, and what may come between them."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.evidence.store import EvidenceStore
from compliance.recordings.storage import evidence_store
from compliance.retention import queries
from compliance.retention.domain import AlreadyDisposed
from services.compliance.tests.filming import folder_of
from services.compliance.tests.keeping import COMPLAINTS, DAY_AFTER, Keeper, broken, noon
from services.compliance.tests.registers import Json, ok, refusal


@pytest.fixture
async def disposing(keeper: Keeper) -> Keeper:
    """A recording whose disposal is authorised; its bytes are still there."""
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))
    assert (await keeper.dispose()).status_code == 202
    return keeper


def files(keeper: Keeper) -> list[str]:
    return sorted(path.name for path in folder_of(keeper.kit, keeper.recording_id).iterdir())


async def attempts(keeper: Keeper) -> list[Json]:
    auditor = keeper.kit.client("auditor")
    page: Json = ok(await auditor.get(f"/v1/recordings/{keeper.recording_id}/disposals"))
    items: list[Json] = page["items"]
    return items


async def state(keeper: Keeper) -> tuple[str, str]:
    """What retention says, and what the recording says."""
    auditor = keeper.kit.client("auditor")
    recording = ok(await auditor.get(f"/v1/recordings/{keeper.recording_id}"))
    return (await keeper.read())["state"], recording["state"]


async def test_a_hold_before_the_first_byte_is_gone_wins(disposing: Keeper) -> None:
    before = files(disposing)
    await disposing.take(disposing.complained(str(new_id())))
    assert await disposing.complete()
    assert files(disposing) == before != []
    assert await state(disposing) == ("KEPT", "SEALED")
    (attempt,) = await attempts(disposing)
    assert attempt["ending"] == "WITHDRAWN"
    assert broken(await disposing.dispose()) == [("REC-08", "LEGAL_HOLD")]


async def test_a_pay_out_that_comes_in_between_wins_too(disposing: Keeper) -> None:
    disposing.kit.clock.instant += timedelta(days=1)
    await disposing.take(disposing.paid_out(DAY_AFTER))
    await disposing.go_to(disposing.kit.clock.now())
    assert await disposing.complete()
    assert await state(disposing) == ("KEPT", "SEALED")
    assert (await disposing.read())["retain_until"] == "2027-03-11"


async def test_what_died_after_the_last_byte_is_completed_and_a_late_hold_stays_visible(
    kit: ServiceKit, disposing: Keeper
) -> None:
    async with kit.session() as session:
        case = await queries.case(session, UUID(disposing.recording_id))
    assert case.certificate is not None
    evidence_store(kit.settings).delete(case.certificate)
    await disposing.take(disposing.complained(str(new_id())))
    assert await disposing.complete()
    assert await state(disposing) == ("DISPOSED", "DISPOSED")
    (attempt,) = await attempts(disposing)
    certificate = evidence_store(kit.settings).certificate(UUID(disposing.recording_id))
    assert certificate == case.certificate.bytes
    assert (attempt["ending"], attempt["certificate"]) == ("DISPOSED", case.certificate.digest)
    assert (await disposing.read())["open_holds"] == 1


async def test_a_disposal_half_done_is_completed(
    kit: ServiceKit, disposing: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def die(store: EvidenceStore, certificate: object) -> None:
        first = next(folder_of(kit, disposing.recording_id).iterdir())
        first.unlink()
        raise Died

    with monkeypatch.context() as dying:
        async with kit.session() as session:
            case = await queries.case(session, UUID(disposing.recording_id))
        assert case.certificate is not None
        store = evidence_store(kit.settings)
        dying.setattr(EvidenceStore, "delete", die)
        with pytest.raises(Died):
            await disposing.complete()
        assert store.certificate(UUID(disposing.recording_id)) is None
    assert await state(disposing) == ("DISPOSING", "DISPOSING")
    assert await disposing.complete()
    assert files(disposing) == []
    assert await state(disposing) == ("DISPOSED", "DISPOSED")


async def test_an_authorised_disposal_waits_for_the_register(kit: ServiceKit, disposing: Keeper) -> None:
    kit.clock.advance(timedelta(seconds=20))
    assert not await disposing.complete()
    assert files(disposing) != []
    assert await state(disposing) == ("DISPOSING", "DISPOSING")
    await kit.beat(COMPLAINTS)
    assert await disposing.complete()
    assert await state(disposing) == ("DISPOSED", "DISPOSED")


async def test_an_authorised_disposal_waits_for_the_clock(kit: ServiceKit, disposing: Keeper) -> None:
    kit.clock.instant = noon(date(2027, 1, 1))
    await kit.beat(COMPLAINTS)
    assert not await disposing.complete()
    assert files(disposing) != []


async def test_what_is_going_or_gone_proves_nothing_more_and_goes_once(disposing: Keeper) -> None:
    with pytest.raises(AlreadyDisposed):
        await disposing.sell()
    assert refusal(await disposing.dispose()) == (409, "RECORDING_DISPOSED")
    assert await disposing.complete()
    assert refusal(await disposing.dispose()) == (409, "RECORDING_DISPOSED")
    with pytest.raises(AlreadyDisposed):
        await disposing.sell()


async def test_a_hold_and_the_removal_exclude_each_other(disposing: Keeper) -> None:
    complaint = disposing.complained(str(new_id()))
    await asyncio.gather(disposing.complete(), disposing.take(complaint))
    await disposing.complete()
    kept, recording = await state(disposing)
    assert (kept, recording) in {("KEPT", "SEALED"), ("DISPOSED", "DISPOSED")}
    assert bool(files(disposing)) == (kept == "KEPT")
    (placed,) = await disposing.kit.facts("compliance.recording.hold_placed.v1")
    disposed = await disposing.kit.facts("compliance.recording.disposed.v1")
    assert all(fact.sequence < placed.sequence for fact in disposed)


async def test_a_version_is_disposed_of_once(keeper: Keeper) -> None:
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))
    version = (await keeper.read())["version"]
    assert refusal(await keeper.dispose(version=version - 1)) == (412, "VERSION_STALE")
    both = await asyncio.gather(keeper.dispose(version=version), keeper.dispose(version=version))
    assert sorted(response.status_code for response in both) == [202, 412]


async def test_only_an_officer_asks_and_only_oversight_looks(kit: ServiceKit, keeper: Keeper) -> None:
    for role in ("auditor", "seller", "outlet_head", "operator", "integration", "customer"):
        assert (await keeper.dispose(role, version=1)).status_code == 403
    for path in ("retention", "holds", "disposals"):
        response = await kit.client("seller").get(f"/v1/recordings/{keeper.recording_id}/{path}")
        assert response.status_code == 403
    elsewhere = kit.client("compliance_officer", outlets=(str(new_id()),))
    assert (await elsewhere.get(f"/v1/recordings/{keeper.recording_id}/retention")).status_code == 404
