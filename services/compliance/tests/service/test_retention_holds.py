"""Holds: complaints on the topic, other matters by hand, counted by source and matter: REC-08."""

from datetime import date, timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.compliance.tests.keeping import DAY_AFTER, Keeper, broken, last_instant, noon
from services.compliance.tests.registers import Json, etag, ok, refusal

HELD = [("REC-08", "LEGAL_HOLD")]
SETTLED_ON = date(2026, 10, 1)


def complaint() -> str:
    return str(new_id())


async def past_its_period(keeper: Keeper) -> None:
    """Sold, paid out, and the day after the last one."""
    await keeper.sell()
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))


async def settle(keeper: Keeper, complaint_id: str) -> None:
    """The complaint is settled now."""
    settled_at = keeper.kit.clock.now().isoformat()
    await keeper.take(keeper.complained(complaint_id, "settled", settled_at=settled_at))


@pytest.mark.rule("REC-08", side="refuse")
async def test_an_open_complaint_holds(kit: ServiceKit, keeper: Keeper) -> None:
    await past_its_period(keeper)
    complaint_id = complaint()
    await keeper.take(keeper.complained(complaint_id))
    response = await keeper.dispose()
    assert broken(response) == HELD
    assert complaint_id in response.json()["violations"][0]["messages"]["en"]
    (placed,) = await kit.facts("compliance.recording.hold_placed.v1")
    assert (placed.key, placed.data["matter_id"]) == (keeper.recording_id, complaint_id)
    assert (placed.data["source"], placed.data["open_holds"]) == ("COMPLAINT", 1)


@pytest.mark.rule("REC-08", side="pass")
@pytest.mark.parametrize("verb", ["settled", "withdrawn"])
async def test_after_its_end_it_no_longer_does(kit: ServiceKit, keeper: Keeper, verb: str) -> None:
    await past_its_period(keeper)
    complaint_id = complaint()
    await keeper.take(keeper.complained(complaint_id))
    await keeper.go_to(noon(SETTLED_ON))
    day = {"settled_at": noon(SETTLED_ON).isoformat(), "withdrawn_on": SETTLED_ON}
    await keeper.take(keeper.complained(complaint_id, verb, **day))
    # The day on which a dispute ended counts in full.
    await keeper.go_to(last_instant(SETTLED_ON))
    assert broken(await keeper.dispose()) == HELD
    await keeper.go_to(last_instant(SETTLED_ON) + timedelta(seconds=1))
    assert (await keeper.dispose()).status_code == 202
    (released,) = await kit.facts("compliance.recording.hold_released.v1")
    assert (released.data["resolved_on"], released.data["open_holds"]) == ("2026-10-01", 0)


async def test_of_two_complaints_one_is_settled_and_the_other_still_holds(keeper: Keeper) -> None:
    await past_its_period(keeper)
    one, other = complaint(), complaint()
    await keeper.take(keeper.complained(one), keeper.complained(other))
    await settle(keeper, one)
    await keeper.go_to(noon(SETTLED_ON))
    assert (await keeper.read())["open_holds"] == 1
    assert broken(await keeper.dispose()) == HELD
    await settle(keeper, other)
    await keeper.go_to(noon(SETTLED_ON + timedelta(days=1)))
    assert (await keeper.dispose()).status_code == 202


async def test_a_repeated_complaint_is_one_hold_and_one_settlement_ends_it(keeper: Keeper) -> None:
    await past_its_period(keeper)
    complaint_id = complaint()
    await keeper.take(keeper.complained(complaint_id), keeper.complained(complaint_id))
    assert (await keeper.read())["open_holds"] == 1
    await settle(keeper, complaint_id)
    assert (await keeper.read())["open_holds"] == 0


async def test_a_settlement_of_another_complaint_releases_nothing(keeper: Keeper) -> None:
    await past_its_period(keeper)
    await keeper.take(keeper.complained(complaint()))
    await settle(keeper, complaint())
    await keeper.go_to(noon(SETTLED_ON))
    assert broken(await keeper.dispose()) == HELD


async def test_a_complaint_before_its_sale_holds_as_soon_as_the_sale_is_logged(
    kit: ServiceKit, keeper: Keeper
) -> None:
    sale_id, still_open, ended = str(new_id()), complaint(), complaint()
    given: Json = {"sale_id": sale_id}
    await keeper.take(keeper.complained(still_open, **given), keeper.complained(ended, **given))
    settled_at = kit.clock.now().isoformat()
    await keeper.take(keeper.complained(ended, "settled", settled_at=settled_at, **given))
    assert ok(await kit.client("auditor").get("/v1/retention/unmatched"))["total"] == 3
    await keeper.sell(sale_id)
    assert ok(await kit.client("auditor").get("/v1/retention/unmatched"))["total"] == 0
    path = f"/v1/recordings/{keeper.recording_id}/holds"
    holds = ok(await kit.client("auditor").get(path))["items"]
    assert [(hold["matter_id"], hold["version"]) for hold in holds] == [(still_open, 1), (ended, 2)]
    await keeper.pay_out()
    await keeper.go_to(noon(DAY_AFTER))
    assert broken(await keeper.dispose()) == HELD


async def test_a_complaint_about_no_sale_holds_nothing(keeper: Keeper) -> None:
    await past_its_period(keeper)
    await keeper.take(keeper.complained(complaint(), sale_id=None))
    assert (await keeper.dispose()).status_code == 202


async def test_a_hold_by_hand(kit: ServiceKit, keeper: Keeper) -> None:
    await past_its_period(keeper)
    placed = await keeper.hold()
    hold = ok(placed, 1)
    assert (hold["source"], hold["placed_by"], hold["released_at"]) == ("COURT", "officer-1", None)
    assert broken(await keeper.dispose()) == HELD
    assert refusal(await keeper.hold()) == (409, "HOLD_EXISTS")
    assert ok(await keeper.hold(source="AUDIT"), 1)["id"] != hold["id"]
    officer = kit.client("compliance_officer", subject="officer-1")
    release = f"{placed.headers['location']}/release"
    today, tomorrow = {"resolved_on": "2026-09-11"}, {"resolved_on": "2026-09-12"}
    future = await officer.post(release, json=tomorrow, headers=etag(1))
    assert refusal(future) == (422, "RESOLVED_IN_FUTURE")
    assert refusal(await officer.post(release, json=today, headers=etag(2))) == (412, "VERSION_STALE")
    assert (await officer.post(release, json=today)).status_code == 428
    released = ok(await officer.post(release, json=today, headers=etag(1)), 2)
    assert (released["resolved_on"], released["released_by"]) == ("2026-09-11", "officer-1")
    assert refusal(await officer.post(release, json=today, headers=etag(2))) == (409, "HOLD_RELEASED")
    assert ok(await officer.get(placed.headers["location"]), 2) == released
    assert (await keeper.read())["open_holds"] == 1


async def test_the_hold_of_a_complaint_is_nobodys_to_place_or_release(
    kit: ServiceKit, keeper: Keeper
) -> None:
    await past_its_period(keeper)
    assert refusal(await keeper.hold(source="COMPLAINT")) == (409, "HOLD_NOT_MANUAL")
    await keeper.take(keeper.complained(complaint()))
    officer = kit.client("compliance_officer")
    (hold,) = ok(await officer.get(f"/v1/recordings/{keeper.recording_id}/holds"))["items"]
    body = {"resolved_on": "2026-09-11"}
    response = await officer.post(f"/v1/holds/{hold['id']}/release", json=body, headers=etag(1))
    assert refusal(response) == (409, "HOLD_NOT_MANUAL")
    assert broken(await keeper.dispose()) == HELD
