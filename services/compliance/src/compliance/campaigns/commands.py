"""Use cases of campaigns."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.campaigns.domain import Campaign, CampaignPlan
from compliance.outlets.queries import open_outlet
from compliance.reviews.commands import keep_refusal, must_be_in_time
from compliance.reviews.domain import Refusal, Step
from compliance.rulebook.registers import inducement_violations


async def propose_campaign(
    session: AsyncSession, clock: Clock, plan: CampaignPlan, *, outlet_id: UUID | None, by: str
) -> tuple[Campaign, Refusal | None]:
    """Proposes a campaign, or keeps it as refused with what stands against it (SAL-07).

    Raises ``OutletUnknown``, ``OutletIsClosed``.
    """
    if outlet_id is not None:
        await open_outlet(session, outlet_id)
    at = clock.now()
    campaign = Campaign.propose(new_id(), plan, outlet_id=outlet_id, by=by, at=at)
    session.add(campaign)
    violations = inducement_violations(campaign.facts(at))
    if not violations:
        return campaign, None
    campaign.refuse()
    return campaign, keep_refusal(session, campaign.id, Step.SUBMISSION, violations, by=by, at=at)


async def approve_campaign(
    session: AsyncSession,
    clock: Clock,
    campaign_id: UUID,
    expected_version: int,
    *,
    note: str | None,
    by: str,
) -> tuple[Campaign, Refusal | None]:
    """Approves it by the rules of the day, or keeps what stands against it; then it stays pending.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``, ``ReviewLapsed``.
    """
    campaign = await _to_review(session, campaign_id, expected_version)
    campaign.must_be_reviewable(by)
    at = clock.now()
    must_be_in_time(campaign.submitted_at, at)
    if violations := inducement_violations(campaign.facts(at)):
        return campaign, keep_refusal(session, campaign.id, Step.APPROVAL, violations, by=by, at=at)
    campaign.approve(note=note, by=by, at=at)
    return campaign, None


async def reject_campaign(
    session: AsyncSession, clock: Clock, campaign_id: UUID, expected_version: int, *, note: str, by: str
) -> Campaign:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``."""
    campaign = await _to_review(session, campaign_id, expected_version)
    campaign.reject(note=note, by=by, at=clock.now())
    return campaign


async def _to_review(session: AsyncSession, campaign_id: UUID, expected_version: int) -> Campaign:
    campaign = await lock(session, Campaign, campaign_id)
    check_version(campaign.version, expected_version)
    return campaign
