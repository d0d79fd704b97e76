"""Reads of decisions on the scope."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.scopes.domain import SalesScope
from compliance.scopes.tables import sales_scopes

ORDER = (sales_scopes.c.id,)


def listed() -> Select[Any]:
    """Every decision."""
    return select(SalesScope)


async def in_force(session: AsyncSession, on: date) -> SalesScope | None:
    """The decision that holds on a legal day: of those begun, the one that began last, then the newest."""
    scope = sales_scopes.c
    begun = listed().where(scope.effective_from <= on)
    found: SalesScope | None = await session.scalar(
        begun.order_by(scope.effective_from.desc(), scope.id.desc()).limit(1)
    )
    return found
