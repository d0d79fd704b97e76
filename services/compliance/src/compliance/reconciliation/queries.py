"""Reads of differences and of the days that were gone through."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.reconciliation.domain import Difference, DifferenceKind, Reconciliation, Settlement
from compliance.reconciliation.tables import (
    reconciliation_differences,
    reconciliation_settlements,
    reconciliations,
)

DIFFERENCE_ORDER = (reconciliation_differences.c.id,)
DAY_ORDER = (reconciliations.c.day,)

_SETTLED = exists().where(reconciliation_settlements.c.difference_id == reconciliation_differences.c.id)


def differences(
    *, kind: DifferenceKind | None = None, day: date | None = None, open_: bool = False
) -> Select[Any]:
    """Differences of a kind, of a day, only those that stand; or all."""
    statement = select(Difference)
    if kind is not None:
        statement = statement.where(reconciliation_differences.c.kind == kind)
    if day is not None:
        statement = statement.where(reconciliation_differences.c.day == day)
    return statement.where(~_SETTLED) if open_ else statement


def days() -> Select[Any]:
    """The days that were gone through."""
    return select(Reconciliation)


async def settlements(session: AsyncSession, found: list[Difference]) -> Mapping[Any, Settlement]:
    """What is settled of these, by the difference's id."""
    ids = [difference.id for difference in found]
    statement = select(Settlement).where(reconciliation_settlements.c.difference_id.in_(ids))
    return {one.difference_id: one for one in await session.scalars(statement)}


async def found_on(session: AsyncSession, day: date) -> Mapping[DifferenceKind, int]:
    """How many differences came to light on a day, by kind."""
    difference = reconciliation_differences.c
    statement = select(difference.kind, func.count()).where(difference.day == day).group_by(difference.kind)
    return {DifferenceKind(kind): count for kind, count in await session.execute(statement)}


async def count_open(session: AsyncSession) -> int:
    """How many differences stand, of all days."""
    statement = select(func.count()).select_from(reconciliation_differences).where(~_SETTLED)
    return (await session.execute(statement)).scalar_one()
