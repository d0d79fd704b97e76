"""Reads of published lists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Violation
from chassis.settings import Settings
from compliance.periods.domain import legal_date
from compliance.rulebook.registers import staff_list_findings, staff_list_violation
from compliance.rulebook.staff_lists import StaffListFacts
from compliance.sellers.domain import Seller
from compliance.sellers.queries import listed as sellers_of
from compliance.sellers.queries import staffing_fresh
from compliance.staff_lists.domain import StaffList, StaffListMissing
from compliance.staff_lists.tables import staff_lists

ORDER = (staff_lists.c.id,)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What hangs at the outlet, and what is wrong with it now; sellers by id, as text."""

    published: StaffList | None
    flags: tuple[Violation, ...]
    absent: tuple[str, ...]
    outdated: tuple[str, ...]


def listed(outlet_id: UUID) -> Select[Any]:
    """The publications of an outlet."""
    return select(StaffList).where(staff_lists.c.outlet_id == outlet_id)


async def newest(session: AsyncSession, outlet_id: UUID) -> StaffList | None:
    """The list that hangs at the outlet; None before the first."""
    found: StaffList | None = await session.scalar(
        listed(outlet_id).order_by(staff_lists.c.id.desc()).limit(1)
    )
    return found


async def published(session: AsyncSession, outlet_id: UUID) -> StaffList:
    """The list that hangs at the outlet. Raises ``StaffListMissing``."""
    found = await newest(session, outlet_id)
    if found is None:
        raise StaffListMissing
    return found


async def staff_of(session: AsyncSession, outlet_id: UUID) -> list[Seller]:
    """The sellers whose home the outlet is."""
    return list(await session.scalars(sellers_of({outlet_id})))


async def standing(session: AsyncSession, outlet_id: UUID, at: datetime, settings: Settings) -> Standing:
    """ZON-04: the list of the outlet beside those who are qualified at ``at``."""
    hangs = await newest(session, outlet_id)
    facts = StaffListFacts(
        at=at,
        publishing=False,
        register_fresh=await staffing_fresh(session, at, settings),
        named=None if hangs is None else hangs.named,
        staff=tuple(
            known for one in await staff_of(session, outlet_id) if (known := one.standing(at)) is not None
        ),
    )
    found = staff_list_findings(facts, legal_date(at))
    differing = {str(finding.reason): finding.details["sellers"] for _, finding in found}
    return Standing(
        published=hangs,
        flags=tuple(staff_list_violation(rule, finding) for rule, finding in found),
        absent=differing.get("absent", ()),
        outdated=differing.get("outdated", ()),
    )
