"""What every route refuses: no token, wrong role, foreign outlet, unknown id, no version, another version."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from chassis.auth import ACTION_ATTRIBUTE
from chassis.http.routing import Route
from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import (
    UNKNOWN,
    Json,
    employee_body,
    etag,
    experience_body,
    grant,
    join,
    open_outlet,
    outlet_body,
    qualification_body,
    refusal,
    suspension_body,
    train,
    training_body,
)
from staffing.access import ACTIONS, Role
from staffing.service import service

DAY = {"outlet_id": "{outlet}", "date": "2026-03-02"}

#: Every route of the service: method, path, body and query; ids are filled in.
ROUTES: dict[str, tuple[str, str, Json | None, dict[str, str]]] = {
    "outlet.open": ("POST", "/v1/outlets", outlet_body(code="SH-0009"), {}),
    "outlet.list": ("GET", "/v1/outlets", None, {}),
    "outlet.read": ("GET", "/v1/outlets/{outlet}", None, {}),
    "outlet.change": ("PUT", "/v1/outlets/{outlet}", outlet_body(), {}),
    "outlet.close": ("POST", "/v1/outlets/{outlet}/closure", {"reason": "Merged"}, {}),
    "employee.join": ("POST", "/v1/employees", employee_body("{outlet}", staff_number="9"), {}),
    "employee.list": ("GET", "/v1/employees", None, {}),
    "employee.read": ("GET", "/v1/employees/{employee}", None, {}),
    "employee.change": ("PUT", "/v1/employees/{employee}", employee_body("{outlet}"), {}),
    "employee.leave": ("POST", "/v1/employees/{employee}/departure", None, {}),
    "qualification.grant": ("POST", "/v1/employees/{employee}/qualifications", qualification_body(), {}),
    "qualification.read": ("GET", "{qualification}", None, {}),
    "qualification.revoke": ("POST", "{qualification}/revocation", {"reason": "Mis-selling"}, {}),
    "qualification.suspend": ("POST", "{qualification}/suspension", suspension_body(), {}),
    "qualification.reinstate": ("POST", "{qualification}/reinstatement", None, {}),
    "training.record": ("POST", "/v1/employees/{employee}/trainings", training_body(), {}),
    "training.list": ("GET", "/v1/employees/{employee}/trainings", None, {}),
    "training.annul": (
        "POST",
        "/v1/employees/{employee}/trainings/{training}/annulment",
        {"reason": "Not attended"},
        {},
    ),
    "experience.record": ("POST", "/v1/employees/{employee}/experience", experience_body(), {}),
    "experience.list": ("GET", "/v1/employees/{employee}/experience", None, {}),
    "workload.list": ("GET", "/v1/workload", None, DAY),
    "workload.unmatched": ("GET", "/v1/workload/unmatched", None, {"date": "2026-03-02"}),
    "workload.read": ("GET", "/v1/employees/{employee}/workload", None, {}),
}
CHANGES = sorted(
    action
    for action, (method, path, *_) in ROUTES.items()
    if method != "GET" and ("{" in path or "qualification" in path)
)
OBJECTS = sorted(action for action, (_, path, *_) in ROUTES.items() if "{" in path)


@dataclass
class World:
    """An outlet with an employee who holds a qualification: ids by name, and the version of each."""

    kit: ServiceKit
    ids: dict[str, str]
    versions: dict[str, int]

    async def send(
        self, action: str, caller: Caller, version: int | None = None, **ids: str
    ) -> tuple[int, str]:
        """The route's request with good values, but for what the test changes; status and code."""
        method, path, body, query = ROUTES[action]
        known = self.ids | ids
        where = "/v1/employees/{employee}/qualifications/{held}"
        path = path.replace("{qualification}", where).format(**known)
        headers = {} if version is None else etag(version)
        if isinstance(body, dict) and body.get("outlet_id") == "{outlet}":
            body = body | {"outlet_id": self.ids["outlet"]}
        params = {name: value.format(**known) for name, value in query.items()}
        response = await caller.request(method, path, json=body, params=params, headers=headers)
        return (response.status_code, "") if response.status_code < 400 else refusal(response)

    def version(self, action: str) -> int:
        """The present version of the object that the route changes."""
        return self.versions["outlet" if action.startswith("outlet") else "employee"]

    def somebody(self, action: str, *outlets: str) -> Caller:
        """Somebody whose role allows the action, at these outlets; none: everywhere."""
        return self.kit.client(min(ACTIONS[action]), outlets=outlets or ("*",))


