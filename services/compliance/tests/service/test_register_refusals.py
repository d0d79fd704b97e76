"""What every route of the registers refuses: no token, wrong role, foreign or unknown object, old version."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from chassis.http.routing import Route
from chassis.testing import Caller, ServiceKit
from compliance.access import ACTIONS, CUSTOMERS, Role
from compliance.service import service
from services.compliance.tests.registers import (
    OPINION,
    UNKNOWN,
    Json,
    case_body,
    checklist_body,
    consent_body,
    etag,
    hire,
    list_product,
    ok,
    open_outlet,
    prepare_zone,
    product_body,
    refusal,
    register,
    terms_body,
    zone_body,
)

REGISTERS = ("sellers", "products", "zones", "customers", "cases", "consents")
REASON = {"reason": "Because"}
IMPORT = {"level": 3, "completed_at": "2026-01-01T00:00:00Z", "source": "crm"}
SUPPLY, DILIGENCE = {"partner_id": UNKNOWN}, {"summary": "Sound"}
SENIOR = OPINION | {"resolution": "2026-7"}
GRADING = {"issuer_risk_level": None, "bank_risk_level": 4, "reason": "Review"}


@dataclass(frozen=True)
class Call:
    """One route: its action, method, path and a body with good values; ids are filled in.

    ``changes`` names what has a version to be named, ``outlet`` whether the object belongs to one.
    """

    action: str
    method: str
    path: str
    body: Json | None = None
    changes: str | None = None
    outlet: bool = True


SCRIPT: Json = {"segment": "PITCH", "document": "script-1", "sha256": "cd" * 32}
WINDOW: Json = {"offered_from": None, "offered_until": "2026-03-03T00:00:00Z"}

CALLS = [
    Call("seller.list", "GET", "/v1/sellers", outlet=False),
    Call("seller.read", "GET", "/v1/sellers/{seller}"),
    Call("seller.list", "GET", "/v1/seller_register", outlet=False),
    Call("product.list", "GET", "/v1/products", outlet=False),
    Call("product.read", "GET", "/v1/products/{product}", outlet=False),
    Call("product.enter", "POST", "/v1/products", product_body(code="WM-9"), outlet=False),
    Call("product.change", "PUT", "/v1/products/{product}", terms_body(), "product", False),
    Call("product.grade", "POST", "/v1/products/{product}/risk_levels", GRADING, "product", False),
    Call(
        "product.withdraw",
        "POST",
        "/v1/products/{product}/withdrawal",
        {"status": "ENDED"} | REASON,
        "product",
        False,
    ),
    Call("product.import", "POST", "/v1/products/import", {"products": [product_body()]}, outlet=False),
    Call("product.supply", "PUT", "/v1/products/{product}/partner", SUPPLY, "product", False),
    Call("product.examine", "POST", "/v1/products/{product}/due_diligence", DILIGENCE, "product", False),
    Call("product.approve", "POST", "/v1/products/{product}/compliance_approval", OPINION, "product", False),
    Call(
        "product.approve_senior", "POST", "/v1/products/{product}/senior_approval", SENIOR, "product", False
    ),
    Call("product.read", "GET", "/v1/products/{product}/admission", outlet=False),
    Call("product.read", "GET", "/v1/products/{product}/admission_steps", outlet=False),
    Call("product.script", "POST", "/v1/products/{product}/scripts", SCRIPT, "product", False),
    Call("product.read", "GET", "/v1/products/{product}/scripts", outlet=False),
    Call("product.schedule", "POST", "/v1/products/{product}/offering_windows", WINDOW, "product", False),
    Call("product.read", "GET", "/v1/products/{product}/offering_windows", outlet=False),
    Call("zone.open", "POST", "/v1/zones", zone_body("{outlet}", code="Z9")),
    Call("zone.list", "GET", "/v1/zones", outlet=False),
    Call("zone.read", "GET", "/v1/zones/{zone}"),
    Call("zone.inspect", "POST", "/v1/zones/{zone}/inspections", checklist_body(), "zone"),
    Call("zone.read", "GET", "/v1/zones/{zone}/inspections"),
    Call("zone.suspend", "POST", "/v1/zones/{zone}/suspension", REASON, "zone"),
    Call("zone.close", "POST", "/v1/zones/{zone}/closure", REASON, "zone"),
    Call("zone.read", "GET", "/v1/zones/{zone}/orders"),
    Call("customer.register", "POST", "/v1/customers", {"subject": "customer-9"}, outlet=False),
    Call("customer.list", "GET", "/v1/customers", outlet=False),
    Call("customer.read", "GET", "/v1/customers/{customer}", outlet=False),
    Call("assessment.list", "GET", "/v1/customers/{customer}/assessments", outlet=False),
    Call(
        "assessment.complete",
        "POST",
        "/v1/customers/{customer}/assessments",
        {"level": 3},
        "customer",
        False,
    ),
    Call(
        "assessment.confirm",
        "POST",
        "/v1/customers/{customer}/assessments/{assessment}/confirmation",
        None,
        "customer",
        False,
    ),
    Call(
        "assessment.import",
        "POST",
        "/v1/customers/{customer}/imported_assessments",
        IMPORT,
        "customer",
        False,
    ),
    Call(
        "customer_change.report",
        "POST",
        "/v1/customers/{customer}/reported_changes",
        None,
        "customer",
        False,
    ),
    Call("case.open", "POST", "/v1/cases", case_body("{outlet}", "{customer}", seller_id="{seller}")),
    Call("case.list", "GET", "/v1/cases", outlet=False),
    Call("case.read", "GET", "/v1/cases/{case}"),
    Call("case.abandon", "POST", "/v1/cases/{case}/abandonment", {"reason": "NOT_SUITABLE"}, "case"),
    Call("consent.list", "GET", "/v1/cases/{case}/consents"),
    Call("consent.answer", "POST", "/v1/consents", consent_body("{case}")),
    Call("consent.read", "GET", "/v1/consents/{consent}"),
    Call("consent.withdraw", "POST", "/v1/consents/{consent}/withdrawal", None, "consent"),
]
NAMES = [f"{call.method} {call.path}" for call in CALLS]
OBJECTS = [call for call in CALLS if "{" in call.path]
CHANGES = [call for call in CALLS if call.changes is not None]


@dataclass
class World:
    """One object of each kind: ids by name, and the version of each that has one."""

    kit: ServiceKit
    ids: dict[str, str]
    versions: dict[str, int]

    async def send(
        self, call: Call, caller: Caller, version: int | None = None, **ids: str
    ) -> tuple[int, str]:
        """The request with good values but for what the test changes; status, and the code of a problem."""
        known = self.ids | ids
        body = call.body and {name: _filled(value, self.ids) for name, value in call.body.items()}
        headers = {} if version is None else etag(version)
        response = await caller.request(call.method, call.path.format(**known), json=body, headers=headers)
        return (response.status_code, "") if response.status_code < 400 else refusal(response)

    def staff(self, call: Call, *outlets: str) -> list[Caller]:
        """One caller for each role of staff that may do it, at these outlets; none: everywhere."""
        roles = sorted(ACTIONS[call.action] - CUSTOMERS)
        return [self.kit.client(role, outlets=outlets or ("*",), subject="seller-1") for role in roles]

    def customer(self, subject: str = "customer-1") -> Caller:
        """A customer, at every outlet as far as his token goes."""
        return self.kit.client("customer", subject=subject)

    def version(self, call: Call) -> int | None:
        """The present version of what the route changes."""
        return None if call.changes is None else self.versions[call.changes]


def _filled(value: Any, ids: dict[str, str]) -> Any:
    return value.format(**ids) if isinstance(value, str) else value


@pytest.fixture
async def world(
    kit: ServiceKit, admin: Caller, head: Caller, crm: Caller, seller: Caller, customer: Caller
) -> AsyncIterator[World]:
    """A small world; no refusal may change it."""
    outlet = await open_outlet(kit)
    employee = await hire(kit, outlet)
    product, zone, who = await list_product(admin), await prepare_zone(head, outlet), await register(crm)
    body = case_body(outlet, who["id"], seller_id=employee.id)
    case = ok(await seller.post("/v1/cases", json=body))
    consent = ok(await customer.post("/v1/consents", json=consent_body(case["id"])))
    path = f"/v1/customers/{who['id']}/assessments"
    assessed = ok(await customer.post(path, json={"level": 3}, headers=etag(2)), 3)
    ids = {
        "outlet": outlet,
        "seller": employee.id,
        "product": product["id"],
        "zone": zone["id"],
        "customer": who["id"],
        "case": case["id"],
        "consent": consent["id"],
        "assessment": assessed["assessment"]["id"],
    }
    world = World(kit, ids, {"product": 1, "zone": 1, "customer": 3, "case": 1, "consent": 1})
    yield world
    for name, version in world.versions.items():
        reader = customer if name == "consent" else kit.client("compliance_officer")
        assert ok(await reader.get(f"/v1/{name}s/{ids[name]}"), version)["version"] == version
    assert len(await kit.facts()) == 1


def test_every_route_of_the_registers_stands_in_the_table() -> None:
    routes = [
        route
        for capability in service.capabilities
        if capability.name in REGISTERS
        for router in capability.routers
        for route in router.routes
        if isinstance(route, Route) and not route.action.public
    ]
    served = {
        (route.action.name, method, route.path.replace("_id}", "}"))
        for route in routes
        for method in route.methods or ()
    }
    assert served == {(call.action, call.method, call.path) for call in CALLS}


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
async def test_without_a_token_or_with_a_role_that_does_not_allow_it(world: World, call: Call) -> None:
    assert await world.send(call, world.kit.client(), world.version(call)) == (401, "TOKEN_MISSING")
    for role in {*Role, "teller", "lobby_manager", "kiosk"} - ACTIONS[call.action]:
        answer = await world.send(call, world.kit.client(role), world.version(call))
        assert answer == (403, "ACTION_FORBIDDEN"), role


@pytest.mark.parametrize("call", [call for call in CALLS if call.outlet], ids=lambda call: call.path)
async def test_at_a_foreign_outlet(world: World, call: Call) -> None:
    for caller in world.staff(call, UNKNOWN):
        assert await world.send(call, caller, world.version(call)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "call",
    [
        call
        for call in CALLS
        if ACTIONS[call.action] & CUSTOMERS and ("{" in call.path or call.method == "POST")
    ],
    ids=lambda call: call.path,
)
async def test_by_another_customer(world: World, call: Call) -> None:
    assert await world.send(call, world.customer("customer-2"), world.version(call)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("call", OBJECTS, ids=lambda call: f"{call.method} {call.path}")
async def test_an_unknown_id(world: World, call: Call) -> None:
    """Answered like a foreign one, whoever asks: nobody learns what exists elsewhere."""
    unknown = dict.fromkeys(world.ids, UNKNOWN)
    callers = world.staff(call) or [world.customer()]
    for caller in callers:
        assert await world.send(call, caller, world.version(call), **unknown) == (404, "NOT_FOUND")


@pytest.mark.parametrize("call", CHANGES, ids=lambda call: f"{call.method} {call.path}")
async def test_a_change_names_the_present_version(world: World, call: Call) -> None:
    for caller in world.staff(call) or [world.customer()]:
        present = world.version(call)
        assert present is not None
        assert await world.send(call, caller) == (428, "PRECONDITION_REQUIRED")
        for wrong in (present - 1, present + 1):
            assert await world.send(call, caller, wrong) == (412, "VERSION_STALE")


@pytest.mark.parametrize(
    "call", [call for call in CALLS if call.method == "POST"], ids=lambda call: call.path
)
async def test_a_post_names_its_operation(world: World, call: Call) -> None:
    caller = (world.staff(call) or [world.customer()])[0]
    headers = {"Idempotency-Key": ""} | ({} if call.changes is None else etag(world.versions[call.changes]))
    response = await caller.request("POST", call.path.format(**world.ids), json=call.body, headers=headers)
    assert refusal(response)[0] == 400


async def test_the_query_of_products_needs_no_token(world: World) -> None:
    anybody = world.kit.client()
    assert [item["code"] for item in ok(await anybody.get("/v1/public/products"))["items"]] == ["WM-0001"]
    assert ok(await anybody.get("/v1/public/products/WM-0001"))["code"] == "WM-0001"
