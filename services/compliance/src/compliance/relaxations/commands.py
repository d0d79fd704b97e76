"""Use cases of relaxations."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.periods.domain import legal_date
from compliance.relaxations.domain import Profile, Relaxation, not_waived
from compliance.rulebook.registers import waiver_finding
from compliance.rulebook.waivers import WaiverFacts


async def approve_relaxation(
    session: AsyncSession,
    clock: Clock,
    *,
    profile: Profile,
    rule: str,
    reason: str,
    expires_on: date,
    by: str,
) -> Relaxation:
    """M063: approves a relaxation of one of the bank's own rules, from today.

    Raises ``RuleNotWaivable``, ``WaiverTooLong``, ``WaiverEnded``.
    """
    at = clock.now()
    on = legal_date(at)
    facts = WaiverFacts(on=on, profile=profile.value, rule=rule, until=expires_on)
    if (finding := waiver_finding(facts)) is not None:
        raise not_waived(finding, rule)
    relaxation = Relaxation.approve(
        new_id(), profile=profile, rule=rule, reason=reason, expires_on=expires_on, by=by, at=at, on=on
    )
    session.add(relaxation)
    return relaxation


async def revoke_relaxation(
    session: AsyncSession, clock: Clock, relaxation_id: UUID, expected_version: int
) -> Relaxation:
    """Ends a relaxation at once. Raises ``ObjectNotFound``, ``StaleVersion``, ``WaiverIsRevoked``."""
    relaxation = await lock(session, Relaxation, relaxation_id)
    check_version(relaxation.version, expected_version)
    relaxation.revoke(at=clock.now())
    return relaxation
