"""Training, experience and record of the seller at the gate (SAL-10)."""

from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from services.compliance.tests.registers import Json, etag, ok
from services.compliance.tests.selling import LOGGED, Deal, filmed, judged, prepared

SHORT = [("SAL-10", "TRAINING_SHORTFALL")]
WEALTH: Json = {"kind": "wealth", "minutes": 1200, "completed_on": "2026-01-01"}
INSURANCE: Json = {"kind": "investment_insurance", "minutes": 2400, "completed_on": "2026-01-01"}


async def unprepared(kit: ServiceKit, **product: Any) -> Deal:
    """A deal whose seller has learnt nothing yet; his right covers insurance too."""
    deal = await prepared(kit, is_prepared=False, **product)
    await kit.deliver(deal.employee.granted(new_id(), kind="agency_insurance"))
    return await filmed(deal)


async def wealth_deal(kit: ServiceKit, *trainings: Json) -> Deal:
    """A deal about a wealth product by a seller with these trainings."""
    deal = await unprepared(kit)
    await kit.deliver(*(deal.employee.trained(**(WEALTH | one)) for one in trainings))
    return deal


async def insurance_deal(kit: ServiceKit, since: str | None = "2025-03-01", **training: Any) -> Deal:
    """A deal about investment-linked insurance by a seller with this training and first day."""
    deal = await unprepared(kit, kind="INVESTMENT_INSURANCE")
    await kit.deliver(deal.employee.trained(**(INSURANCE | training)))
    if since is not None:
        await kit.deliver(deal.employee.experienced(since))
    return deal


async def words(deal: Deal) -> list[str]:
    """What the gate says in English."""
    return [item["messages"]["en"] for item in (await deal.check())["violations"]]


@pytest.mark.rule("SAL-10", side="refuse")
async def test_a_minute_less_than_twenty_hours_is_too_little_for_wealth(kit: ServiceKit) -> None:
    deal = await wealth_deal(kit, {"minutes": 600}, {"minutes": 599})
    assert await judged(deal) == SHORT
    assert "has 19:59 hours" in (await words(deal))[0]
    assert "20:00 are needed" in (await words(deal))[0]


@pytest.mark.rule("SAL-10", side="pass")
async def test_twenty_hours_are_enough_for_wealth(kit: ServiceKit) -> None:
    assert await judged(await wealth_deal(kit, {"minutes": 600}, {"minutes": 600})) == LOGGED


@pytest.mark.rule("SAL-10", side="refuse")
async def test_training_of_a_day_more_than_twelve_months_ago_counts_no_more(kit: ServiceKit) -> None:
    assert await judged(await wealth_deal(kit, {"completed_on": "2025-03-01"})) == SHORT


@pytest.mark.rule("SAL-10", side="pass")
async def test_training_of_twelve_months_ago_counts_today(kit: ServiceKit) -> None:
    assert await judged(await wealth_deal(kit, {"completed_on": "2025-03-02"})) == LOGGED


@pytest.mark.rule("SAL-10", side="refuse")
async def test_a_minute_less_than_forty_hours_is_too_little_for_linked_insurance(kit: ServiceKit) -> None:
    assert await judged(await insurance_deal(kit, minutes=2399)) == SHORT


@pytest.mark.rule("SAL-10", side="pass")
async def test_forty_hours_and_a_year_are_enough_for_linked_insurance(kit: ServiceKit) -> None:
    assert await judged(await insurance_deal(kit)) == LOGGED


@pytest.mark.rule("SAL-10", side="refuse")
async def test_training_of_another_kind_does_not_count(kit: ServiceKit) -> None:
    deal = await wealth_deal(kit, INSURANCE)
    assert await judged(deal) == SHORT


@pytest.mark.rule("SAL-10", side="refuse")
async def test_a_year_in_a_selling_post_is_not_over_on_its_last_day(kit: ServiceKit) -> None:
    deal = await insurance_deal(kit, "2025-03-02")
    assert await judged(deal) == SHORT
    assert "from 2026-03-03 on" in (await words(deal))[0]


