"""Quotes, confirmations and service records through their routes (FEE-01, FEE-02, M129, M130)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.charging import (
    append,
    confirm,
    introduce,
    price_body,
    priced,
    quote,
    quote_body,
    render,
    terms_body,
)
from services.compliance.tests.registers import UNKNOWN, Json, ok, open_outlet, refusal, register

SECOND, MOMENT = timedelta(seconds=1), timedelta(microseconds=1)
#: The legal day of the tests' clock ends.
MIDNIGHT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


@dataclass
class Counter:
    """A window of an outlet with a customer before it, and a service that has a price."""

    kit: ServiceKit
    outlet_id: str
    customer: Json
    service: Json

    @property
    def seller(self) -> Caller:
        """Who serves there, with a token of now."""
        return self.kit.client("seller", subject="seller-1", outlets=(self.outlet_id,))

    @property
    def buyer(self) -> Caller:
        """The customer, with a token of now."""
        return self.kit.client("customer", outlets=(), subject="customer-1")

    async def told(self, **given: Any) -> Json:
        """The customer is told what 1,000 yuan cost."""
        return await quote(self.seller, self.service, self, **given)

    async def agreed(self, **given: Any) -> Json:
        """He has confirmed it."""
        return ok(await confirm(self.buyer, await self.told(**given)), 2)


@pytest.fixture
async def counter(kit: ServiceKit, admin: Caller, crm: Caller) -> Counter:
    return Counter(kit, await open_outlet(kit), await register(crm), await priced(admin))


@pytest.mark.mechanism("M129")
async def test_the_customer_is_told_confirms_and_is_served(kit: ServiceKit, counter: Counter) -> None:
    told = await counter.told()
    assert (told["charged"], told["fee_minor"], told["state"]) == (True, 700, "QUOTED")
    assert [(one["step"]["code"], one["full_minor"], one["fee_minor"]) for one in told["charges"]] == [
        ("acceptance", 200, 200), ("transfer", 500, 500),
    ]  # fmt: skip
    assert told["charges"][1]["standard"]["rate_bp"] == 50
    assert told["expires_at"] == "2026-03-02T16:00:00Z"
    kit.clock.advance(SECOND)
    agreed = ok(await confirm(counter.buyer, told), 2)
    assert (agreed["state"], agreed["confirmed_at"]) == ("CONFIRMED", "2026-03-02T01:00:01Z")
    kit.clock.advance(SECOND)
    record = ok(await render(counter.seller, agreed))
    assert (record["fee_minor"], record["quote_id"]) == (700, told["id"])
    assert ok(await counter.seller.get(f"/v1/service-records/{record['id']}"), 1) == record
    assert ok(await counter.seller.get("/v1/service-records"))["items"] == [record]
    assert ok(await counter.buyer.get(f"/v1/fee-quotes/{told['id']}"), 3)["state"] == "USED"
    (fact,) = await kit.facts("compliance.service_record.made.v1")
    assert fact.key == record["id"]
    assert {name: fact.data[name] for name in ("quote_id", "customer_id", "fee_minor", "currency")} == {
        "quote_id": told["id"],
        "customer_id": counter.customer["id"],
        "fee_minor": 700,
        "currency": "CNY",
    }


@pytest.mark.parametrize(
    ("amount_minor", "fee"),
    [(0, 300), (20_000, 300), (20_199, 300), (20_200, 301), (1_000_000, 5_200), (2**53 - 1, 5_200)],
)
async def test_a_rate_stays_within_its_bounds_and_parts_are_not_charged(
    counter: Counter, amount_minor: int, fee: int
) -> None:
    assert (await counter.told(amount_minor=amount_minor))["fee_minor"] == fee


async def test_what_is_free_is_told_too(counter: Counter, admin: Caller) -> None:
    free = price_body(acceptance=0, rate_bp=None, min_minor=None, max_minor=None, amount_minor=0)
    ok(await append(admin, counter.service, "prices", free))
    told = await counter.told()
    assert (told["charged"], told["fee_minor"]) == (False, 0)


@pytest.mark.rule("FEE-01", side="refuse")
@pytest.mark.parametrize("which", ["none", "unknown", "customer", "service", "outlet", "amount"])
async def test_a_service_without_its_own_quote(
    kit: ServiceKit, admin: Caller, crm: Caller, counter: Counter, which: str
) -> None:
    agreed = await counter.agreed()
    other: dict[str, Callable[[], Any]] = {
        "none": lambda: {"quote_id": None},
        "unknown": lambda: {"quote_id": UNKNOWN},
        "amount": lambda: {"amount_minor": agreed["amount_minor"] + 1},
    }
    if which in other:
        given = other[which]()
    elif which == "customer":
        given = {"customer_id": (await register(crm, "customer-2"))["id"]}
    elif which == "service":
        given = {"service_id": (await priced(admin, code="REMIT-02"))["id"]}
    else:
        given = {"outlet_id": await open_outlet(kit, "SH-0002")}
    seller = kit.client("seller")
    refused = await render(seller, agreed, **given)
    assert refusal(refused) == (422, "FEE_NOT_DISCLOSED")
    assert refused.json()["errors"][0]["pointer"] == "/quote_id"
    assert await kit.facts("compliance.service_record.made.v1") == []
    ok(await render(seller, agreed))


@pytest.mark.rule("FEE-02", side="refuse")
async def test_a_service_before_the_customer_has_confirmed(kit: ServiceKit, counter: Counter) -> None:
    told = await counter.told()
    assert refusal(await render(counter.seller, told)) == (422, "FEE_NOT_CONFIRMED")
    for caller in (counter.seller, kit.client("outlet_head"), kit.client("product_admin")):
        assert refusal(await confirm(caller, told)) == (403, "ACTION_FORBIDDEN")
    stranger = kit.client("customer", outlets=(), subject="customer-2")
    assert refusal(await confirm(stranger, told)) == (404, "NOT_FOUND")
    assert refusal(await render(counter.seller, told)) == (422, "FEE_NOT_CONFIRMED")


@pytest.mark.rule("FEE-01", side="pass")
@pytest.mark.rule("FEE-02", side="pass")
async def test_a_service_on_its_own_confirmed_quote(kit: ServiceKit, counter: Counter) -> None:
    agreed = await counter.agreed()
    kit.clock.instant = MIDNIGHT - MOMENT
    record = ok(await render(counter.seller, agreed))
    assert record["rendered_at"] == "2026-03-02T15:59:59.999999Z"


@pytest.mark.parametrize("instant", [MIDNIGHT, MIDNIGHT + MOMENT])
async def test_a_quote_is_over_with_its_day(kit: ServiceKit, counter: Counter, instant: datetime) -> None:
    told, agreed = await counter.told(), await counter.agreed()
    kit.clock.instant = instant
    assert refusal(await confirm(counter.buyer, told)) == (409, "FEE_QUOTE_EXPIRED")
    assert refusal(await render(counter.seller, agreed)) == (409, "FEE_QUOTE_EXPIRED")


async def test_a_quote_is_confirmed_once_and_used_once(counter: Counter) -> None:
    agreed = await counter.agreed()
    assert refusal(await confirm(counter.buyer, agreed)) == (409, "FEE_QUOTE_CONFIRMED")
    ok(await render(counter.seller, agreed))
    assert refusal(await render(counter.seller, agreed)) == (409, "FEE_QUOTE_USED")
    assert refusal(await confirm(counter.buyer, agreed | {"version": 3})) == (409, "FEE_QUOTE_USED")
    assert refusal(await confirm(counter.buyer, agreed)) == (412, "VERSION_STALE")


async def test_a_quote_is_outdated_by_another_price_or_reduction(counter: Counter, admin: Caller) -> None:
    told, agreed = await counter.told(), await counter.agreed()
    scheduled = price_body("2026-06-03", acceptance=300)
    ok(await append(admin, counter.service, "prices", scheduled), 3)
    ok(await append(admin, counter.service, "waivers", terms_body()), 4)
    ok(await render(counter.seller, await counter.agreed()))
    ok(await append(admin, counter.service, "waivers", terms_body(customer_group=None)), 5)
    assert refusal(await render(counter.seller, agreed)) == (409, "FEE_QUOTE_OUTDATED")
    assert refusal(await confirm(counter.buyer, told)) == (409, "FEE_QUOTE_OUTDATED")
    again = await counter.agreed()
    assert again["fee_minor"] == 450
    ok(await append(admin, counter.service, "prices", price_body(acceptance=100)), 6)
    assert refusal(await render(counter.seller, again)) == (409, "FEE_QUOTE_OUTDATED")


@pytest.mark.mechanism("M130")
@pytest.mark.mechanism("M159")
async def test_a_special_group_is_relieved_by_the_largest_reduction_of_the_day(
    kit: ServiceKit, counter: Counter, admin: Caller
) -> None:
    everybody = terms_body(customer_group=None, discount_bp=1_000, starts_on="2026-03-02")
    ok(await append(admin, counter.service, "waivers", everybody), 3)
    ok(await append(admin, counter.service, "waivers", terms_body(starts_on="2026-03-03")), 4)
    vip = terms_body(customer_group="VIP", discount_bp=10_000, ends_on="2026-03-03")
    ok(await append(admin, counter.service, "waivers", vip), 5)

    async def fee(group: str | None) -> tuple[int, bool | None]:
        told = await counter.told(customer_group=group)
        acceptance, transfer = told["charges"]
        assert (acceptance["fee_minor"], acceptance["terms"]) == (200, None)
        terms = transfer["terms"]
        return told["fee_minor"], None if terms is None else terms["relief"]

    assert await fee("ELDERLY") == (650, False)
    kit.clock.advance(timedelta(days=1))
    assert await fee("ELDERLY") == (450, True)
    assert await fee("STUDENT") == (650, False)
    assert await fee("VIP") == (200, False)
    assert await fee(None) == (650, False)
    transfer = (await counter.told(customer_group="ELDERLY"))["charges"][1]
    assert (transfer["terms"]["starts_on"], transfer["terms"]["ends_on"]) == ("2026-03-03", "2026-04-30")
    kit.clock.advance(timedelta(days=58))
    assert await fee("ELDERLY") == (450, True)
    kit.clock.advance(timedelta(days=1))
    assert await fee("ELDERLY") == (700, None)


async def test_a_quote_needs_a_price_an_outlet_and_a_customer(
    kit: ServiceKit, counter: Counter, admin: Caller
) -> None:
    seller = kit.client("seller")

    async def refused(**given: Any) -> tuple[int, str]:
        body = quote_body(counter.service, counter, **given)
        return refusal(await seller.post("/v1/fee-quotes", json=body))

    assert await refused(customer_id=UNKNOWN) == (422, "FEE_CUSTOMER_UNKNOWN")
    assert await refused(service_id=UNKNOWN) == (422, "FEE_SERVICE_UNKNOWN")
    assert await refused(outlet_id=UNKNOWN) == (404, "OUTLET_UNKNOWN")
    assert await refused(amount_minor=-1) == (422, "PAYLOAD_INVALID")
    bare = await introduce(admin, code="REMIT-02")
    assert await refused(service_id=bare["id"]) == (409, "FEE_PRICE_MISSING")
    ok(await append(admin, bare, "prices", price_body("2026-03-03")), 2)
    assert await refused(service_id=bare["id"]) == (409, "FEE_PRICE_MISSING")


async def test_who_may_see_quotes_and_records(kit: ServiceKit, counter: Counter) -> None:
    own = await quote(counter.buyer, counter.service, counter)
    path = f"/v1/fee-quotes/{own['id']}"
    assert ok(await counter.buyer.get(path), 1) == ok(await counter.seller.get(path), 1) == own
    elsewhere = kit.client("seller", outlets=(await open_outlet(kit, "SH-0002"),))
    assert refusal(await elsewhere.get(path)) == (404, "NOT_FOUND")
    assert ok(await elsewhere.get("/v1/fee-quotes"))["items"] == []
    assert ok(await counter.seller.get("/v1/fee-quotes", params={"customer_id": UNKNOWN}))["items"] == []
    assert ok(await counter.seller.get("/v1/fee-quotes"))["items"] == [own]
    foreign = quote_body(counter.service, counter)
    stranger = kit.client("customer", outlets=(), subject="customer-2")
    assert refusal(await stranger.post("/v1/fee-quotes", json=foreign)) == (404, "NOT_FOUND")
    assert refusal(await render(elsewhere, own)) == (404, "NOT_FOUND")
