"""Reads of customers' requests, and of what a deletion would have to yield to."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load, lock
from compliance.data_requests.domain import DataRequest
from compliance.data_requests.tables import data_answers, data_requests
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
    session: AsyncSession, customer_id: UUID, on: date, *, locked: bool = False
) -> tuple[KeptEvidence, ...]:
    """The customer's recordings whose bytes are there, and the last day of each, seen from the day ``on``.

    ``locked``: their heads for reading, behind the customer's (G1).
    """
    recordings = await session.scalars(listed(None, customer_id=customer_id).order_by(*RECORDING_ORDER))
    found = []
    for recording in recordings.unique().all():
        if locked:
            await lock(session, Recording, recording.id, share=True)
        keeping = await keeping_of(session, recording.id)
        if keeping.state is RetentionState.DISPOSED:
            continue
        until = keeping.retain_until if keeping.sales else keeping.last_day(shipped_release(), on)
        days = [day for day in (until, keeping.floor) if day is not None]
        ends = until is not None and not keeping.open_holds
        found.append(KeptEvidence(recording_id=recording.id, last_day=max(days) if ends else None))
    return tuple(found)
