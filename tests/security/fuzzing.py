"""Requests made by schemathesis from the OpenAPI document, about objects that exist and ids that nobody has.

None is answered with an error of ours (5xx), each with a status, a type and a shape that the document names.
"""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import schemathesis
import uvicorn
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

from chassis.testing import ServiceKit
from tests.security.authorisation import Policy, World
from tests.security.operations import ROLES, Operation, operations

#: Requests for each operation, kind of data and kind of ids.
EXAMPLES = 60 if os.environ.get("FUZZ") == "full" else 2
PATIENCE_SECONDS = 30.0
load_all_checks()


@schemathesis.serializer("application/offset+octet-stream")
def chunk(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """Bytes as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


CHECKS = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
]


@contextmanager
def served(kit: ServiceKit) -> Iterator[str]:
    """Where the same service answers over HTTP on a loop of its own, on the same database."""
    started, stop, found = threading.Event(), threading.Event(), []

    async def serve() -> None:
        twin = ServiceKit(kit.service, kit.database, kit.data_dir, clock=kit.clock, further=kit.further)
        server = uvicorn.Server(uvicorn.Config(twin.app, port=0, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.wait({serving}, timeout=0.01)
        found.append(server.servers[0].sockets[0].getsockname()[1])
        started.set()
        await asyncio.to_thread(stop.wait)
        server.should_exit = True
        await serving
        await twin.close()

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    try:
        assert started.wait(PATIENCE_SECONDS)
        yield f"http://127.0.0.1:{found[0]}"
    finally:
        stop.set()
        thread.join()


@dataclass
class Fuzz:
    """What is asked of one service, and how it was answered: by status."""

    world: World
    policy: Policy
    url: str
    statuses: Counter[int] = field(default_factory=Counter)
    slips: list[str] = field(default_factory=list)

    def every_operation(self) -> None:
        """Asks each as somebody who may call it."""
        known = {operation.id: operation for operation in operations(self.world.kit)}
        schema = schemathesis.openapi.from_dict(self.world.kit.app.openapi())
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            ours = known[operation.definition.raw["operationId"]]
            role = next((role for role in ROLES if self.policy.permits(role, ours)), None)
            for mode in schemathesis.GenerationMode:
                for ids in (dict(self.world.ids), {}):
                    self.one(operation, mode, self.headers(role), parameters(ours, ids))

    def headers(self, role: str | None) -> dict[str, str]:
        """What shows who calls."""
        name = "Authorization"
        return {} if role is None else {name: self.world.insider(role).headers[name]}

    def one(
        self,
        operation: schemathesis.APIOperation[Any, Any, Any, Any],
        mode: schemathesis.GenerationMode,
        headers: Mapping[str, str],
        path: Mapping[str, str],
    ) -> None:
        """A few requests to one operation; the smallest that shows a slip is kept."""

        @hypothesis.seed(20261129)
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(operation.as_strategy(generation_mode=mode, path_parameters=dict(path) or None))
        def ask(case: schemathesis.Case[Any]) -> None:
            response = case.call(base_url=self.url, headers=dict(headers))
            self.statuses[response.status_code] += 1
            case.validate_response(response, checks=CHECKS, headers=dict(headers))

        try:
            # Nothing can be made wrong of an operation that takes nothing.
            with suppress(hypothesis.errors.Unsatisfiable):
                ask()
        except (Exception, BaseExceptionGroup) as error:
            self.slips.append(f"{operation.label} ({mode.value}): {error}")


def parameters(operation: Operation, ids: Mapping[str, str]) -> dict[str, str]:
    """The path's parameters out of ``ids``."""
    return {name: ids[name] for name in operation.path_names if name in ids}


async def check_fuzzed(world: World, policy: Policy) -> None:
    """Nothing breaks, and nothing is answered that the document does not name."""
    with served(world.kit) as url:
        fuzz = Fuzz(world, policy, url)
        await asyncio.to_thread(fuzz.every_operation)
    assert not fuzz.slips, "\n\n".join(slip[:1500] for slip in fuzz.slips[:10])
    print(fuzz.statuses.total(), "requests", dict(sorted(fuzz.statuses.items())))
    assert fuzz.statuses.total() >= 4 * len(list(operations(world.kit)))
