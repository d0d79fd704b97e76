"""Reads of regular plans."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.plans.domain import Debit, Plan, PlanState
from compliance.plans.tables import plan_cases, plan_debits, plans

ORDER = (plans.c.id,)
DEBIT_ORDER = (plan_debits.c.id,)


def listed(outlet_ids: Collection[UUID] | None, *, state: PlanState | None = None) -> Select[Any]:
    """The plans of these outlets, or all (None), in one state or in any."""
    statement = select(Plan)
    if outlet_ids is not None:
        statement = statement.where(plans.c.outlet_id.in_(outlet_ids))
    return statement if state is None else statement.where(plans.c.state == state)


async def plan(session: AsyncSession, plan_id: UUID) -> Plan:
    """One plan. Raises ``ObjectNotFound``."""
    return await load(session, Plan, plan_id)


def debits_of(plan_id: UUID) -> Select[Any]:
    """The debits of a plan that were judged."""
    return select(Debit).where(plan_debits.c.plan_id == plan_id)


async def resting_on(session: AsyncSession, case_id: UUID) -> UUID | None:
    """The plan that rests on the sale of the case now; lock it, and look again (G1)."""
    return await session.scalar(select(plans.c.id).where(plans.c.case_id == case_id))


async def is_taken(session: AsyncSession, case_id: UUID) -> bool:
    """Whether a plan rests on the case already. Lock the case first (G1)."""
    statement = select(plan_cases.c.case_id).where(plan_cases.c.case_id == case_id)
    return await session.scalar(statement) is not None


async def is_allowed(session: AsyncSession, plan_id: UUID, period: int) -> bool:
    """Whether the debit of the period was allowed already. Lock the plan first (G1)."""
    debit = plan_debits.c
    statement = select(debit.id).where(debit.plan_id == plan_id, debit.period == period, debit.allowed)
    return await session.scalar(statement) is not None
