"""Use cases of intake."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id
from feedback.intake.domain import IntakeAssignment


async def assign(
    session: AsyncSession, now: datetime, outlet_id: UUID | None, *, subject: str, assigned_by: str
) -> IntakeAssignment:
    """Makes ``subject`` the owner of what is filed about the outlet from now on; None: about all others."""
    assignment = IntakeAssignment(new_id(), outlet_id, subject, assigned_by, now)
    session.add(assignment)
    return assignment
