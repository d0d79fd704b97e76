"""Core banking, as it orders what was sold: permits, orders, reports, and officers who take sales back."""

from typing import Any

import httpx

from chassis.ids import new_id
from chassis.inbox import Record
from chassis.runtime import run_job
from chassis.testing import Caller, ServiceKit
from compliance.reconciliation.commands import reconciling
from services.compliance.tests.registers import Json, etag, ok
from services.compliance.tests.selling import Deal, make_ready

ORDERS = "corebanking.orders.v1"


def bank(kit: ServiceKit) -> Caller:
    """Core banking."""
    return kit.client("integration", subject="corebanking")


def officer(kit: ServiceKit, number: int = 1) -> Caller:
    """A compliance officer of the whole bank."""
    return kit.client("compliance_officer", subject=f"officer-{number}")


async def sold(kit: ServiceKit, **given: Any) -> tuple[Deal, Json, Json]:
    """A deal whose sale is logged, the sale, and its permit."""
    deal = await make_ready(kit, **given)
    sale = ok(await deal.sell(), 1)
    return deal, sale, await permit_of(kit, sale)


async def permit_of(kit: ServiceKit, sale: Json) -> Json:
    """The permit of a sale, as core banking reads it."""
    return ok(await bank(kit).get(f"/v1/sales/{sale['id']}/permit"))


def order_body(permit: Json, **given: Any) -> Json:
    """An order of exactly what was sold."""
    names = ("customer_id", "product_id", "product_version", "amount_minor", "currency")
    return {"order_id": "O-1"} | {name: permit[name] for name in names} | given


async def redeem(kit: ServiceKit, permit: Json, **given: Any) -> httpx.Response:
    """Core banking takes an order on the permit."""
    return await bank(kit).post(f"/v1/permits/{permit['id']}/redemptions", json=order_body(permit, **given))


def reported(kit: ServiceKit, step: str, order_id: str = "O-1", amount_minor: int = 1_000_000) -> Record:
    """Core banking's fact about an order: placed, confirmed or cancelled."""
    data: Json = {"order_id": order_id}
    if step != "cancelled":
        data |= {"amount_minor": amount_minor, "currency": "CNY"}
    return kit.record(ORDERS, f"corebanking.order.{step}.v1", order_id, data)


async def ask_reversal(kit: ServiceKit, sale: Json, number: int = 1, **given: Any) -> httpx.Response:
    """An officer asks for a sale to be reversed."""
    path = f"/v1/sales/{sale['id']}/reversal_requests"
    return await officer(kit, number).post(path, json={"reason": "CUSTOMER_CANCELLED"} | given)


async def decide(
    kit: ServiceKit, request: Json, what: str = "approval", number: int = 2, version: int = 1
) -> httpx.Response:
    """An officer approves or rejects."""
    path = f"/v1/reversal_requests/{request['id']}/{what}"
    return await officer(kit, number).post(path, headers=etag(version))


async def reverse(kit: ServiceKit, sale: Json) -> Json:
    """Two officers reverse a sale; the reversal."""
    ok(await decide(kit, ok(await ask_reversal(kit, sale), 1)), 2)
    return ok(await officer(kit).get(f"/v1/sales/{sale['id']}/reversal"))


async def reconcile(kit: ServiceKit) -> None:
    """The job, until it has nothing more to do."""
    while await run_job(kit.sessions, kit.clock, kit.settings, reconciling):
        pass


async def standing(kit: ServiceKit, **given: Any) -> list[tuple[str, str | None]]:
    """Kind and order of every difference that stands."""
    found = ok(await officer(kit).get("/v1/reconciliation_differences", params={"standing": True} | given))
    return [(one["kind"], one["order_id"]) for one in found["items"]]


def stranger() -> str:
    """An id that nothing has."""
    return str(new_id())


async def one_reversed(kit: ServiceKit, sale: Json) -> dict[str, str]:
    """The ids of the permit of a sale and of the request by which it was reversed."""
    permit, reversal = await permit_of(kit, sale), await reverse(kit, sale)
    return {"permit_id": permit["id"], "reversal_request_id": reversal["request_id"]}
