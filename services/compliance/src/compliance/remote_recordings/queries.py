"""Reads of where remote recording is enabled."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from chassis.reads import Found, Reads, every
from compliance.remote_recordings.domain import Enabling
from compliance.remote_recordings.tables import remote_recordings
from compliance.reviews.domain import ReviewState

ORDER = (remote_recordings.c.id,)

#: Where the products ``product_ids`` may be recorded remotely, or might have been.
ENABLINGS = every(Enabling, remote_recordings.c.product_id, "product_ids")

_ENABLINGS = Reads(ENABLINGS)


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
    return enabled(await _ENABLINGS.read(session, product_ids=[product_id]), product_id, outlet_id, at)


def enabled(found: Found, product_id: UUID, outlet_id: UUID, at: datetime) -> bool:
    """The same, of what :data:`ENABLINGS` found."""
    return any(one.enabled(outlet_id, at) for one in found.of(ENABLINGS, product_id))
