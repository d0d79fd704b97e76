"""Use cases of proposals."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.innovations.domain import Innovation, InnovationPlan, ResidualRisk
from compliance.outlets.queries import open_outlet
from compliance.reviews.commands import must_be_in_time


async def propose_innovation(
    session: AsyncSession, clock: Clock, plan: InnovationPlan, *, outlet_id: UUID | None, by: str
) -> Innovation:
    """Hands in a proposal for its risk review (M116). Raises ``OutletUnknown``, ``OutletIsClosed``."""
    if outlet_id is not None:
        await open_outlet(session, outlet_id)
    innovation = Innovation.propose(new_id(), plan, outlet_id=outlet_id, by=by, at=clock.now())
    session.add(innovation)
    return innovation


async def approve_innovation(
    session: AsyncSession,
    clock: Clock,
    innovation_id: UUID,
    expected_version: int,
    residual: ResidualRisk,
    *,
    note: str | None,
    by: str,
) -> Innovation:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``,
    ``ReviewLapsed``, ``RiskNotControllable``.
    """
    innovation = await _to_review(session, innovation_id, expected_version)
    at = clock.now()
    innovation.approve_risk(residual, note=note, by=by, at=at)
    must_be_in_time(innovation.submitted_at, at)
    return innovation


async def reject_innovation(
    session: AsyncSession, clock: Clock, innovation_id: UUID, expected_version: int, *, note: str, by: str
) -> Innovation:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``."""
    innovation = await _to_review(session, innovation_id, expected_version)
    innovation.reject(note=note, by=by, at=clock.now())
    return innovation


async def _to_review(session: AsyncSession, innovation_id: UUID, expected_version: int) -> Innovation:
    innovation = await lock(session, Innovation, innovation_id)
    check_version(innovation.version, expected_version)
    return innovation
