"""Reads of sale cases."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import every, heads
from compliance.cases.domain import CaseState, SaleCase
from compliance.cases.tables import cases

ORDER = (cases.c.id,)

#: Of the cases ``case_ids``: their rows to lock, and what they hold behind the locks (G1).
HEADS = heads(cases.c.id, "case_ids", share=False)
CASES = every(SaleCase, cases.c.id, "case_ids")


def listed(
    outlet_ids: Collection[UUID] | None,
    *,
    logged: bool | None = None,
    standing: CaseState | None = None,
    customer_id: UUID | None = None,
    seller_id: UUID | None = None,
) -> Select[Any]:
    """The cases of these outlets, or all (None), narrowed by what is given."""
    statement = select(SaleCase)
    if outlet_ids is not None:
        statement = statement.where(cases.c.outlet_id.in_(outlet_ids))
    if logged is not None:
        statement = statement.where((cases.c.state == CaseState.LOGGED) == logged)
    if standing is not None:
        statement = statement.where(cases.c.state == standing)
    if customer_id is not None:
        statement = statement.where(cases.c.customer_id == customer_id)
    if seller_id is not None:
        statement = statement.where(cases.c.seller_id == seller_id)
    return statement


async def case(session: AsyncSession, case_id: UUID) -> SaleCase:
    """One case. Raises ``ObjectNotFound``."""
    return await load(session, SaleCase, case_id)


async def last_visit(session: AsyncSession, customer_id: UUID, by: datetime) -> SaleCase | None:
    """The customer's newest case that had been opened by then; None: he was not there to buy anything."""
    statement = (
        select(SaleCase)
        .where(cases.c.customer_id == customer_id, cases.c.opened_at <= by)
        .order_by(cases.c.id.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def of_session(session: AsyncSession, session_id: UUID) -> Sequence[SaleCase]:
    """Every case of a visit, oldest first, however it stands."""
    statement = select(SaleCase).where(cases.c.session_id == session_id).order_by(*ORDER)
    return (await session.scalars(statement, execution_options={"populate_existing": True})).all()


async def open_in_session(session: AsyncSession, session_id: UUID) -> Sequence[SaleCase]:
    """The cases of a visit that have not ended."""
    statement = select(SaleCase).where(cases.c.session_id == session_id, cases.c.state == CaseState.OPEN)
    return (await session.scalars(statement.order_by(*ORDER))).all()


async def logged_minor(
    session: AsyncSession, case_ids: Collection[UUID], customer_id: UUID, currency: str
) -> int:
    """What those of the cases have brought that are logged, to this customer and in this currency."""
    statement = select(func.coalesce(func.sum(cases.c.amount_minor), 0)).where(
        cases.c.id.in_(case_ids),
        cases.c.state == CaseState.LOGGED,
        cases.c.customer_id == customer_id,
        cases.c.currency == currency,
    )
    return int(await session.scalar(statement) or 0)
