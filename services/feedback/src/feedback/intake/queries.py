"""Reads of intake."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from feedback.intake.domain import HEAD_OFFICE_DESK, IntakeAssignment
from feedback.intake.tables import intake_assignments

#: Newest first.
ORDER = (intake_assignments.c.assigned_at, intake_assignments.c.id)


def assignments_of(outlet_id: UUID | None) -> Select[IntakeAssignment]:
    """Every assignment for the outlet, or for outlets without one (None)."""
    return select(IntakeAssignment).where(intake_assignments.c.outlet_id.is_not_distinct_from(outlet_id))


async def intake_owner(session: AsyncSession, outlet_id: UUID) -> str:
    """CMP-03: who owns what is filed about the outlet: its intake owner, the bank's, or the desk."""
    for place in (outlet_id, None):
        newest = assignments_of(place).order_by(*[key.desc() for key in ORDER]).limit(1)
        found = await session.scalar(newest)
        if found is not None:
            return found.subject
    return HEAD_OFFICE_DESK
