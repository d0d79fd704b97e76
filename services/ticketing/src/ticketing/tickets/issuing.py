"""Issuing: the hot path. One statement numbers, writes, archives, queues and answers (docs/adr/0003)."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import TypeAlias
from uuid import UUID

import asyncpg
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from chassis.clock import BANK_ZONE, Clock
from chassis.http.idempotency import Claim, replayed
from chassis.http.refusals import ServiceUnavailable
from chassis.ids import new_id
from chassis.lanes import Lanes
from chassis.outbox import causes, wake
from ticketing.outlets.domain import FALLBACK_CUTOVER_HOUR
from ticketing.tickets.domain import Channel

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

ISSUE = files("ticketing.tickets").joinpath("issue.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants a number. ``causes`` are those of the fact, as JSON."""

    outlet_id: UUID
    service_code: str
    queue_id: UUID | None
    channel: Channel
    visitor: str | None
    claim: Claim
    causes: str


@dataclass(frozen=True, slots=True)
class Slip:
    """The answer to a request; ``fingerprint`` is that of the request it answered first, None: just now."""

    status: int
    headers: dict[str, str]
    body: bytes
    fingerprint: bytes | None


class Desk:
    """The issuing desk of one process."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._clock = clock
        self._lanes = Lanes[Connection, Request, Slip | None](partial(planned_once, engine), self._issue)
        self._under_way: dict[tuple[str, str, str], asyncio.Future[Slip | None]] = {}

    async def issue(
        self,
        claim: Claim,
        *,
        outlet_id: UUID,
        service_code: str,
        queue_id: UUID | None,
        channel: Channel,
        visitor: str | None,
    ) -> Response | None:
        """C2, T1: the answer of a new ticket, or of the one that this key got before.

        None: refused, nothing happened. Raises ``IdempotencyKeyReused``.
        """
        request = Request(
            outlet_id,
            service_code,
            queue_id,
            channel,
            visitor,
            claim,
            to_json(causes()).decode(),
        )
        identity = (claim.principal, claim.route, claim.key)
        first = self._under_way.get(identity)
        if first is not None:
            # The same key at the same time: the first of them decides, the others find what it got.
            await asyncio.wait([first])
            slip = await self._lanes.put(request)
        else:
            future = self._lanes.put(request)
            self._under_way[identity] = future
            try:
                slip = await future
            finally:
                self._under_way.pop(identity, None)
        if slip is None:
            return None
        if slip.fingerprint is None:
            return Response(slip.body, status_code=slip.status, headers=slip.headers)
        return replayed(claim, slip.fingerprint, slip.status, slip.headers, slip.body)

    async def close(self) -> None:
        """Returns the connections; nobody asks for a number any more."""
        await self._lanes.close()

    async def _issue(self, connection: Connection, requests: Sequence[Request]) -> Sequence[Slip | None]:
        """One statement, one commit for all requests; each gets its slip, or None where it is refused."""
        try:
            rows = await connection.fetch(ISSUE, *self._columns(requests))
        except asyncpg.UniqueViolationError:
            # Another process was just using one of the keys. It has committed: now its answer can be read.
            rows = await connection.fetch(ISSUE, *self._columns(requests))
        wake()
        slips: list[Slip | None] = [None] * len(requests)
        for place, fingerprint, status, headers, body in rows:
            slips[place - 1] = Slip(status, json.loads(headers), body, fingerprint)
        return slips

    def _columns(self, requests: Sequence[Request]) -> tuple[object, ...]:
        """The parameters of ``issue.sql``."""
        return (
            [request.outlet_id for request in requests],
            [request.service_code for request in requests],
            [request.queue_id for request in requests],
            [new_id() for _ in requests],
            [new_id() for _ in requests],
            [request.channel for request in requests],
            [request.visitor for request in requests],
            [request.claim.principal for request in requests],
            [request.claim.route for request in requests],
            [request.claim.key for request in requests],
            [request.claim.fingerprint for request in requests],
            [request.causes for request in requests],
            self._clock.now(),
            BANK_ZONE.key,
            FALLBACK_CUTOVER_HOUR,
        )


@asynccontextmanager
async def planned_once(engine: AsyncEngine) -> AsyncIterator[Connection]:
    """A driver's connection out of the pool; a statement on it is a transaction of its own.

    Planning the statement costs more than running it for a single ticket, and the plan does not depend on
    what the arrays hold, so it is planned once per connection; by index, however small the tables are then.
    """
    async with engine.connect() as pooled:
        connection = (await pooled.get_raw_connection()).driver_connection
        assert isinstance(connection, asyncpg.Connection)
        try:
            await connection.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
            yield connection
            await connection.execute("RESET plan_cache_mode; RESET enable_seqscan")
        except BaseException as error:
            # Nobody has translated what the driver says: a connection that is gone is nobody's mistake.
            gone = isinstance(error, asyncpg.InterfaceError) and connection.is_closed()
            await pooled.invalidate()
            if gone:
                raise ServiceUnavailable from error
            raise
