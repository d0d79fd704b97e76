"""Who may call what (function level) and who sees whose objects (object level), over every operation.

What is right comes from a plain table beside each service's test, by role and operation id; neither
``access.py`` nor a route's declared action is asked, so that a slip in either shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import httpx

from chassis.testing import Caller, ServiceKit
from tests.security.operations import ROLES, UNKNOWN, Json, Operation, operations

#: What the answers to a foreign and to a missing object may differ in: it is about the request.
ABOUT_THE_REQUEST = ("instance", "request_id", "trace_id")


@dataclass(frozen=True)
class Policy:
    """``permitted``: the operation ids of each role. ``open``: those that reach beyond the caller's outlets.

    ``public``: needs no token. Each text is a list of operation ids, parted by spaces.
    """

    permitted: Mapping[str, str]
    open: Mapping[str, str] = field(default_factory=dict)
    public: str = ""

    def permits(self, role: str, operation: Operation) -> bool:
        """Whether the role may call it."""
        return operation.id in f"{self.permitted.get(role, '')} {self.public}".split()

    def opens(self, role: str, operation: Operation) -> bool:
        """Whether the role reaches objects of every outlet by it."""
        return operation.id in f"{self.open.get(role, '')} {self.open.get('*', '')} {self.public}".split()


@dataclass(frozen=True)
class World:
    """Objects of the outlet ``here`` by parameter name, and what good requests about them need.

    ``subjects``: who owns the objects, by role. ``bodies`` and ``headers`` (by operation id) stand where the
    schema does not tell enough. ``unseen``: what the insider does not find either, and why not.
    """

    kit: ServiceKit
    here: str
    elsewhere: str
    ids: Mapping[str, str]
    subjects: Mapping[str, str] = field(default_factory=dict)
    bodies: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)

    def stranger(self, role: str) -> Caller:
        """Somebody of the role whose outlet is another, and who owns nothing."""
        outlets = () if role == "customer" else (self.elsewhere,)
        return self.kit.client(role, outlets=outlets, subject="stranger")

    def insider(self, role: str) -> Caller:
        """Somebody of the role at the outlet, who owns what can be owned."""
        outlets = () if role == "customer" else (self.here,)
        return self.kit.client(role, outlets=outlets, subject=self.subjects.get(role, "insider"))

    def body(self, operation: Operation, ids: Mapping[str, str]) -> Json | None:
        """A good body about the objects of ``ids``, where the operation takes one."""
        body: Json | None = operation.sample(ids)
        return None if body is None else body | self.bodies.get(operation.id, {})

    async def ask(self, caller: Caller, operation: Operation, ids: Mapping[str, str]) -> httpx.Response:
        """A good request about the objects of ``ids``, of a version that none of them has."""
        headers = {"If-Match": '"999999"'} | dict(self.headers.get(operation.id, {}))
        options: dict[str, Any] = {"headers": headers}
        if (body := self.body(operation, ids)) is not None:
            options["json"] = body
        return await caller.request(operation.method, operation.path.format_map(ids), **options)


async def check_functions(kit: ServiceKit, policy: Policy) -> None:
    """Each operation answers 403 to exactly the roles without it, and 401 without a token."""
    found = list(operations(kit))
    listed = {name for text in [*policy.permitted.values(), policy.public] for name in text.split()}
    assert listed == {operation.id for operation in found}, "the table and the OpenAPI document differ"
    slips: list[str] = []
    for operation, role in product(found, (None, *ROLES)):
        path = operation.path.format_map(dict.fromkeys(operation.path_names, UNKNOWN))
        async with kit.client(*([role] if role else [])) as client:
            answer = await client.request(operation.method, path, json={})
        if role is None:
            right = (answer.status_code == 401) != (operation.id in policy.public.split())
        else:
            right = (answer.status_code == 403) != policy.permits(role, operation)
        if not right or answer.status_code >= 500 or (role and answer.status_code == 401):
            slips.append(f"{role or 'nobody'}: {operation.id} answered {answer.status_code}")
    assert not slips, "\n".join(slips)


async def check_objects(world: World, policy: Policy) -> None:
    """A stranger learns and does nothing; the insider's same request shows that it was a good one."""
    found = list(operations(world.kit))
    named = frozenset(name for operation in found for name in operation.path_names)
    assert named <= set(world.ids), f"the world lacks {sorted(named - set(world.ids))}"
    before = len(await world.kit.facts())
    slips: list[str] = []
    allowed = [pair for pair in product(ROLES, found) if policy.permits(*pair)]
    for role, operation in allowed:
        if not policy.opens(role, operation):
            async with world.stranger(role) as stranger:
                slips += [
                    f"{role}: {operation.id}: {slip}" for slip in await leaks(world, stranger, operation)
                ]
    assert not slips, "\n".join(slips)
    assert len(await world.kit.facts()) == before, "a stranger changed something"
    for role, operation in allowed:
        if operation.path_names and operation.id not in world.unseen:
            async with world.insider(role) as insider:
                answer = await world.ask(insider, operation, world.ids)
            if answer.status_code in (401, 403, 404, 415, 428) or answer.status_code >= 500:
                slips.append(
                    f"{role}: {operation.id} answered {answer.status_code} to the insider {answer.text}"
                )
    assert not slips, "\n".join(slips)


async def leaks(world: World, stranger: Caller, operation: Operation) -> list[str]:
    """What the operation tells or does for somebody of another outlet."""
    if operation.path_names:
        theirs = await world.ask(stranger, operation, world.ids)
        nobodys = await world.ask(stranger, operation, dict.fromkeys(world.ids, UNKNOWN))
        if theirs.status_code != 404:
            return [f"answered {theirs.status_code} about another outlet's object"]
        return [] if told(theirs) == told(nobodys) else [f"{theirs.text} differs from {nobodys.text}"]
    if operation.method != "GET":
        answer = await world.ask(stranger, operation, world.ids)
        return [f"answered {answer.status_code}"] if answer.status_code < 400 else []
    text = (await stranger.get(operation.path)).text
    slips = [f"shows {name}" for name, id_ in world.ids.items() if id_ in text]
    for name in sorted(operation.query_names & set(world.ids)):
        theirs = await stranger.get(operation.path, params={name: world.ids[name]})
        nobodys = await stranger.get(operation.path, params={name: UNKNOWN})
        if told(theirs) != told(nobodys):
            slips.append(f"{name}: {theirs.text} differs from {nobodys.text}")
    return slips


def told(answer: httpx.Response) -> tuple[int, Json]:
    """What an answer says beside what is about the request itself."""
    body: Json = answer.json() if answer.content else {}
    return answer.status_code, {key: value for key, value in body.items() if key not in ABOUT_THE_REQUEST}
