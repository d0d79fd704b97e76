"""Rules that are to come, tried on the sales of today: they tell and refuse nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chassis.testing import ServiceKit
from compliance.evidence.domain import not_known_then, to_plain
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.shadow import AHEAD_DAYS, coming, foresee
from compliance.rules import foreseeing
from services.compliance.tests.registers import Json, ok
from services.compliance.tests.selling import Deal, filmed, prepared
from services.compliance.tests.unit.builders import SALE, with_assessment

#: SUI-03 and SUI-12 of the suitability measures begin twelve days later.
BEFORE = datetime(2026, 1, 20, 1, 0, tzinfo=UTC)
FIRST_DAY = date(2026, 2, 1)


async def sell(kit: ServiceKit, assessed: timedelta, **given: Any) -> Deal:
    """A sale that passes today, by a customer who was assessed so long ago."""
    deal = await prepared(kit, level=None, **given)
    await deal.import_assessment(kit.clock.now() - assessed)
    await filmed(deal)
    return deal


async def seen(kit: ServiceKit, **query: int) -> Json:
    """What the coming rules would have made of the sales."""
    return ok(await kit.client("compliance_officer").get("/v1/rules/shadow", params=query))


def told(answer: Json, rule: str) -> tuple[int, int, int, dict[str, int]]:
    """Concerned, failing, unknown and codes of one rule."""
    (one,) = [one for one in answer["rules"] if one["rule"]["id"] == rule]
    codes = {item["code"]: item["count"] for item in one["codes"]}
    return one["concerned"], one["failing"], one["unknown"], codes


def upcoming(check: Json) -> list[Json]:
    """What SUI-12 would object to."""
    return [one for one in check["upcoming"] if one["violation"]["rule"] == "SUI-12"]


async def test_what_a_coming_rule_would_have_refused_is_counted(kit: ServiceKit) -> None:
    kit.clock.instant = BEFORE
    nothing = await seen(kit)
    assert (nothing["sales"], nothing["complete"], nothing["on"]) == (0, True, "2026-01-20")
    assert told(nothing, "SUI-12") == (0, 0, 0, {})
    recent = await sell(kit, timedelta(days=30))
    check = await recent.check()
    assert (check["result"], upcoming(check)) == ("passed", [])
    ok(await recent.sell())
    old = await sell(kit, timedelta(days=400), subject="seller-2", code="SH-0002")
    check = await old.check()
    assert (check["result"], check["violations"]) == ("passed", [])
    (coming_violation,) = upcoming(check)
    assert coming_violation["effective_from"] == str(FIRST_DAY)
    assert coming_violation["violation"]["code"] == "ASSESSMENT_EXPIRED"
    assert coming_violation["violation"]["citation"]
    sale = ok(await old.sell())
    decision = ok(await kit.client("auditor").get(f"/v1/decisions/{sale['decision_id']}"))
    assert "SUI-12" not in {outcome["rule"] for outcome in decision["outcomes"]}
    found = await seen(kit, days=2)
    assert (found["sales"], found["complete"], found["days"]) == (2, True, 2)
    assert told(found, "SUI-12") == (2, 1, 0, {"ASSESSMENT_EXPIRED": 1})
    assert told(found, "SUI-03") == (2, 0, 0, {})
    (rule,) = [one for one in found["rules"] if one["rule"]["id"] == "SUI-12"]
    assert (rule["days_ahead"], rule["rule"]["effective_from"]) == (12, str(FIRST_DAY))


async def test_only_the_sales_of_the_last_days_are_looked_at(
    kit: ServiceKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.clock.instant = BEFORE
    ok(await (await sell(kit, timedelta(days=400))).sell())
    kit.clock.advance(timedelta(days=1))
    ok(await (await sell(kit, timedelta(days=400), subject="seller-2", code="SH-0002")).sell())
    assert (await seen(kit, days=1))["sales"] == 1
    assert (await seen(kit, days=2))["sales"] == 2
    monkeypatch.setattr(foreseeing, "SALES_MAX", 1)
    bounded = await seen(kit, days=2)
    assert (bounded["sales"], bounded["complete"]) == (1, False)
    response = await kit.client("compliance_officer").get("/v1/rules/shadow?days=32")
    assert response.status_code == 422


async def test_what_was_not_kept_then_is_unknown(kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sale that was logged before the alerts of its seller were among the facts."""
    kit.clock.instant = BEFORE
    ok(await (await sell(kit, timedelta(days=30))).sell())
    rule = shipped_release().find("SAL-02", first_day("SAL-02"))
    found = foreseeing.Tally()
    async with kit.session() as session:
        inputs = dict(await session.scalar(text("SELECT decision -> 'inputs' FROM decisions")) or {})
    foreseeing.take([(rule, found)], inputs)
    assert (found.concerned, found.failing, found.unknown) == (1, 0, 0)
    del inputs["alerts"]
    foreseeing.take([(rule, found)], inputs)
    assert (found.concerned, found.failing, found.unknown) == (2, 0, 1)
    foreseeing.take([(rule, found)], {**inputs, "alerts": None})
    assert (found.concerned, found.failing, found.unknown) == (3, 1, 1)
    foreseeing.take([(rule, found)], {**inputs, "stranger": 1})
    assert (found.concerned, found.failing, found.unknown) == (4, 1, 2)


def first_day(rule_id: str) -> date:
    """From when on the newest version of a rule holds."""
    return max(rule.effective_from for rule in shipped_release().rules if rule.id == rule_id)


@pytest.mark.parametrize(
    ("distance", "comes"), [(0, False), (1, True), (AHEAD_DAYS, True), (AHEAD_DAYS + 1, False)]
)
def test_a_rule_is_tried_ninety_days_ahead_and_not_on_its_first_day(distance: int, comes: bool) -> None:
    found = {rule.id for rule in coming(shipped_release(), FIRST_DAY - timedelta(days=distance))}
    assert ("SUI-12" in found) is comes


def test_a_missing_fact_that_was_asked_for_is_a_failure() -> None:
    rules = [shipped_release().find("SUI-12", FIRST_DAY)]
    inputs = to_plain(SALE)
    assert isinstance(inputs, Mapping)
    assert not_known_then(SaleFacts, inputs) == frozenset()
    facts = with_assessment(change_reported_at=SALE.decided_at)
    assert [one.verdict.passed for one in foresee(shipped_release(), rules, SALE_CHECKS, facts)] == [False]
    (one,) = foresee(shipped_release(), rules, SALE_CHECKS, SALE, inputs=inputs)
    assert (one.verdict.passed, one.unknown) == (True, False)
