"""Statements, shapes and headers that nobody means well, put into every place of every operation.

None is answered with an error of ours (5xx), none is run by the database, none gets a body read that is not
what it says it is. A statement that was run would show: its table is gone, a sleep runs into the time-out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import psycopg

from chassis.testing import Caller
from tests.security.authorisation import Policy, World
from tests.security.operations import ROLES, Json, Operation, operations

STATEMENTS = (
    "' OR '1'='1",
    "x'; DROP TABLE outbox CASCADE; --",
    "x'); SELECT pg_sleep(60); --",
    "1 UNION SELECT rolpassword FROM pg_authid",
    "\\'; DROP TABLE outbox CASCADE; --",
    "$$; DROP TABLE outbox CASCADE; $$",
    "%' ESCAPE '' --",
    "${7*7}{{7*7}}%s%n\x00",
)
#: Values of another kind than the place wants, or of its kind at its border.
SHAPES: tuple[Any, ...] = (None, True, -1, 2**63, 1e308, "", "￿" * 5000, [], {}, [[[[]]]], {"$ne": None})
VERSIONS = (
    b'"1\' OR 1=1"',
    b"*",
    b'W/"1"',
    b'"-1"',
    b'"99999999999999999999"',
    b"1",
    # A digit to some, a number to nobody.
    b'"\xb2"',
    b"",
)
BODIES = (
    b"",
    b"{",
    b"[" * 100_000,
    b'{"a":1e999}',
    b"\xff\xfe{\x00}\x00",
    b"\x00",
    b'{"a":"\\ud800"}',
    b"nul",
)
CONTENT_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/json, text/html",
    "application/jsonx",
    "",
)


@dataclass
class Attack:
    """The operations of a service under attack, and what was answered that must not be."""

    world: World
    policy: Policy
    asked: int = 0
    slips: list[str] = field(default_factory=list)

    async def every_operation(self) -> None:
        """Attacks each by somebody who may call it: what is refused to all would never be reached."""
        before = tables(self.world)
        for operation in operations(self.world.kit):
            role = next((role for role in ROLES if self.policy.permits(role, operation)), None)
            if role is None:
                continue
            async with self.world.insider(role) as caller:
                async for answer, what in self._answers(caller, operation):
                    self.asked += 1
                    if answer.status_code >= 500:
                        self.slips.append(
                            f"{operation.id}: {what!r:.120}: {answer.status_code} {answer.text}"
                        )
        if before != tables(self.world):
            self.slips.append("a table has come or gone")

    async def _answers(self, caller: Caller, operation: Operation) -> Any:
        good = self.world.body(operation, self.world.ids)
        for names, query, json in places(operation, self.world.ids, good):
            path = operation.path.format_map({**self.world.ids, **names})
            headers = {"If-Match": '"1"'}
            options: Json = {} if json is None else {"json": json}
            answer = await caller.request(operation.method, path, params=query, headers=headers, **options)
            yield answer, (names, query, json)
        path = operation.path.format_map(self.world.ids)
        if operation.method == "GET":
            return
        for version in VERSIONS:
            options = {} if good is None else {"json": good}
            yield (
                await caller.request(operation.method, path, headers=[(b"If-Match", version)], **options),
                version,
            )
        if good is None:
            return
        for body in BODIES:
            headers = {"If-Match": '"1"', "Content-Type": "application/json"}
            yield await caller.request(operation.method, path, headers=headers, content=body), body
        for content_type in CONTENT_TYPES:
            headers = {"If-Match": '"1"', "Content-Type": content_type}
            answer = await caller.request(operation.method, path, headers=headers, content=b"{}")
            if answer.status_code not in (404, 415):
                self.slips.append(f"{operation.id}: read {content_type!r}: {answer.status_code}")
            yield answer, content_type


def places(
    operation: Operation, ids: Mapping[str, str], good: Json | None
) -> Iterator[tuple[dict[str, str], Json, Json | None]]:
    """Path, query and body of requests that each have one bad value at one place."""
    for name in sorted(operation.path_names):
        for value in STATEMENTS:
            yield {name: quote(value, safe="")}, {}, good
    for name in sorted(operation.query_names):
        for value in (*STATEMENTS, "", "-1", "9" * 40, "￿" * 2000):
            yield {}, {name: value}, good
    for name in sorted(good or {}):
        for bad in (*STATEMENTS, *SHAPES):
            yield {}, {}, {**(good or {}), name: bad}


def tables(world: World) -> list[str]:
    """The names of the service's tables."""
    query = (
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    with psycopg.connect(world.kit.database.owner_url) as connection:
        return sorted(name for (name,) in connection.execute(query.encode()))


async def check_attacks(world: World, policy: Policy) -> None:
    """Nothing is run, nothing breaks; at least a few requests for each operation."""
    attack = Attack(world, policy)
    await attack.every_operation()
    assert not attack.slips, "\n".join(attack.slips[:20])
    print(attack.asked, "requests")
    assert attack.asked > 5 * len(list(operations(world.kit)))
