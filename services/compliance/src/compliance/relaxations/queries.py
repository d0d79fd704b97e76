"""Reads of relaxations."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.relaxations.domain import Profile, Relaxation
from compliance.relaxations.tables import relaxations

ORDER = (relaxations.c.id,)


def listed(*, on: date | None, profile: Profile | None, rule: str | None) -> Select[Any]:
    """Waivers that hold on a legal day (None: all there ever were), for one profile, of one rule."""
    statement = select(Relaxation)
    if on is not None:
        holds = (relaxations.c.effective_from <= on) & (relaxations.c.expires_on >= on)
        statement = statement.where(holds, relaxations.c.revoked_at.is_(None))
    if profile is not None:
        statement = statement.where(relaxations.c.profile == profile)
    return statement if rule is None else statement.where(relaxations.c.rule == rule)


async def relaxation(session: AsyncSession, relaxation_id: UUID) -> Relaxation:
    """One relaxation. Raises ``ObjectNotFound``."""
    return await load(session, Relaxation, relaxation_id)
