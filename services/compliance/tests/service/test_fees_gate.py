"""FEE-01 and FEE-02 at the gate: a sale that is charged for rests on the customer's own confirmed quote."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.charging import append, confirm, price_body, priced, quote, render
from services.compliance.tests.registers import Json, ok, refusal
from services.compliance.tests.selling import Deal, broken, filmed, make_ready, prepared

#: What the case of a deal is about.
AMOUNT = 1_000_000
SECOND = timedelta(seconds=1)
NOT_DISCLOSED, NOT_CONFIRMED = ("FEE-01", "FEE_NOT_DISCLOSED"), ("FEE-02", "FEE_NOT_CONFIRMED")


@pytest.fixture
async def deal(kit: ServiceKit) -> Deal:
    """A deal that passes the gate now."""
    return await make_ready(kit)


@pytest.fixture
async def service(admin: Caller, deal: Deal) -> Json:
    """What the sale of the deal's product is charged for by."""
    return await charged(admin, deal)


async def charged(admin: Caller, deal: Deal, **given: Any) -> Json:
    """A service with a price, linked to the deal's product."""
    service = await priced(admin, **given)
    body = {"product_id": deal.product["id"], "charged": True}
    ok(await append(admin, service, "products", body), 3)
    if deal.recording is not None:
        await again(deal)
    return service


async def again(deal: Deal) -> None:
    """The customer is recorded again: he was shown another fee before."""
    await deal.record()
    await deal.beat()


async def agreed(deal: Deal, service: Json, **given: Any) -> Json:
    """The customer was told what the sale costs, and has confirmed it."""
    told = await quote(deal.seller, service, deal, **{"amount_minor": AMOUNT} | given)
    return ok(await confirm(deal.buyer, told), 2)


@pytest.mark.rule("FEE-01", side="refuse")
async def test_a_charged_sale_without_a_quote(deal: Deal, service: Json) -> None:
    assert broken(await deal.sell()) == [NOT_DISCLOSED]


@pytest.mark.rule("FEE-02", side="refuse")
async def test_a_charged_sale_before_the_customer_has_confirmed(deal: Deal, service: Json) -> None:
    await quote(deal.seller, service, deal, amount_minor=AMOUNT)
    assert broken(await deal.sell()) == [NOT_CONFIRMED]


@pytest.mark.rule("FEE-01", side="pass")
@pytest.mark.rule("FEE-02", side="pass")
async def test_a_charged_sale_on_its_confirmed_quote(kit: ServiceKit, deal: Deal, service: Json) -> None:
    told = await agreed(deal, service)
    assert [item["rule"] for item in (await deal.check())["violations"]] == []
    sale = ok(await deal.sell())
    officer = kit.client("compliance_officer", subject="officer-1")
    decision = ok(await officer.get(f"/v1/decisions/{sale['decision_id']}"))
    (fee,) = decision["inputs"]["fees"]
    assert (fee["service_id"], fee["quote"]["quote_id"]) == (service["id"], told["id"])
    assert ok(await officer.get(f"/v1/decisions/{sale['decision_id']}/replay"))["same"] is True
    (record,) = ok(await deal.seller.get("/v1/service-records"))["items"]
    assert (record["quote_id"], record["fee_minor"]) == (told["id"], told["fee_minor"])
    (fact,) = await kit.facts("compliance.service_record.made.v1")
    assert fact.data["quote_id"] == told["id"]


async def test_a_product_without_a_fee_needs_no_quote(kit: ServiceKit, admin: Caller, deal: Deal) -> None:
    await priced(admin)
    assert (await deal.sell()).status_code == 201
    assert await kit.facts("compliance.service_record.made.v1") == []


async def test_a_product_that_is_no_longer_charged_for(admin: Caller, deal: Deal, service: Json) -> None:
    body = {"product_id": deal.product["id"], "charged": False}
    ok(await append(admin, service, "products", body), 4)
    await again(deal)
    assert (await deal.sell()).status_code == 201


@pytest.mark.parametrize("amount_minor", [AMOUNT - 1, AMOUNT + 1])
async def test_a_quote_for_another_amount(deal: Deal, service: Json, amount_minor: int) -> None:
    await agreed(deal, service, amount_minor=amount_minor)
    assert broken(await deal.sell()) == [NOT_DISCLOSED]


async def test_a_quote_for_another_customer_or_service(
    kit: ServiceKit, admin: Caller, deal: Deal, service: Json
) -> None:
    other = await prepared(kit, subject="seller-2", code="SH-0002")
    await agreed(other, service)
    await agreed(deal, await priced(admin, code="REMIT-02"))
    await deal.beat()
    assert broken(await deal.sell()) == [NOT_DISCLOSED]


async def test_each_of_two_fees_needs_its_quote(admin: Caller, deal: Deal, service: Json) -> None:
    second = await charged(admin, deal, code="CUSTODY-01")
    await agreed(deal, service)
    assert broken(await deal.sell()) == [NOT_DISCLOSED]
    await agreed(deal, second)
    assert (await deal.sell()).status_code == 201


@pytest.mark.parametrize(("hour", "late"), [(15, False), (16, True)])
async def test_a_quote_ends_with_its_day(kit: ServiceKit, admin: Caller, hour: int, late: bool) -> None:
    deal = await prepared(kit)
    service = await charged(admin, deal)
    kit.clock.instant = datetime(2026, 3, 2, 15, 58, tzinfo=UTC)
    await agreed(deal, service)
    kit.clock.instant = datetime(2026, 3, 2, hour, 59, 30, tzinfo=UTC)
    await filmed(deal)
    refused = await deal.sell()
    if not late:
        assert refused.status_code == 201
        return
    assert broken(refused) == [NOT_DISCLOSED]
    assert "expired" in refused.json()["violations"][0]["messages"]["en"]


async def test_a_quote_of_another_tariff_than_that_of_now(admin: Caller, deal: Deal, service: Json) -> None:
    await agreed(deal, service)
    ok(await append(admin, service, "prices", price_body(acceptance=100)), 4)
    await again(deal)
    refused = await deal.sell()
    assert broken(refused) == [NOT_DISCLOSED]
    assert "changed" in refused.json()["violations"][0]["messages"]["en"]
    await agreed(deal, service)
    assert (await deal.sell()).status_code == 201


async def test_one_quote_is_one_sale(deal: Deal, service: Json) -> None:
    used = await agreed(deal, service)
    ok(await render(deal.seller, used))
    assert broken(await deal.sell()) == [NOT_DISCLOSED]
    first = await agreed(deal, service)
    ok(await deal.sell())
    assert refusal(await render(deal.seller, first)) == (409, "FEE_QUOTE_USED")


async def test_two_sales_at_once_do_not_share_a_quote(kit: ServiceKit, deal: Deal, service: Json) -> None:
    await agreed(deal, service)
    other = Deal(**{**vars(deal), "case": None, "recording": None})
    await other.open_case(session_id=deal.case and deal.case["session_id"])
    other.recording = deal.recording
    answers = await asyncio.gather(deal.sell(), other.sell())
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    (refused,) = [answer for answer in answers if answer.status_code == 422]
    assert broken(refused) == [NOT_DISCLOSED]
    assert len(await kit.facts("compliance.service_record.made.v1")) == 1