@pytest.mark.rule("SAL-10", side="refuse")
async def test_without_a_first_day_in_a_selling_post_nothing_linked_is_sold(kit: ServiceKit) -> None:
    deal = await insurance_deal(kit, None)
    assert await judged(deal) == SHORT
    assert (await deal.check())["missing"] == ["seller.preparation.selling_since"]
    await kit.deliver(deal.employee.experienced("2025-03-01"))
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SAL-10", side="refuse")
async def test_an_annulled_training_counts_no_more(kit: ServiceKit) -> None:
    deal, training = await unprepared(kit), new_id()
    await kit.deliver(deal.employee.trained(training_id=training), deal.employee.training_annulled(training))
    assert await judged(deal) == SHORT


@pytest.mark.rule("SAL-10", side="pass")
async def test_insurance_without_an_account_asks_for_no_training(kit: ServiceKit) -> None:
    deal = await unprepared(kit, kind="INSURANCE", bank_risk_level=1)
    assert await judged(deal) == LOGGED


async def test_every_shortfall_is_said(kit: ServiceKit) -> None:
    deal = await insurance_deal(kit, "2026-01-01", minutes=1)
    assert await judged(deal) == SHORT * 2


async def confirmed(kit: ServiceKit, deal: Deal, kind: str, *more: str) -> None:
    """An officer reports the seller, and confirms it."""
    officer: Caller = kit.client("compliance_officer", subject="officer-2")
    body = {
        "kind": kind,
        "seller_id": deal.employee.id,
        "product_named": "Golden Harvest" if kind == "OFF_BOOK_SALE_SUSPECTED" else None,
        "account": "Told by a customer",
    }
    incident = ok(await officer.post("/v1/incidents", json=body))
    for number, step in enumerate(("TAKEN_UP", *more), 1):
        path = f"/v1/incidents/{incident['id']}/steps"
        ok(await officer.post(path, json={"kind": step, "reason": "Looked into"}, headers=etag(number)))


@pytest.mark.rule("SAL-10", side="refuse")
@pytest.mark.parametrize("kind", ["ACTING_FOR_CUSTOMER", "OTHER"])
async def test_a_confirmed_incident_keeps_from_linked_insurance(kit: ServiceKit, kind: str) -> None:
    deal = await insurance_deal(kit)
    path = f"/v1/sellers/{deal.employee.id}"
    officer = kit.client("compliance_officer", subject="officer-2")
    before = ok(await officer.get(path))["version"]
    await confirmed(kit, deal, kind, "CONFIRMED")
    assert ok(await officer.get(path))["version"] == before + 1
    assert await judged(deal) == SHORT


@pytest.mark.rule("SAL-10", side="refuse")
async def test_the_record_stays_after_the_alert_is_cleared(kit: ServiceKit) -> None:
    deal = await insurance_deal(kit)
    await confirmed(kit, deal, "OFF_BOOK_SALE_SUSPECTED", "CONFIRMED", "CLOSED", "ALERT_CLEARED")
    assert await judged(deal) == SHORT


@pytest.mark.rule("SAL-10", side="pass")
async def test_an_incident_that_is_dismissed_or_open_is_no_record(kit: ServiceKit) -> None:
    deal = await insurance_deal(kit)
    await confirmed(kit, deal, "ACTING_FOR_CUSTOMER", "DISMISSED", "CLOSED")
    await confirmed(kit, deal, "STAFF_ABNORMAL_BEHAVIOUR")
    assert await judged(deal) == LOGGED


@pytest.mark.rule("SAL-10", side="pass")
async def test_a_bad_record_does_not_keep_from_wealth_products(kit: ServiceKit) -> None:
    deal = await wealth_deal(kit, {})
    await confirmed(kit, deal, "ACTING_FOR_CUSTOMER", "CONFIRMED")
    assert await judged(deal) == LOGGED


async def test_a_decision_keeps_what_it_rested_on(kit: ServiceKit) -> None:
    deal = await wealth_deal(kit, {"completed_on": "2024-03-01"}, {"completed_on": "2024-03-02"}, {})
    sale = ok(await deal.sell())
    officer = kit.client("compliance_officer", subject="officer-2")
    decision = ok(await officer.get(f"/v1/decisions/{sale['decision_id']}"))
    kept = decision["inputs"]["seller"]["preparation"]
    assert [one["completed_on"] for one in kept["trainings"]] == ["2024-03-02", "2026-01-01"]
    assert (kept["selling_since"], kept["bad_records"]) == (None, [])
    again = ok(await officer.get(f"/v1/decisions/{sale['decision_id']}/replay"))
    assert again["same"] is True
