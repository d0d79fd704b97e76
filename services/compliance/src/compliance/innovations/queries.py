"""Reads of proposals."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.innovations.domain import Innovation
from compliance.innovations.tables import innovations
from compliance.reviews.domain import ReviewState

ORDER = (innovations.c.id,)


def listed(outlet_ids: Collection[UUID] | None, state: ReviewState | None) -> Select[Any]:
    """The proposals of the whole bank and of these outlets, or all (None); of one state, or all (None)."""
    statement = select(Innovation)
    if outlet_ids is not None:
        statement = statement.where(
            innovations.c.outlet_id.is_(None) | innovations.c.outlet_id.in_(outlet_ids)
        )
    return statement if state is None else statement.where(innovations.c.state == state)


async def innovation(session: AsyncSession, innovation_id: UUID) -> Innovation:
    """One proposal. Raises ``ObjectNotFound``."""
    return await load(session, Innovation, innovation_id)