@pytest.fixture
async def world(kit: ServiceKit, planner: Caller) -> AsyncIterator[World]:
    """A small world; no refusal may change it."""
    outlet = await open_outlet(planner)
    employee = await join(planner, outlet["id"], subject="seller-9")
    held = await grant(planner, employee, 1, kind="agency_fund")
    learnt = await train(planner, employee, 2)
    ids = {"outlet": outlet["id"], "employee": employee["id"], "held": held["id"], "training": learnt["id"]}
    yield World(kit, ids, {"outlet": 1, "employee": 3})
    assert len(await kit.facts()) == 4


def test_every_route_stands_in_the_table() -> None:
    routes = [route for item in service.capabilities for router in item.routers for route in router.routes]
    named = {getattr(route.endpoint, ACTION_ATTRIBUTE).name for route in routes if isinstance(route, Route)}
    assert named == ROUTES.keys() == ACTIONS.keys()
    assert len(routes) == len(ROUTES)


async def test_without_a_token(world: World) -> None:
    for action in ROUTES:
        assert await world.send(action, world.kit.client(), 1) == (401, "TOKEN_MISSING"), action


async def test_with_a_role_that_does_not_allow_it(world: World) -> None:
    for action in ROUTES:
        for role in {*Role, "teller", "seller", "kiosk", "customer"} - ACTIONS[action]:
            answer = await world.send(action, world.kit.client(role), world.version(action))
            assert answer == (403, "ACTION_FORBIDDEN"), (action, role)


async def test_at_a_foreign_outlet(world: World) -> None:
    for action in [*OBJECTS, "employee.join", "workload.list"]:
        foreigner = world.somebody(action, UNKNOWN)
        answer = await world.send(action, foreigner, world.version(action))
        assert answer == (404, "NOT_FOUND"), action


async def test_an_unknown_id_looks_like_a_foreign_one(world: World) -> None:
    for action in OBJECTS:
        local = world.somebody(action, world.ids["outlet"])
        answer = await world.send(action, local, 1, outlet=UNKNOWN, employee=UNKNOWN)
        assert answer == (404, "NOT_FOUND"), action


async def test_an_unknown_id_where_all_are_seen(world: World) -> None:
    for action in OBJECTS:
        somebody = world.somebody(action)
        status, _ = await world.send(action, somebody, 1, outlet=UNKNOWN, employee=UNKNOWN)
        assert status == 404, action


async def test_an_unknown_qualification(world: World) -> None:
    for change in ("read", "revoke", "suspend", "reinstate"):
        action = f"qualification.{change}"
        answer = await world.send(action, world.somebody(action), 3, held=UNKNOWN)
        assert answer == (404, "QUALIFICATION_NOT_FOUND"), action


async def test_an_unknown_training(world: World) -> None:
    annuller = world.somebody("training.annul")
    answer = await world.send("training.annul", annuller, 3, training=UNKNOWN)
    assert answer == (404, "TRAINING_NOT_FOUND")


async def test_without_a_version(world: World) -> None:
    for action in CHANGES:
        answer = await world.send(action, world.somebody(action))
        assert answer == (428, "PRECONDITION_REQUIRED"), action


async def test_with_another_version(world: World) -> None:
    for action in CHANGES:
        for version in (world.version(action) - 1, world.version(action) + 1):
            answer = await world.send(action, world.somebody(action), version)
            assert answer == (412, "VERSION_STALE"), (action, version)
