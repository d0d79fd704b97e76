"""Reads of reversals."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.errors import ObjectNotFound
from compliance.periods.domain import end_of, start_of
from compliance.reversals.domain import ReversalCase, ReversalRejection, ReversalRequest, SaleReversal
from compliance.reversals.tables import reversal_rejections, reversal_requests, sale_reversals

REQUEST_ORDER = (reversal_requests.c.id,)
REVERSAL_ORDER = (sale_reversals.c.id,)

_DECIDED = exists().where(reversal_rejections.c.request_id == reversal_requests.c.id) | exists().where(
    sale_reversals.c.request_id == reversal_requests.c.id
)


def requests_of(outlet_ids: Collection[UUID] | None, *, pending: bool) -> Select[Any]:
    """The requests of these outlets, or of all (None); those that wait for an approval, or every one."""
    statement = select(ReversalRequest)
    if outlet_ids is not None:
        statement = statement.where(reversal_requests.c.outlet_id.in_(outlet_ids))
    return statement.where(~_DECIDED) if pending else statement


def reversals_of(outlet_ids: Collection[UUID] | None, *, day: date | None) -> Select[Any]:
    """The reversals of these outlets, or of all (None), of one legal day or of all."""
    reversal = sale_reversals.c
    statement = select(SaleReversal)
    if outlet_ids is not None:
        statement = statement.where(reversal.outlet_id.in_(outlet_ids))
    if day is not None:
        statement = statement.where(reversal.reversed_at >= start_of(day), reversal.reversed_at < end_of(day))
    return statement


async def request(session: AsyncSession, request_id: UUID) -> ReversalRequest:
    """One request. Raises ``ObjectNotFound``."""
    return await load(session, ReversalRequest, request_id)


async def cases(session: AsyncSession, requests: Sequence[ReversalRequest]) -> list[ReversalCase]:
    """The requests with what became of each."""
    ids = [request.id for request in requests]
    rejected = await session.scalars(
        select(ReversalRejection).where(reversal_rejections.c.request_id.in_(ids))
    )
    rejections = {one.request_id: one for one in rejected}
    approved = await session.scalars(select(SaleReversal).where(sale_reversals.c.request_id.in_(ids)))
    reversals = {one.request_id: one for one in approved}
    return [
        ReversalCase(request=one, rejection=rejections.get(one.id), reversal=reversals.get(one.id))
        for one in requests
    ]


async def case(session: AsyncSession, request_id: UUID) -> ReversalCase:
    """One request with what became of it. Raises ``ObjectNotFound``."""
    (found,) = await cases(session, [await request(session, request_id)])
    return found


async def is_pending(session: AsyncSession, sale_id: UUID) -> bool:
    """Whether a request about the sale waits for its approval."""
    waiting = exists().where(reversal_requests.c.sale_id == sale_id, ~_DECIDED)
    return bool(await session.scalar(select(waiting)))


async def reversal_of_sale(session: AsyncSession, sale_id: UUID) -> SaleReversal | None:
    """The reversal of a sale; None: it stands."""
    return await session.scalar(select(SaleReversal).where(sale_reversals.c.sale_id == sale_id))


async def must_reversal_of_sale(session: AsyncSession, sale_id: UUID) -> SaleReversal:
    """The reversal of a sale. Raises ``ObjectNotFound`` of one that stands."""
    found = await reversal_of_sale(session, sale_id)
    if found is None:
        raise ObjectNotFound
    return found
