"""Reads of customers' files; what stands in them is opened by a command, because that is recorded."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.privacy.queries import withdrawn
from compliance.profiles.domain import CustomerProfile, ProfileEnding
from compliance.profiles.tables import customer_profiles, profile_endings

ENDING_ORDER = (profile_endings.c.id,)


async def find_profile(session: AsyncSession, customer_id: UUID) -> CustomerProfile | None:
    """The customer's file, None where there is none."""
    statement = select(CustomerProfile).where(customer_profiles.c.customer_id == customer_id)
    return await session.scalar(statement, execution_options={"populate_existing": True})


def endings(customer_id: UUID) -> Select[Any]:
    """The removals of a customer's files."""
    return select(ProfileEnding).where(profile_endings.c.customer_id == customer_id)


async def over(session: AsyncSession, on: date, limit: int) -> Sequence[UUID]:
    """Customers whose file is past its last day on ``on``, or whose consent to it was taken back."""
    statement = select(customer_profiles.c.customer_id).where(
        or_(customer_profiles.c.retain_until < on, exists(withdrawn(customer_profiles.c.consent_id)))
    )
    return (await session.scalars(statement.limit(limit))).all()


async def unsealed_with(session: AsyncSession, active: str, limit: int) -> Sequence[CustomerProfile]:
    """Files that an older key sealed, locked."""
    statement = select(CustomerProfile).where(customer_profiles.c.key_id != active).limit(limit)
    return (await session.scalars(statement.with_for_update(skip_locked=True))).all()
