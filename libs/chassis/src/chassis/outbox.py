"""The archive of facts and the outbox that points to it (T1, R1–R5).

R1  Per key, archive order follows versions: :func:`record` runs after the aggregate's row is locked and
    flushed, so the transaction that makes version n+1 has read committed version n, and its ``seq`` is
    larger.
R2  ``seq`` is the order. Two relays alive for a moment each send a key's rows in order, so the first
    occurrence of each fact is in order; inboxes drop the rest.
R3  No leases: the relay's lock is a transaction's advisory lock and dies with it.
R4  A row is deleted when the broker has acknowledged it, in the transaction that notes its partition's
    position.
R5  The size is checked when the fact is recorded, so a fact too large fails the request, not the relay.
"""

import asyncio
import json
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import traces
from chassis.errors import TooLarge
from chassis.events import FACT_BYTES_MAX, Fact, encode
from chassis.ids import new_id

#: Request id (HTTP) or id of the fact that caused this one (reaction); both travel with every fact
#: recorded below them.
correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
causation_id: ContextVar[str | None] = ContextVar("causation_id", default=None)

FACTS_RECORDED = "facts_recorded"

RECORD = text("""
WITH archived AS (
    INSERT INTO fact (id, type, topic, key, sequence, occurred_at, headers, data)
    SELECT f.id, f.type, f.topic, f.key, f.sequence, f.occurred_at, f.headers::jsonb, f.data
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:topics AS text[]), CAST(:keys AS text[]),
        CAST(:sequences AS bigint[]), CAST(:times AS timestamptz[]), CAST(:headers AS text[]), CAST(:data
        AS text[])
    ) WITH ORDINALITY AS f (id, type, topic, key, sequence, occurred_at, headers, data, place)
    ORDER BY f.place
    RETURNING seq, recorded_at
)
INSERT INTO outbox (seq, recorded_at) SELECT seq, recorded_at FROM archived
""")


class FactTooLarge(TooLarge):
    """R5."""

    code = "FACT_TOO_LARGE"
    zh = "事件内容超过 {limit} 字节；请缩短内容后重试。"
    en = "The fact would exceed {limit} bytes; shorten the content and try again."


class WakeUp:
    """The commit's call to the relay of its own process; a poll stands behind it for other replicas."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Facts have been committed."""
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Waits for a commit, at most ``seconds``; says whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


wake_up = WakeUp()


def wake() -> None:
    """Wakes the relay; to be called after a commit that recorded facts."""
    wake_up.set()


def causes() -> dict[str, str]:
    """The correlation, causation and trace of what is being done now, as CloudEvents extension attributes."""
    found = {
        "correlationid": correlation_id.get(),
        "causationid": causation_id.get(),
        traces.TRACEPARENT: traces.traceparent(),
    }
    return {name: value for name, value in found.items() if value is not None}


def checked_payload(fact: Fact) -> str:
    """R5: the fact's payload as JSON text; raises :class:`FactTooLarge` beyond ``FACT_BYTES_MAX``."""
    payload = encode(fact.data())
    if len(payload) > FACT_BYTES_MAX:
        raise FactTooLarge(limit=FACT_BYTES_MAX)
    return payload.decode()


async def record(session: AsyncSession, *facts: Fact) -> None:
    """T1, R1: flushes, then archives the facts in the order given and queues them for the relay.

    Call it after the aggregate's change, in the same transaction. Raises :class:`FactTooLarge` (R5).
    """
    headers = json.dumps(causes())
    await record_caused(session, [(fact, headers) for fact in facts])


async def record_caused(session: AsyncSession, caused: Sequence[tuple[Fact, str]]) -> None:
    """As :func:`record`, each fact with the :func:`causes` of its own, as JSON, where requests share it."""
    await session.flush()
    if not caused:
        return
    facts = [fact for fact, _ in caused]
    parameters: dict[str, Any] = {
        "ids": [new_id() for _ in facts],
        "types": [fact.type for fact in facts],
        "topics": [fact.topic for fact in facts],
        "keys": [fact.key for fact in facts],
        "sequences": [fact.version for fact in facts],
        "times": [fact.occurred_at for fact in facts],
        "headers": [headers for _, headers in caused],
        "data": [checked_payload(fact) for fact in facts],
    }
    await session.execute(RECORD, parameters)
    session.info[FACTS_RECORDED] = True


def committed(session: AsyncSession) -> None:
    """Wakes the relay if the transaction that was just committed recorded facts."""
    if session.info.pop(FACTS_RECORDED, False):
        wake()
