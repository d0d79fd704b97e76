"""Every operation with every role: 403 exactly where the table of actions does not name the role."""

from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from chassis.http.routing import Route
from chassis.testing import ServiceKit
from feedback.access import ACTIONS, Role
from feedback.service import service
from services.feedback.tests.visits import UNKNOWN

ROLES = [*Role, "display", "staffing_planner", "product_admin", "operator", "integration"]

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
            path = route.path
            for name in route.param_convertors:
                path = path.replace(f"{{{name}}}", str(UUID(int=UNKNOWN.int)))
            for method in route.methods or ():
                status = (await client.request(method, path, json={})).status_code
                assert (status == 403) == (role not in ACTIONS[route.action.name]), (method, path, status)


async def test_nobody_without_a_token(kit: ServiceKit) -> None:
    async with kit.client() as client:
        for route in ROUTES:
            for method in route.methods or ():
                assert (await client.request(method, route.path, json={})).status_code == 401
