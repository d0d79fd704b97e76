"""SUI-10 through the routes: at most two assessments a day and eight in twelve months, to the instant."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx import Response

from chassis.clock import BANK_ZONE
from chassis.events import to_json
from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, etag, ok, refusal, register

MOMENT = timedelta(microseconds=1)


def wall(text: str) -> datetime:
    """An instant by the bank's wall clock: ``2026-03-02 09:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=BANK_ZONE).astimezone(UTC)


async def known(kit: ServiceKit, *completed: str) -> Json:
    """A customer of whom another system of the bank holds assessments, completed at these hours."""
    crm = kit.client("integration", subject="crm")
    who = await register(crm)
    for number, text in enumerate(completed, start=1):
        body = {"level": 2, "completed_at": to_json(wall(text)), "source": "crm"}
        who = ok(
            await crm.post(
                f"/v1/customers/{who['id']}/imported_assessments", json=body, headers=etag(number)
            ),
            number + 1,
        )
    return who


async def assess(kit: ServiceKit, who: Json, at: datetime) -> Response:
    """What the customer is answered who completes an assessment then."""
    kit.clock.instant = at
    customer = kit.client("customer", outlets=(), subject="customer-1")
    return await customer.post(
        f"/v1/customers/{who['id']}/assessments", json={"level": 2}, headers=etag(who["version"])
    )


@pytest.mark.rule("SUI-10", side="refuse")
async def test_a_third_assessment_on_a_day_is_refused_until_the_next_day_begins(kit: ServiceKit) -> None:
    kit.clock.instant = wall("2026-03-02 12:00")
    who = await known(kit, "2026-03-02 00:00")
    who = ok(await assess(kit, who, wall("2026-03-02 12:00")), 3)
    midnight = wall("2026-03-03 00:00")
    refused = await assess(kit, who, midnight - MOMENT)
    assert refusal(refused) == (429, "ASSESSMENT_LIMIT_DAY")
    assert refused.headers["retry-after"] == "1"
    assert "2026-03-03" in refused.json()["messages"]["zh-CN"]
    early = await assess(kit, who, midnight - timedelta(hours=10))
    assert early.headers["retry-after"] == "36000"
    listed = await kit.client("seller").get(f"/v1/customers/{who['id']}/assessments")
    assert len(ok(listed)["items"]) == 2, "a refused assessment is not on record"


@pytest.mark.rule("SUI-10", side="pass")
async def test_a_second_one_on_a_day_and_a_third_on_the_next_are_taken(kit: ServiceKit) -> None:
    kit.clock.instant = wall("2026-03-02 12:00")
    who = await known(kit, "2026-03-01 23:59", "2026-03-02 00:00")
    who = ok(await assess(kit, who, wall("2026-03-02 23:59")), 4)
    assert ok(await assess(kit, who, wall("2026-03-03 00:00")), 5)["version"] == 5


EIGHT = ("2025-03-02 18:00", *(f"2025-{month:02}-10 10:00" for month in range(4, 11)))


@pytest.mark.rule("SUI-10", side="refuse")
async def test_a_ninth_in_twelve_months_waits_for_the_last_day_of_the_first(kit: ServiceKit) -> None:
    kit.clock.instant = wall("2026-03-01 12:00")
    who = await known(kit, *EIGHT)
    refused = await assess(kit, who, wall("2026-03-03 00:00") - MOMENT)
    assert refusal(refused) == (429, "ASSESSMENT_LIMIT_YEAR")
    assert refused.headers["retry-after"] == "1"
    assert "2026-03-03" in refused.json()["messages"]["en"]


@pytest.mark.rule("SUI-10", side="pass")
async def test_an_eighth_is_taken_and_a_ninth_when_the_first_no_longer_counts(kit: ServiceKit) -> None:
    kit.clock.instant = wall("2026-02-01 00:00")
    who = await known(kit, *EIGHT[:-1])
    who = ok(await assess(kit, who, wall("2026-03-01 12:00")), 9)
    assert ok(await assess(kit, who, wall("2026-03-03 00:00")), 10)["version"] == 10


async def test_what_other_systems_know_is_never_refused(kit: ServiceKit) -> None:
    kit.clock.instant = wall("2026-03-02 12:00")
    who = await known(kit, *["2026-03-02 08:00"] * 12)
    assert who["version"] == 13
    assert refusal(await assess(kit, who, wall("2026-03-02 13:00"))) == (429, "ASSESSMENT_LIMIT_DAY")


async def test_before_the_rule_was_in_force_there_was_no_limit(kit: ServiceKit) -> None:
    kit.clock.instant = wall("2026-01-31 12:00")
    who = await known(kit, "2026-01-31 08:00", "2026-01-31 09:00")
    assert ok(await assess(kit, who, wall("2026-01-31 23:59")), 4)["version"] == 4
