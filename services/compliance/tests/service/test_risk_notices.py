"""PRD-03 through the routes: a changed risk opens a duty to tell holders, and being late shows."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx import Response

from chassis.events import to_json
from chassis.testing import Caller, ServiceKit
from compliance.risk_notices import commands
from services.compliance.tests.publicity import graded
from services.compliance.tests.registers import Json, etag, list_product, ok, refusal

MOMENT = timedelta(microseconds=1)
SLA = timedelta(hours=24)


async def changed(kit: ServiceKit, admin: Caller) -> Json:
    """The duty that a product's new level opens."""
    await graded(admin, await list_product(admin), 3)
    (notice,) = ok(await admin.get("/v1/risk_notices"))["items"]
    opened: Json = notice
    assert (opened["previous_level"], opened["level"], opened["state"]) == (2, 3, "OPEN")
    assert opened["due_at"] == to_json(kit.clock.now() + SLA)
    assert opened["flags"] == []
    return opened


async def report(kit: ServiceKit, notice: Json, told_at: datetime) -> Response:
    """The answer to a report that holders were told then."""
    sender = kit.client("integration", subject="messages")
    return await sender.post(
        f"/v1/risk_notices/{notice['id']}/report",
        json={"told_at": to_json(told_at), "holders": 12},
        headers=etag(notice["version"]),
    )


async def look(kit: ServiceKit) -> None:
    """One round of the clock."""
    async with kit.session() as session:
        assert await commands.note_overdue(session, kit.clock, kit.settings) is False


def flags(notice: Json) -> list[tuple[str, str]]:
    return [(one["rule"], one["code"]) for one in notice["flags"]]


LATE = [("PRD-03", "RISK_CHANGE_NOTICE_LATE")]


@pytest.mark.rule("PRD-03", side="refuse")
async def test_holders_told_a_moment_late_are_told_and_that_is_flagged(
    kit: ServiceKit, admin: Caller
) -> None:
    start = kit.clock.now()
    notice = await changed(kit, admin)
    kit.clock.instant = start + SLA + MOMENT
    told = ok(await report(kit, notice, kit.clock.now()), 2)
    assert (told["state"], told["holders"], told["reported_by"]) == ("TOLD", 12, "messages")
    assert flags(told) == LATE
    assert told["flags"][0]["messages"]["zh-CN"]
    again = await report(kit, told, kit.clock.now())
    assert refusal(again) == (409, "RISK_NOTICE_REPORTED")


@pytest.mark.rule("PRD-03", side="pass")
@pytest.mark.parametrize("early", [timedelta(0), MOMENT, SLA])
async def test_holders_told_by_the_last_instant_are_told_in_time(
    kit: ServiceKit, admin: Caller, early: timedelta
) -> None:
    start = kit.clock.now()
    notice = await changed(kit, admin)
    kit.clock.instant = start + 2 * SLA
    told = ok(await report(kit, notice, start + SLA - early), 2)
    assert (told["state"], flags(told)) == ("TOLD", [])


@pytest.mark.rule("PRD-03", side="refuse")
async def test_a_duty_that_nobody_has_done_in_time_is_flagged_by_the_clock(
    kit: ServiceKit, admin: Caller, officer: Caller
) -> None:
    start = kit.clock.now()
    notice = await changed(kit, admin)
    kit.clock.instant = start + SLA
    await look(kit)
    officer = kit.client("compliance_officer")
    assert ok(await officer.get("/v1/risk_notices", params={"state": "OVERDUE"}))["items"] == []
    kit.clock.instant = start + SLA + MOMENT
    await look(kit)
    await look(kit)
    officer = kit.client("compliance_officer")
    (late,) = ok(await officer.get("/v1/risk_notices", params={"state": "OVERDUE"}))["items"]
    assert (late["id"], late["version"], flags(late)) == (notice["id"], 2, LATE)
    (fact,) = await kit.facts("compliance.risk_notice.overdue.v1")
    assert (fact.key, fact.sequence, fact.data["due_at"]) == (notice["id"], 2, to_json(start + SLA))
    stale = await report(kit, notice, kit.clock.now())
    assert refusal(stale) == (412, "VERSION_STALE")
    in_time = ok(await report(kit, late, start + SLA), 3)
    assert flags(in_time) == [], "it was done in time, and told of late"
    assert ok(await officer.get("/v1/risk_notices", params={"state": "OPEN"}))["items"] == []
    assert len(ok(await officer.get("/v1/risk_notices", params={"state": "TOLD"}))["items"]) == 1


@pytest.mark.parametrize("off", [timedelta(0) - MOMENT, timedelta(hours=1) + MOMENT])
async def test_nobody_is_told_before_the_change_or_in_the_future(
    kit: ServiceKit, admin: Caller, off: timedelta
) -> None:
    start = kit.clock.now()
    notice = await changed(kit, admin)
    kit.clock.instant = start + timedelta(hours=1)
    assert refusal(await report(kit, notice, start + off)) == (422, "TOLD_AT_IMPOSSIBLE")


async def test_what_changes_nothing_for_holders_opens_no_duty(kit: ServiceKit, admin: Caller) -> None:
    product = await list_product(admin, issuer_risk_level=3, origin="AGENCY")
    body = {"issuer_risk_level": 3, "bank_risk_level": 3, "reason": "The higher one counted already"}
    ok(await admin.post(f"/v1/products/{product['id']}/risk_levels", json=body, headers=etag(1)), 2)
    ungraded = await list_product(admin, code="WM-2", bank_risk_level=None)
    await graded(admin, ungraded, 2)
    assert ok(await admin.get("/v1/risk_notices"))["items"] == []


async def test_before_its_first_day_no_rule_asked_for_it(kit: ServiceKit) -> None:
    kit.clock.instant = datetime(2015, 12, 31, 15, 59, tzinfo=UTC)
    admin = kit.client("product_admin")
    product = await list_product(admin)
    product = await graded(admin, product, 3)
    assert ok(await admin.get("/v1/risk_notices"))["items"] == []
    kit.clock.instant = datetime(2015, 12, 31, 16, 0, tzinfo=UTC)
    await graded(kit.client("product_admin"), product, 4)
    assert len(ok(await kit.client("product_admin").get("/v1/risk_notices"))["items"]) == 1
