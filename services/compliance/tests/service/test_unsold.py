"""ABN-01 through REST: what proves no sale is kept with its visit, then disposed of as anything else."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.runtime import run_job
from chassis.testing import ServiceKit
from compliance.cases.expiry import expiry
from services.compliance.tests.attacking import files, named
from services.compliance.tests.footage import supplement
from services.compliance.tests.keeping import Keeper, broken, keep, noon
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import Deal, make_ready
from services.compliance.tests.selling import broken as broken_by_sale

#: Deals are made on 2026-03-02 and given up on that day.
LAST_DAY = date(2027, 3, 2)
DAY_AFTER = LAST_DAY + timedelta(days=1)
KEPT = [("ABN-01", "RETENTION_NOT_EXPIRED")]


pytestmark = pytest.mark.usefixtures("agreeing_clocks")


def keeper_of(deal: Deal) -> Keeper:
    assert deal.recording is not None
    return Keeper(deal.kit, deal.recording["id"])


async def give_up(deal: Deal, case: Json | None = None) -> None:
    """The seller gives a case up, the deal's own unless another is given."""
    path = f"/v1/cases/{(case or deal.case or {})['id']}"
    version = etag(ok(await deal.seller.get(path))["version"])
    ok(await deal.seller.post(f"{path}/abandonment", json={"reason": "NOT_SUITABLE"}, headers=version))


async def asked(keeper: Keeper, day: date) -> list[tuple[str, str]]:
    """What stands against a disposal at noon of the day; nothing where it was authorised."""
    await keeper.go_to(noon(day))
    answer = await keeper.dispose()
    return [] if answer.status_code == 202 else broken(answer)


