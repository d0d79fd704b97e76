"""What the tests of the tariff and of fees send: a service, its prices, a quote and what follows from it."""

from typing import Any, Protocol

import httpx

from chassis.testing import Caller
from services.compliance.tests.registers import Json, etag, ok

ACCEPTANCE, TRANSFER = "acceptance", "transfer"


class Parties(Protocol):
    """An outlet and a registered customer."""

    @property
    def outlet_id(self) -> str:
        """The outlet."""
        ...

    @property
    def customer(self) -> Json:
        """The customer."""
        ...


def service_body(**given: Any) -> Json:
    """A market-priced remittance in yuan: its acceptance and its transfer."""
    body = {
        "code": "REMIT-01",
        "name_zh": "跨行汇款",
        "name_en": "Remittance to another bank",
        "pricing": "MARKET",
        "currency": "CNY",
        "steps": [
            {"code": ACCEPTANCE, "name_zh": "受理", "name_en": "Acceptance"},
            {"code": TRANSFER, "name_zh": "汇划", "name_en": "Transfer"},
        ],
    }
    return body | given


def price_body(applies_from: str = "2026-03-02", acceptance: int = 200, **transfer: Any) -> Json:
    """2 yuan for the acceptance, and of the amount 0.5 %, from 1 yuan to 50 yuan, for the transfer."""
    rate = {"rate_bp": 50, "min_minor": 100, "max_minor": 5_000} | transfer
    return {
        "applies_from": applies_from,
        "standards": [
            {"step": ACCEPTANCE, "amount_minor": acceptance},
            {"step": TRANSFER} | {name: value for name, value in rate.items() if value is not None},
        ],
    }


def terms_body(**given: Any) -> Json:
    """Half of the transfer for the elderly, in March and April."""
    body = {
        "name_zh": "老年客户减半",
        "name_en": "Half price for the elderly",
        "customer_group": "ELDERLY",
        "steps": [TRANSFER],
        "discount_bp": 5_000,
        "starts_on": "2026-03-02",
        "ends_on": "2026-04-30",
    }
    return body | given


async def introduce(admin: Caller, **given: Any) -> Json:
    """A chargeable service without a price."""
    return ok(await admin.post("/v1/fee-services", json=service_body(**given)), 1)


async def append(admin: Caller, service: Json, what: str, body: Json) -> httpx.Response:
    """Something is added to the service as it stands: ``prices``, ``waivers``, ``publicity``…"""
    path = f"/v1/fee-services/{service['id']}"
    version = ok(await admin.get(path))["version"]
    return await admin.post(f"{path}/{what}", json=body, headers=etag(version))


async def priced(admin: Caller, **given: Any) -> Json:
    """A chargeable service with a price from today on."""
    service = await introduce(admin, **given)
    ok(await append(admin, service, "prices", price_body()), 2)
    return service


def quote_body(service: Json, parties: Parties, **given: Any) -> Json:
    """1,000 yuan are to be remitted for a customer of no group."""
    body = {
        "service_id": service["id"],
        "customer_id": parties.customer["id"],
        "outlet_id": parties.outlet_id,
        "amount_minor": 100_000,
        "customer_group": None,
    }
    return body | given


async def quote(caller: Caller, service: Json, parties: Parties, **given: Any) -> Json:
    """What the customer is told."""
    return ok(await caller.post("/v1/fee-quotes", json=quote_body(service, parties, **given)), 1)


async def confirm(customer: Caller, told: Json) -> httpx.Response:
    """The customer confirms the quote as he was told it."""
    path = f"/v1/fee-quotes/{told['id']}/confirmation"
    return await customer.post(path, headers=etag(told["version"]))


async def render(caller: Caller, told: Json, **given: Any) -> httpx.Response:
    """The quoted service is rendered."""
    names = ("service_id", "customer_id", "outlet_id", "amount_minor")
    body = {name: told[name] for name in names} | {"quote_id": told["id"]} | given
    return await caller.post("/v1/service-records", json=body)
