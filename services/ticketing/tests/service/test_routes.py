"""Every operation: 403 exactly where the table does not name the role, 404 for another outlet's objects."""

import pytest
from fastapi.routing import APIRoute

from chassis.http.routing import Route
from chassis.testing import ServiceKit
from services.ticketing.tests.hall import (
    ELSEWHERE,
    TODAY,
    UNKNOWN,
    Hall,
    call,
    etag,
    names,
    refusal,
    sit_down,
    take,
)
from ticketing.access import ACTIONS, LOBBY, Role
from ticketing.service import service

ROLES = [*Role, "seller", "complaint_handler", "evaluator_hq", "product_admin", "compliance_officer"]

ROUTES = [
    route
    for capability in service.capabilities
    for router in capability.routers
    for route in router.routes
    if isinstance(route, APIRoute)
]


def test_every_route_has_its_action_in_the_table() -> None:
    assert {route.action.name for route in ROUTES if isinstance(route, Route)} == set(ACTIONS)


@pytest.mark.parametrize("role", ROLES)
async def test_roles(kit: ServiceKit, role: str) -> None:
    async with kit.client(role) as client:
        for route in ROUTES:
            assert isinstance(route, Route)
            path = route.path.replace("{code}", "cash")
            for name in route.param_convertors:
                path = path.replace(f"{{{name}}}", str(UNKNOWN))
            for method in route.methods or ():
                status = (await client.request(method, path, json={})).status_code
                assert (status == 403) == (role not in ACTIONS[route.action.name]), (method, path, status)


async def test_nobody_without_a_token(kit: ServiceKit) -> None:
    async with kit.client() as client:
        for route in ROUTES:
            for method in route.methods or ():
                assert (await client.request(method, route.path, json={})).status_code == 401


#: Good bodies, so that nothing but the foreign outlet can refuse.
BODIES = {
    "ticket.issue": {"service_code": "cash"},
    "queue.set_up": {"letter": "Q", "service_codes": ["cash"], **names("q")},
    "queue.change": {"service_codes": ["cash"], **names("q")},
    "counter.set_up": {"label": "9", "queue_ids": [str(UNKNOWN)]},
    "counter.change": {"label": "9", "queue_ids": [str(UNKNOWN)]},
    "session.open": {"employee_id": str(UNKNOWN)},
    "day.close": {"business_date": TODAY},
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
async def test_objects_of_another_outlet_are_not_there(hall: Hall, role: Role) -> None:
    seat = await sit_down(hall)
    await take(hall)
    ids = {
        "ticket_id": (await call(hall))["id"],
        "queue_id": hall.queues["A"],
        "counter_id": hall.counters["1"],
        "session_id": seat["id"],
        "outlet_id": seat["outlet_id"],
    }
    foreign = [route for route in ROUTES if set(route.param_convertors) & set(ids)]
    async with hall.kit.client(role, outlets=(str(ELSEWHERE),)) as client:
        for route in foreign:
            assert isinstance(route, Route)
            if role not in ACTIONS[route.action.name]:
                continue
            for method in route.methods or ():
                body = BODIES.get(route.action.name)
                answer = await client.request(method, route.path.format(**ids), json=body, headers=etag(2))
                assert refusal(answer) == (404, "NOT_FOUND"), (method, route.path)


def test_the_lobby_changes_nothing_but_tickets() -> None:
    granted = {action for action, roles in ACTIONS.items() if roles & LOBBY}
    changing = {action for action in granted if action.split(".")[1] not in {"read", "list", "position"}}
    assert changing == {"ticket.issue", "ticket.cancel", "outlet.business_day"}
