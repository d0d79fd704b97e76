"""Reads of entitlements."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.entitlements.domain import Entitlement
from compliance.entitlements.tables import entitlements

ORDER = (entitlements.c.case_version,)


def of_case(case_id: UUID) -> Select[Any]:
    """The entitlements of a case."""
    return select(Entitlement).where(entitlements.c.case_id == case_id)


async def entitlements_of(session: AsyncSession, case_id: UUID) -> Sequence[Entitlement]:
    """The entitlements of a case, oldest first. Lock the case first (G1): every entitlement bumps it."""
    return (await session.scalars(of_case(case_id).order_by(*ORDER))).all()
