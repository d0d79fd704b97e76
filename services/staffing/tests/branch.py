"""What the tests send: bodies of requests with good values, and calls that make what a test starts from."""

from typing import Any

import httpx

from chassis.testing import Caller

NINE_TO_FIVE = {"opens": "09:00", "closes": "17:00"}
UNKNOWN = "0190a000-0000-7000-8000-000000000000"

Json = dict[str, Any]


def outlet_body(**given: Any) -> Json:
    """A small outlet that is open on weekdays."""
    body = {
        "name": "Renmin Road",
        "outlet_class": "B",
        "grade": 10,
        "capabilities": ["cash", "wealth_sale"],
        "calendar": {
            "timezone": "Asia/Shanghai",
            "cutover_hour": 0,
            "week": [NINE_TO_FIVE] * 5 + [None, None],
            "exceptions": {"2026-10-01": None},
        },
    }
    return body | given


def employee_body(outlet_id: str, **given: Any) -> Json:
    """A wealth manager of the bank with a token."""
    body = {
        "outlet_id": outlet_id,
        "subject": "seller-1",
        "employer": "bank",
        "posts": ["wealth_manager", "teller"],
    }
    return body | given


def qualification_body(**given: Any) -> Json:
    """The right to sell wealth products in 2026."""
    return {"kind": "wealth", "valid_from": "2026-01-01", "valid_to": "2026-12-31"} | given


def suspension_body(**given: Any) -> Json:
    """A suspension from now on, until it is lifted."""
    return {"reason": "Conduct alert under review", "suspended_until": None} | given


def training_body(**given: Any) -> Json:
    """Two hours about wealth products, completed on the clock's first day."""
    body = {
        "kind": "wealth",
        "minutes": 120,
        "completed_on": "2026-03-02",
        "evidence_id": "0190a000-0000-7000-8000-00000000c0de",
    }
    return body | given


def experience_body(**given: Any) -> Json:
    """In a selling post since two years before the clock's first day."""
    body = {"selling_since": "2024-03-02", "evidence_id": "0190a000-0000-7000-8000-00000000beef"}
    return body | given


def etag(version: int) -> dict[str, str]:
    """The header that names the version to change."""
    return {"If-Match": f'"{version}"'}


def ok(response: httpx.Response) -> Json:
    """The answer's body; fails the test when the request was refused."""
    assert response.status_code < 400, response.text
    body: Json = response.json()
    return body


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


async def open_outlet(planner: Caller, code: str = "SH-0001", **given: Any) -> Json:
    """An open outlet."""
    return ok(await planner.post("/v1/outlets", json=outlet_body(code=code, **given)))


async def join(planner: Caller, outlet_id: str, staff_number: str = "100001", **given: Any) -> Json:
    """An employee of the outlet, with the subject ``seller-<staff number>``."""
    given.setdefault("subject", f"seller-{staff_number}")
    body = employee_body(outlet_id, staff_number=staff_number, **given)
    return ok(await planner.post("/v1/employees", json=body))


async def grant(planner: Caller, employee: Json, version: int, **given: Any) -> Json:
    """A qualification of the employee, who is at ``version``."""
    path = f"/v1/employees/{employee['id']}/qualifications"
    return ok(await planner.post(path, json=qualification_body(**given), headers=etag(version)))


async def train(planner: Caller, employee: Json, version: int, **given: Any) -> Json:
    """A training of the employee, who is at ``version``."""
    path = f"/v1/employees/{employee['id']}/trainings"
    return ok(await planner.post(path, json=training_body(**given), headers=etag(version)))
