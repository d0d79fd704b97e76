"""Reads of outlets' capabilities and of the checks behind them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.admissions.domain import CapabilityCheck, HeldCapability, OutletAdmission
from compliance.admissions.tables import capability_checks, outlet_admissions

ORDER = (capability_checks.c.id,)


def checks(outlet_id: UUID) -> Select[Any]:
    """The checks of an outlet."""
    return select(CapabilityCheck).where(capability_checks.c.outlet_id == outlet_id)


async def held(session: AsyncSession, outlet_id: UUID) -> tuple[HeldCapability, ...]:
    """What the outlet has been granted, ended or not."""
    statement = select(OutletAdmission).where(outlet_admissions.c.outlet_id == outlet_id)
    found: OutletAdmission | None = await session.scalar(statement)
    return () if found is None else found.capabilities
