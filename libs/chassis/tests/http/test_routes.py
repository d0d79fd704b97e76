"""Which routes a service may have, and who gets in (§4: role 403, foreign outlet 404)."""

from uuid import UUID

import pytest
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import async_sessionmaker

from chassis.auth import Access, Action, Principal, Resource, Verdict, action
from chassis.clock import SystemClock
from chassis.errors import ObjectNotFound
from chassis.http.app import create_app
from chassis.http.keys import StaticKeys
from chassis.http.refusals import ActionForbidden
from chassis.http.routing import Gate, routes
from chassis.http.tokens import JwtVerifier
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from libs.chassis.tests.http import notes
from libs.chassis.tests.http.conftest import FOREIGN, OUTLET, Rows, a_note


def start(kit: ServiceKit, *routers: APIRouter) -> None:
    """Starts a service with these routers."""
    verifier = JwtVerifier("i", "sample", StaticKeys({}), SystemClock())
    create_app(
        notes.service_with(*routers),
        kit.settings,
        sessions=async_sessionmaker(kit.engine),
        clock=SystemClock(),
        verifier=verifier,
    )


def test_a_route_without_an_action_cannot_be_made() -> None:
    router = routes("/v1/things", "things")
    with pytest.raises(TypeError, match="declares no action"):

        @router.get("")
        async def list_things() -> None: ...


async def test_a_router_that_escapes_the_edge_stops_the_start(kit: ServiceKit) -> None:
    plain = APIRouter()

    @plain.get("/v1/things")
    @action("note.list")
    async def list_things() -> None: ...

    with pytest.raises(TypeError, match="not a route with a declared action"):
        start(kit, plain)
    hidden = routes("", "things")
    hidden.include_router(plain, prefix="/v2")
    with pytest.raises(TypeError, match="not a route with a declared action"):
        start(kit, hidden)


async def test_a_raw_route_stops_the_start(kit: ServiceKit) -> None:
    router = routes("/v1/things", "things")

    async def raw(request: Request) -> Response:
        return Response()

    router.add_route("/raw", raw)
    with pytest.raises(TypeError, match="not a route with a declared action"):
        start(kit, router)


async def test_two_operations_of_one_name_stop_the_start(kit: ServiceKit) -> None:
    one, two = routes("/v1/ones", "ones"), routes("/v1/twos", "twos")
    for router in (one, two):

        @router.get("")
        @action("note.list")
        async def list_things() -> None: ...

    with pytest.raises(TypeError, match="operation list_things is taken by /v1/ones"):
        start(kit, one, two)


async def test_an_action_that_the_policy_does_not_know_stops_the_start(kit: ServiceKit) -> None:
    router = routes("/v1/things", "things")

    @router.get("")
    @action("thing.list")
    async def list_things() -> None: ...

    with pytest.raises(TypeError, match=r"knows no action thing\.list"):
        start(kit, router)


def test_a_blocking_endpoint_cannot_be_made() -> None:
    router = routes("/v1/things", "things")
    with pytest.raises(TypeError, match="no coroutine function"):

        @router.get("")
        @action("note.list")
        def list_things() -> None: ...


async def test_a_wrong_role_is_403_before_the_body_is_looked_at(kit: ServiceKit, rows: Rows) -> None:
    auditor = kit.client("auditor")
    answer = await auditor.post("/v1/notes", content=b"{", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (403, "ACTION_FORBIDDEN")
    assert (await auditor.get("/v1/notes")).status_code == 200
    assert await rows("idempotency") == 0


async def test_the_role_is_judged_even_where_the_endpoint_forgets(kit: ServiceKit) -> None:
    assert (await kit.client("auditor").put("/v1/odd/swallowed")).status_code == 403


async def test_a_foreign_outlet_is_404(kit: ServiceKit, teller: Caller, rows: Rows) -> None:
    foreign = kit.client("teller", outlets=(str(FOREIGN),))
    note = (await teller.post("/v1/notes", json=a_note())).json()
    path = f"/v1/notes/{note['id']}"
    refused = [
        await foreign.get(path),
        await foreign.post(f"{path}/renaming", json={"name": "x"}, headers={"If-Match": '"1"'}),
        await foreign.post("/v1/notes", json=a_note()),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(404, "NOT_FOUND")] * 3
    assert (await teller.get(path)).json()["name"] == note["name"]
    assert await rows("notes") == 1


async def test_an_endpoint_that_never_asks_about_its_object_answers_nobody(teller: Caller) -> None:
    answer = await teller.get(f"/v1/odd/forgetful/{new_id()}")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")


async def test_a_public_route_needs_no_token_and_knows_one(kit: ServiceKit, teller: Caller) -> None:
    assert (await kit.client().get("/v1/odd/open")).json() == {"caller": ""}
    assert (await teller.get("/v1/odd/open")).json() == {"caller": "teller-1"}


def recorded(answers: list[Resource | None]) -> Access:
    def access(principal: Principal, action_name: str, resource: Resource | None) -> Verdict:
        answers.append(resource)
        return Verdict.HIDDEN if resource == Resource(FOREIGN) else Verdict.ALLOWED

    return access


def test_the_gate_asks_what_it_was_told() -> None:
    asked: list[Resource | None] = []
    gate = Gate(recorded(asked), Action(name="x"), Principal("s", frozenset(), frozenset()))
    gate()
    assert (gate.asked_about_object, asked) == (False, [None])
    gate(outlet_id=None)
    gate(outlet_id=OUTLET)
    gate(outlet_id=None, owner="s")
    gate(owner="s")
    assert gate.asked_about_object
    assert asked == [None, Resource(None), Resource(OUTLET), Resource(None, "s"), Resource(None, "s")]
    with pytest.raises(ObjectNotFound):
        gate(outlet_id=UUID(str(FOREIGN)))


def test_the_gate_refuses_for_good() -> None:
    gate = Gate(
        lambda principal, name, resource: Verdict.FORBIDDEN,
        Action(name="x"),
        Principal("s", frozenset(), frozenset()),
    )
    with pytest.raises(ActionForbidden) as refused:
        gate()
    assert "(x)" in refused.value.messages["en"]
