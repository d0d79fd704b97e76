"""T1: attempts to log a sale share a transaction, and a single one waits for nobody (docs/adr/0035).

What the gate locks and reads takes sets of ids, so that several cases are judged by facts of one moment for
little more than what one costs. The heads of all of them are locked in the one order, and no two rest on
anything that one keeps to itself. What is charged for, repeated, stale or of a given id is nobody's here:
nothing has happened to it, and the general way does it by itself.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from starlette.responses import Response

from chassis.errors import ServiceError
from chassis.http.call import Call, answering
from chassis.http.edge import Edge
from chassis.http.idempotency import Claim, claim_all, disclaim, remember
from chassis.http.routing import Gate
from chassis.lanes import Lanes
from chassis.outbox import record_caused
from chassis.reads import Reads
from compliance.cases.domain import Money, SaleCase
from compliance.cases.queries import CASES
from compliance.sales.answers import sale_answer
from compliance.sales.bodies import count_refusal
from compliance.sales.commands import Attempted, settle_sales
from compliance.sales.domain import Sale, check_attempt, check_confirmed
from compliance.sales.gate import judge_named
from compliance.sales.reading import Named, named_heads

#: A transaction holds its heads until its last sale is written.
TOGETHER_MAX = 32
#: A transaction that takes longer is passed by.
LONG_SECONDS = 0.25
#: Who holds the heads of several customers does not wait long for another one: consumers lock them in the
#: order of their facts, and PostgreSQL looks for two that wait for each other after a second.
GIVE_WAY = text("SET LOCAL lock_timeout = '250ms'")

log = structlog.get_logger()

_CASES = Reads(CASES)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants the sale of a case logged. ``causes`` are those of its facts, as JSON.

    ``call``: the request, in whose language it is answered.
    """

    case_id: UUID
    recording_id: UUID | None
    confirmed: Money | None
    version: int
    guard: Gate
    claim: Claim
    causes: str
    call: Call


@dataclass(slots=True)
class Line:
    """A connection that a lane holds."""

    connection: AsyncConnection

    def is_closed(self) -> bool:
        """Whether it is lost."""
        return self.connection.closed or self.connection.invalidated


class SalesDesk:
    """Where one process logs sales together."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._lanes = Lanes[Line, Attempt, Response | None](
            self._connect, self._settle, together_max=TOGETHER_MAX, long_seconds=LONG_SECONDS
        )

    async def settle(self, attempt: Attempt) -> Response | None:
        """The answer to the attempt; None: nothing has happened, and it is to be made by itself."""
        return await self._lanes.put(attempt)

    async def close(self) -> None:
        """Returns the connections; nobody wants a sale logged any more."""
        await self._lanes.close()

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Line]:
        async with self._edge.engine.connect() as connection:
            yield Line(connection)

    async def _settle(self, line: Line, attempts: Sequence[Attempt]) -> Sequence[Response | None]:
        try:
            return await self._shared(line, attempts)
        except Exception as error:
            if len(attempts) == 1:
                raise
            # A lock that is not had soon, or what is wrong with one of them: each is made by itself.
            log.warning("attempts go alone", attempts=len(attempts), error=type(error).__name__)
            return [None] * len(attempts)

    async def _shared(self, line: Line, attempts: Sequence[Attempt]) -> list[Response | None]:
        async with self._edge.transaction(line.connection) as session:
            if len(attempts) > 1:
                await session.execute(GIVE_WAY)
            ours = await claim_all(session, [one.claim for one in attempts])
            claimed = [one for one, is_ours in zip(attempts, ours, strict=True) if is_ours]
            done = await self._settled(session, claimed) if claimed else []
            answers = {by.claim: _answer(by, one) for by, one in done}
            if answers:
                await disclaim(session, [one.claim for one in claimed if one.claim not in answers])
                await remember(session, list(answers.items()))
            else:
                await session.rollback()
        for _, one in done:
            count_refusal(one.violations)
        return [
            answers.get(one.claim) if is_ours else None for one, is_ours in zip(attempts, ours, strict=True)
        ]

    async def _settled(
        self, session: AsyncSession, attempts: Sequence[Attempt]
    ) -> list[tuple[Attempt, Attempted[Sale]]]:
        """Logs or refuses those that can be judged together, and answers these."""
        edge = self._edge
        found = await _CASES.read(session, case_ids=sorted({one.case_id for one in attempts}))
        wanted: dict[UUID, tuple[Attempt, SaleCase]] = {}
        for attempt in attempts:
            case = found.one(CASES, attempt.case_id)
            if case is not None and _may(attempt, case, edge.clock.now()):
                wanted.setdefault(case.id, (attempt, case))
        about = [(case, attempt.recording_id) for attempt, case in wanted.values()]
        named = apart(await named_heads(session, about)) if about else []
        if not named:
            return []
        judged = [
            one
            for one in await judge_named(session, edge.clock, edge.settings, named, share=False)
            if one.recorded and _may(wanted[one.case.id][0], one.case, one.decision.decided_at)
        ]
        if not judged:
            return []
        done = [(wanted[one.case.id][0], one) for one in await settle_sales(session, edge.settings, judged)]
        await record_caused(session, [(fact, by.causes) for by, one in done for fact in one.facts])
        return done


def _may(attempt: Attempt, case: SaleCase, at: datetime) -> bool:
    """Whether the caller may attempt it; why not, the general way says."""
    try:
        attempt.guard(outlet_id=case.outlet_id)
        check_attempt(case, attempt.version, by=attempt.guard.principal.subject, at=at)
        check_confirmed(case, attempt.confirmed)
    except ServiceError:
        return False
    return True


def apart(named: Sequence[Named]) -> list[Named]:
    """Those of which no two rest on what one keeps to itself: a recording, what is left of a resolution.

    Quotes are kept as well, and locked behind the cases: what is charged for is none of them.
    """
    kept: set[UUID] = set()
    found = []
    for one in named:
        alone = {*one.parties.documents, *([] if one.recording_id is None else [one.recording_id])}
        is_known = one.recording_id is None or (one.recorded_at is not None and not one.is_part)
        if is_known and not one.service_ids and kept.isdisjoint(alone):
            kept |= alone
            found.append(one)
    return found


def _answer(attempt: Attempt, done: Attempted[Sale]) -> Response:
    with answering(attempt.call):
        return sale_answer(done)
