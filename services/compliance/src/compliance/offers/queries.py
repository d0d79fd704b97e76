"""Reads of offers."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.offers.domain import Offer
from compliance.offers.tables import offers

ORDER = (offers.c.code,)


def listed() -> Select[Any]:
    """The offers that are not withdrawn."""
    return select(Offer).where(offers.c.withdrawn_at.is_(None))


async def offer(session: AsyncSession, offer_id: UUID) -> Offer:
    """One offer. Raises ``ObjectNotFound``."""
    return await load(session, Offer, offer_id)
