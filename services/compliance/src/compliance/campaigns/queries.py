"""Reads of campaigns."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.campaigns.domain import Campaign
from compliance.campaigns.tables import campaigns
from compliance.reviews.domain import ReviewState

ORDER = (campaigns.c.id,)


def listed(outlet_ids: Collection[UUID] | None, state: ReviewState | None) -> Select[Any]:
    """The campaigns of the whole bank and of these outlets, or all (None); of one state, or all (None)."""
    statement = select(Campaign)
    if outlet_ids is not None:
        statement = statement.where(campaigns.c.outlet_id.is_(None) | campaigns.c.outlet_id.in_(outlet_ids))
    return statement if state is None else statement.where(campaigns.c.state == state)


async def campaign(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """One campaign. Raises ``ObjectNotFound``."""
    return await load(session, Campaign, campaign_id)
