"""Reads of customers' requests, and of what a deletion would have to yield to."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import load, lock
from compliance.data_requests.domain import DataRequest
from compliance.data_requests.tables import data_answers, data_requests
from compliance.periods.domain import legal_date
from compliance.recordings.domain import Recording
from compliance.recordings.queries import ORDER as RECORDING_ORDER
from compliance.recordings.queries import listed
from compliance.retention.domain import RetentionState
from compliance.retention.queries import case as keeping_of
from compliance.retention.release import shipped_release
from compliance.rulebook.privacy import KeptEvidence

ORDER = (data_requests.c.id,)


def requests_of(customer_id: UUID) -> Select[Any]:
    """The requests of a customer."""
    return select(DataRequest).where(data_requests.c.customer_id == customer_id)


def requests(*, unanswered: bool) -> Select[Any]:
    """All requests, or those that wait for an answer."""
    statement = select(DataRequest)
    if unanswered:
        statement = statement.where(~exists().where(data_answers.c.request_id == data_requests.c.id))
    return statement


async def request(session: AsyncSession, request_id: UUID) -> DataRequest:
    """One request. Raises ``ObjectNotFound``."""
    return await load(session, DataRequest, request_id)


async def kept_evidence(
    session: AsyncSession, clock: Clock, customer_id: UUID, *, locked: bool = False
) -> tuple[KeptEvidence, ...]:
    """The customer's recordings whose bytes are there, and the last day of each, seen from today.

    ``locked``: their heads for reading, behind the customer's (G1); the clock is read behind them.
    """
    statement = listed(None, customer_id=customer_id).order_by(*RECORDING_ORDER)
    recordings = (await session.scalars(statement)).unique().all()
    if locked:
        for recording in recordings:
            await lock(session, Recording, recording.id, share=True)
    release, on = shipped_release(), legal_date(clock.now())
    found = []
    for recording in recordings:
        keeping = await keeping_of(session, recording.id)
        if keeping.state is not RetentionState.DISPOSED:
            last_day = None if keeping.open_holds else keeping.last_day(release, on)
            found.append(KeptEvidence(recording_id=recording.id, last_day=last_day))
    return tuple(found)
