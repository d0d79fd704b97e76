"""What the tests send and deliver: good bodies, facts of other services, calls that a test starts from."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.inbox import Record
from chassis.testing import ServiceKit

Json = dict[str, Any]

OUTLET = UUID("0190a000-0000-7000-8000-00000000000a")
OTHER_OUTLET = UUID("0190a000-0000-7000-8000-00000000000b")
UNKNOWN = UUID("0190a000-0000-7000-8000-000000000000")


def etag(version: int) -> dict[str, str]:
    """The header that names the version to change."""
    return {"If-Match": f'"{version}"'}


def ok(response: httpx.Response) -> Json:
    """The answer's body; fails the test when the request was refused."""
    assert response.status_code < 400, response.text
    body: Json = response.json()
    return body


def refused(response: httpx.Response, status: int, code: str) -> Json:
    """The problem's body; fails the test unless the request was refused just so."""
    body: Json = response.json()
    assert (response.status_code, body.get("code")) == (status, code), response.text
    return body


def outlet_fact(
    kit: ServiceKit, outlet_id: UUID = OUTLET, *, version: int = 1, kind: str = "opened", **given: Any
) -> Record:
    """``staffing.outlet.opened.v1`` or ``.changed.v1``, with more fields than we use."""
    outlet = {
        "code": "0001",
        "name": "Renmin Road",
        "outlet_class": "B",
        "grade": 10,
        "capabilities": ["cash"],
        "timezone": "Asia/Shanghai",
        "cutover_hour": 0,
        "week": [None] * 7,
        "exceptions": {},
    }
    data = {"outlet_id": outlet_id, "version": version, "outlet": outlet | given}
    type_ = f"staffing.outlet.{kind}.v1"
    return kit.record("staffing.outlets.v1", type_, str(outlet_id), data, sequence=version)


def closing_fact(kit: ServiceKit, outlet_id: UUID = OUTLET, *, version: int = 2) -> Record:
    """``staffing.outlet.closed.v1``."""
    data = {"outlet_id": outlet_id, "version": version, "reason": "merged"}
    return kit.record(
        "staffing.outlets.v1", "staffing.outlet.closed.v1", str(outlet_id), data, sequence=version
    )


def completion_fact(kit: ServiceKit, ticket_id: UUID, **given: Any) -> Record:
    """``ticketing.ticket.completed.v1`` of a ticket that was completed just now."""
    now = kit.clock.now()
    data = {
        "version": 4,
        "occurred_at": now,
        "ticket_id": ticket_id,
        "outlet_id": OUTLET,
        "business_date": "2026-03-02",
        "employee_id": uuid4(),
        "counter_id": uuid4(),
        "service_code": "cash",
        "started_at": now - timedelta(minutes=5),
        "completed_at": now,
        "visitor": "visitor-1",
    }
    key = str(ticket_id)
    return kit.record("ticketing.tickets.v1", "ticketing.ticket.completed.v1", key, data | given, sequence=4)


def sale_fact(kit: ServiceKit, sale_id: UUID, **given: Any) -> Record:
    """``compliance.sale.logged.v1``, with more fields than we use."""
    data = {
        "version": 1,
        "sale_id": sale_id,
        "case_id": uuid4(),
        "decision_id": uuid4(),
        "outlet_id": OUTLET,
        "seller_id": uuid4(),
        "product_id": uuid4(),
        "customer_id": uuid4(),
        "amount_minor": 1_000_000,
        "currency": "CNY",
        "recording_id": uuid4(),
    }
    return kit.record("compliance.sales.v1", "compliance.sale.logged.v1", str(sale_id), data | given)


async def offered(kit: ServiceKit, **given: Any) -> Json:
    """The evaluation offered for a ticket that has just been completed."""
    ticket_id = uuid4()
    await kit.deliver(completion_fact(kit, ticket_id, **given))
    async with kit.client("evaluator_hq") as client:
        found = ok(await client.get("/v1/evaluations", params={"ticket_id": str(ticket_id)}))
    evaluation: Json = found["items"][0]
    return evaluation


def complaint_body(**given: Any) -> Json:
    """A complaint as a customer writes it."""
    body = {
        "outlet_id": str(OUTLET),
        "category": "service_attitude",
        "summary": "等了一个小时,没有人解释。",
    }
    return body | given


def decision_body(**given: Any) -> Json:
    """A decision in favour of the complainant, who was told by phone."""
    return {"outcome": "upheld", "told_via": "phone", "findings": "Two windows were closed."} | given


async def opened(kit: ServiceKit, **given: Any) -> Json:
    """A complaint that an employee of the outlet, ``handler-1``, has received."""
    async with kit.client("complaint_handler", subject="handler-1") as client:
        return ok(await client.post("/v1/complaints", json=complaint_body(**given)))


async def act(kit: ServiceKit, complaint: Json, transition: str, body: Json, **given: Any) -> httpx.Response:
    """A transition by another handler, ``handler-2``, on the version that the complaint's view has."""
    async with kit.client(given.pop("role", "complaint_handler"), subject="handler-2", **given) as client:
        return await client.post(
            f"/v1/complaints/{complaint['id']}/{transition}", json=body, headers=etag(complaint["version"])
        )
