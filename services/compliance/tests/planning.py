"""Regular plans, as a seller sets them up and core banking debits them."""

from datetime import UTC, date, datetime
from typing import Any

import httpx

from chassis.clock import BANK_ZONE
from chassis.testing import ServiceKit
from services.compliance.tests.registers import Json, etag, ok, refusal
from services.compliance.tests.selling import Deal, filmed, prepared

#: The clock of a test begins on 2 March 2026.
FIRST = date(2026, 3, 5)
AMOUNT = 1_000_000


async def sold(deal: Deal, **given: Any) -> Json:
    """The recorded sale of a plan, of a case of its own."""
    await filmed(deal, transaction="PLAN", **given)
    ok(await deal.sell())
    assert deal.case is not None
    return deal.case


async def set_up(deal: Deal, **given: Any) -> httpx.Response:
    """The seller sets up the plan of the last sale: monthly from 5 March on."""
    assert deal.case is not None
    body = {"case_id": deal.case["id"], "rhythm": "MONTHLY", "first_debit_on": FIRST.isoformat()} | given
    return await deal.seller.post("/v1/plans", json=body)


async def planned(kit: ServiceKit, **given: Any) -> tuple[Deal, Json]:
    """A plan that stands."""
    deal = await prepared(kit)
    await sold(deal)
    return deal, ok(await set_up(deal, **given), 1)


async def debit(deal: Deal, plan: Json, due_on: date = FIRST, **given: Any) -> httpx.Response:
    """Core banking announces a debit."""
    bank = deal.kit.client("integration", subject="corebanking")
    body = {"due_on": due_on.isoformat(), "amount_minor": AMOUNT, "currency": "CNY"} | given
    return await bank.post(f"/v1/plans/{plan['id']}/debits", json=body)


async def renew(deal: Deal, plan: Json) -> httpx.Response:
    """The seller goes on with the plan by the last sale."""
    assert deal.case is not None
    path = f"/v1/plans/{plan['id']}"
    version = ok(await deal.seller.get(path))["version"]
    return await deal.seller.post(f"{path}/renewal", json={"case_id": deal.case["id"]}, headers=etag(version))


def found(response: httpx.Response) -> list[tuple[str, str]]:
    """Rule and code of what a refused debit breaks; nothing for one that was allowed."""
    if response.status_code == 201:
        return []
    assert refusal(response) == (422, "PLAN_DEBIT_REFUSED")
    return [(item["rule"], item["code"]) for item in response.json()["violations"]]


def go_to(kit: ServiceKit, day: date) -> None:
    """Nine o'clock of that day."""
    kit.clock.instant = datetime(day.year, day.month, day.day, 9, tzinfo=BANK_ZONE).astimezone(UTC)