async def test_what_was_abandoned_goes_after_its_last_day_with_a_certificate(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    keeper = keeper_of(deal)
    (said,) = (await keeper.read())["unsold"]
    assert (said["rule"], said["open_cases"], said["until"], said["reasons"]) == ("ABN-01", 1, None, ["open"])
    assert await asked(keeper, date(2026, 3, 2)) == KEPT
    await give_up(deal)
    told = await keeper.read()
    assert (told["retain_until"], told["sales"]) == (LAST_DAY.isoformat(), [])
    (said,) = told["unsold"]
    assert (said["open_cases"], said["ended_on"], said["until"]) == (0, "2026-03-02", LAST_DAY.isoformat())
    assert await asked(keeper, LAST_DAY) == KEPT
    assert await asked(keeper, DAY_AFTER) == []
    assert files(keeper) != []
    assert await keeper.complete()
    assert files(keeper) == []
    auditor = kit.client("auditor")
    (*_, done) = ok(await auditor.get(f"/v1/recordings/{keeper.recording_id}/disposals"))["items"]
    assert (done["ending"], done["retain_until"]) == ("DISPOSED", LAST_DAY.isoformat())
    assert ok(await auditor.get(f"/v1/recordings/{keeper.recording_id}"))["standing"] == "DISPOSED"
    assert await named(kit) == set()


async def test_a_refused_sale_is_kept_by_the_same_rule(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    keeper = keeper_of(deal)
    assert broken_by_sale(await deal.sell()) == [("SUI-03", "RISK_LEVEL_MISMATCH")]
    # Nobody gives it up: its time is over after 1 April, the year begins when the row says so.
    assert await asked(keeper, date(2027, 5, 1)) == KEPT
    assert await run_job(kit.sessions, kit.clock, kit.settings, expiry) is False
    assert (await keeper.read())["retain_until"] == "2028-05-01"
    assert await asked(keeper, date(2028, 5, 1)) == KEPT
    assert await asked(keeper, date(2028, 5, 2)) == []


async def test_a_case_that_opens_in_the_visit_meanwhile_takes_the_disposal_back(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    keeper, before = keeper_of(deal), deal.case
    await give_up(deal)
    assert await asked(keeper, DAY_AFTER) == []
    assert before is not None
    again = await deal.open_case(told=False, session_id=before["session_id"])
    assert await keeper.complete()
    assert files(keeper) != []
    assert (await keeper.read())["state"] == "KEPT"
    assert await asked(keeper, DAY_AFTER) == KEPT
    await give_up(deal, again)
    assert (await keeper.read())["retain_until"] == "2028-03-03"


async def test_what_comes_to_prove_a_sale_is_kept_as_the_sales(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    keeper, before = keeper_of(deal), deal.case
    await give_up(deal)
    assert before is not None
    await deal.open_case(session_id=before["session_id"])
    ok(await deal.sell())
    told = await keeper.read()
    assert (told["retain_until"], told["unsold"], len(told["sales"])) == (None, [], 1)
    assert await asked(keeper, date(2036, 3, 3)) == [("REC-07", "RETENTION_NOT_EXPIRED")]


async def test_what_was_begun_anew_is_kept_as_long_as_the_sale_of_its_visit(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    first = keeper_of(deal)
    await deal.record()
    await deal.beat()
    sale = ok(await deal.sell())
    assert sale["recording_id"] != first.recording_id
    assert await asked(first, date(2036, 3, 3)) == KEPT
    assert (await first.read())["unsold"][0]["reasons"] == ["sold"]
    # The sale's own recording goes after 2036-09-10 at the earliest, and so does this one.
    second = Keeper(kit, sale["recording_id"], [sale["id"]])
    await second.pay_out(date(2036, 3, 10))
    assert (await first.read())["retain_until"] == (await second.read())["retain_until"] == "2036-09-10"
    assert await asked(first, date(2036, 9, 10)) == KEPT
    assert await asked(first, date(2036, 9, 11)) == []


async def test_a_part_follows_the_recording_that_it_belongs_to(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    main = keeper_of(deal)
    part = Keeper(kit, (await supplement(deal, "PITCH"))["id"])
    assert part.recording_id != main.recording_id
    ok(await main.hold())
    await give_up(deal)
    held = [*KEPT, ("REC-08", "LEGAL_HOLD")]
    assert await asked(part, DAY_AFTER) == held
    assert await asked(main, DAY_AFTER) == held
    officer = kit.client("compliance_officer", subject="officer-1")
    (hold,) = ok(await officer.get(f"/v1/recordings/{main.recording_id}/holds"))["items"]
    body = {"resolved_on": DAY_AFTER.isoformat()}
    ok(await officer.post(f"/v1/holds/{hold['id']}/release", json=body, headers=etag(1)))
    # A court's matter is a dispute: two years more, of both.
    assert (await part.read())["retain_until"] == (await main.read())["retain_until"] == "2029-03-03"
    assert await asked(part, date(2029, 3, 3)) == KEPT
    assert await asked(part, date(2029, 3, 4)) == []


async def test_what_holds_a_part_alone_keeps_it(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    part = Keeper(kit, (await supplement(deal, "PITCH"))["id"])
    ok(await part.hold())
    await give_up(deal)
    assert await asked(part, DAY_AFTER) == [*KEPT, ("REC-08", "LEGAL_HOLD")]


async def test_a_product_that_nobody_listed_is_kept_without_end(kit: ServiceKit) -> None:
    keeper = await keep(kit)
    seller = kit.client("seller", subject="seller-1")
    (case,) = ok(await seller.get("/v1/cases"))["items"]
    path = f"/v1/cases/{case['id']}/abandonment"
    ok(await seller.post(path, json={"reason": "ENTERED_WRONGLY"}, headers=etag(case["version"])))
    assert await asked(keeper, date(2046, 3, 3)) == KEPT
    assert (await keeper.read())["unsold"][0]["missing"] == ["product.kind"]


async def test_an_abandonment_written_below_the_service_is_named(kit: ServiceKit) -> None:
    """It could begin the year a month too early: the case ends where nobody has ended it."""
    deal = await make_ready(kit)
    assert deal.case is not None
    change = text("""
        UPDATE cases SET state = 'ABANDONED', abandoned_for = 'NOT_SUITABLE', ended_at = opened_at,
            version = version + 1 WHERE id = :id""")
    async with kit.session() as session:
        await session.execute(change, {"id": UUID(deal.case["id"])})
    assert await named(kit) == {"abandonment_without_fact"}


# --- What nobody seals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "standing"),
    [(timedelta(microseconds=-1), "INSPECTED"), (timedelta(), "ABANDONED"), (timedelta(1), "ABANDONED")],
)
async def test_what_is_not_sealed_in_time_shows_as_abandoned(
    kit: ServiceKit, late: timedelta, standing: str
) -> None:
    deal = await make_ready(kit)
    sealed = deal.recording
    await deal.record(sealed=False)
    assert sealed is not None
    assert deal.recording is not None
    path = f"/v1/recordings/{deal.recording['id']}"
    begun = datetime.fromisoformat(deal.recording["started_at"]).astimezone(UTC)
    kit.clock.instant = begun + timedelta(hours=48) + late
    shown = ok(await deal.seller.get(path))
    # The state of the first release stays, and so does what was recorded.
    assert (shown["state"], shown["standing"]) == ("INSPECTED", standing)
    assert shown["media"] is not None
    for wanted in ("OPEN", "INSPECTED", "ABANDONED", "SEALED"):
        query = {"standing": wanted}
        found = {one["id"] for one in ok(await deal.seller.get("/v1/recordings", params=query))["items"]}
        assert found == {
            standing: {shown["id"]}, "SEALED": {sealed["id"]},
        }.get(wanted, set()), wanted  # fmt: skip
    answer = await deal.seller.post(f"{path}/seal", headers=etag(shown["version"]))
    assert (answer.status_code == 200) is (standing == "INSPECTED"), answer.text
    if standing == "ABANDONED":
        assert refusal(answer) == (409, "RECORDING_EXPIRED")
