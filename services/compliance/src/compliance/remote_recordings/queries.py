"""Reads of where remote recording is enabled."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Read, among
from compliance.remote_recordings.domain import Enabling
from compliance.remote_recordings.tables import remote_recordings
from compliance.reviews.domain import ReviewState

ORDER = (remote_recordings.c.id,)

#: Where the products ``product_ids`` may be recorded remotely, or might have been.
ENABLINGS = Read(
    Enabling,
    select(remote_recordings).where(among(remote_recordings.c.product_id, "product_ids")),
    by="product_id",
)


def listed(*, product_id: UUID | None = None, state: ReviewState | None = None) -> Select[Any]:
    """All of them, of a product and in a state where they are given."""
    statement = select(Enabling)
    if product_id is not None:
        statement = statement.where(remote_recordings.c.product_id == product_id)
    return statement if state is None else statement.where(remote_recordings.c.state == state)


async def enabling(session: AsyncSession, enabling_id: UUID) -> Enabling:
    """One of them. Raises ``ObjectNotFound``."""
    return await load(session, Enabling, enabling_id)


async def remote_enabled(session: AsyncSession, product_id: UUID, outlet_id: UUID, at: datetime) -> bool:
    """Whether a sale of the product at the outlet could be recorded remotely from ``at`` on."""
    found = await session.scalars(listed(product_id=product_id))
    return any(one.enabled(outlet_id, at) for one in found)
