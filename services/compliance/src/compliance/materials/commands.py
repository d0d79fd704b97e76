"""Use cases of promotional materials: judged when submitted, when approved and when released.

The product's head is locked before the material (G1): what a material is judged by does not change until the
step is over, neither the product nor its benchmark.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Violation, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.benchmarks import commands as benchmark_commands
from compliance.benchmarks.domain import Benchmark
from compliance.benchmarks.queries import current_value
from compliance.campaigns.domain import Campaign
from compliance.materials.domain import ChannelReleased, Content, Material, Release, held_out
from compliance.materials.queries import material as material_of
from compliance.materials.queries import released
from compliance.materials.tables import materials
from compliance.outlets.queries import open_outlet
from compliance.products.domain import Product
from compliance.reviews.commands import keep_refusal, must_be_in_time
from compliance.reviews.domain import Refusal, ReviewState, Step
from compliance.rulebook.facts import ProductOffering
from compliance.rulebook.materials import INCONSISTENT, ProductShown, PublicityChannel
from compliance.rulebook.registers import inducement_violations, material_violations

#: Why a material is taken back when its product's benchmark changes.
BENCHMARK_CHANGED = "业绩比较基准已变更 / The benchmark has changed (PRD-10)"


async def submit_material(
    session: AsyncSession,
    clock: Clock,
    content: Content,
    *,
    outlet_id: UUID | None,
    product_id: UUID | None,
    campaign_id: UUID | None,
    channels: tuple[PublicityChannel, ...],
    by: str,
) -> tuple[Material, Refusal | None]:
    """Submits a material for review, or keeps it as refused with every rule that stands against it.

    Raises ``OutletUnknown``, ``OutletIsClosed``, ``ObjectNotFound``, ``CampaignNotApproved``.
    """
    if outlet_id is not None:
        await open_outlet(session, outlet_id)
    product = await _product_shown(session, product_id)
    campaign = await _campaign(session, campaign_id)
    material = Material.submit(
        new_id(),
        content,
        outlet_id=outlet_id,
        product_id=product_id,
        campaign_id=campaign_id,
        channels=channels,
        by=by,
        at=clock.now(),
    )
    session.add(material)
    violations = judge(material, product, campaign, channels, material.submitted_at)
    if not violations:
        return material, None
    material.refuse()
    at = material.submitted_at
    return material, keep_refusal(session, material.id, Step.SUBMISSION, violations, by=by, at=at)


async def approve_material(
    session: AsyncSession,
    clock: Clock,
    material_id: UUID,
    expected_version: int,
    *,
    note: str | None,
    by: str,
) -> tuple[Material, Refusal | None]:
    """Approves it by the rules and registers of now, or keeps what stands against it; then it stays pending.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``,
    ``ReviewLapsed``, ``CampaignNotApproved``.
    """
    material, product = await _to_change(session, material_id, expected_version)
    material.must_be_reviewable(by)
    at = clock.now()
    must_be_in_time(material.submitted_at, at)
    campaign = await _campaign(session, material.campaign_id)
    if violations := judge(material, product, campaign, material.channels, at):
        return material, keep_refusal(session, material.id, Step.APPROVAL, violations, by=by, at=at)
    material.approve(note=note, by=by, at=at)
    return material, None


async def reject_material(
    session: AsyncSession, clock: Clock, material_id: UUID, expected_version: int, *, note: str, by: str
) -> Material:
    """Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``."""
    material, _ = await _to_change(session, material_id, expected_version)
    material.reject(note=note, by=by, at=clock.now())
    return material


async def release_material(
    session: AsyncSession,
    clock: Clock,
    material_id: UUID,
    expected_version: int,
    channel: PublicityChannel,
    *,
    consent_purpose: str | None,
    by: str,
) -> tuple[Material, Release | Refusal]:
    """Releases it on a channel by the rules and registers of now, or keeps what stands against that.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``MaterialPendingReview``, ``MaterialNotUsable``,
    ``ChannelNotApproved``, ``ChannelReleased``, ``SmsConsentMissing``, ``CampaignNotApproved``.
    """
    material, product = await _to_change(session, material_id, expected_version)
    material.must_be_usable(channel, consent_purpose)
    if await released(session, material_id, channel):
        raise ChannelReleased(channel=channel.value)
    campaign = await _campaign(session, material.campaign_id)
    at = clock.now()
    if violations := judge(material, product, campaign, (channel,), at):
        return material, keep_refusal(session, material.id, Step.RELEASE, violations, by=by, at=at)
    release, fact = material.release(new_id(), channel, consent_purpose=consent_purpose, by=by, at=at)
    session.add(release)
    await record(session, fact)
    return material, release


async def withdraw_material(
    session: AsyncSession, clock: Clock, material_id: UUID, expected_version: int, *, reason: str, by: str
) -> Material:
    """Takes it back for good. Raises ``ObjectNotFound``, ``StaleVersion``, ``MaterialNotUsable``."""
    material, _ = await _to_change(session, material_id, expected_version)
    fact = material.withdraw(reason=reason, by=by, at=clock.now())
    await record(session, fact)
    return material


async def approve_benchmark(
    session: AsyncSession,
    clock: Clock,
    benchmark_id: UUID,
    expected_version: int,
    *,
    note: str | None,
    by: str,
) -> Benchmark:
    """PRD-10: from now on it counts in every channel; what is approved and shows another is withdrawn.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``.
    """
    benchmark = await benchmark_commands.approve_benchmark(
        session, clock, benchmark_id, expected_version, note=note, by=by
    )
    product = await _product_shown(session, benchmark.product_id)
    approved = (
        select(Material)
        .where(materials.c.product_id == benchmark.product_id, materials.c.state == ReviewState.APPROVED)
        .order_by(materials.c.id)
        .with_for_update()
    )
    at, facts = clock.now(), []
    for material in await session.scalars(approved, execution_options={"populate_existing": True}):
        found = material_violations(material.facts(product, material.channels, at))
        if any(violation.code == INCONSISTENT for violation in found):
            facts.append(material.withdraw(reason=BENCHMARK_CHANGED, by=by, at=at))
    await record(session, *facts)
    return benchmark


def judge(
    material: Material,
    product: ProductShown | None,
    campaign: Campaign | None,
    channels: tuple[PublicityChannel, ...],
    at: datetime,
) -> list[Violation]:
    """Every rule that stands against showing the material on these channels at ``at``."""
    facts = material.facts(product, channels, at)
    offered = held_out(facts, None if campaign is None else campaign.facts(facts.decided_at))
    return sorted(
        material_violations(facts) + inducement_violations(offered),
        key=lambda found: (found.rule, found.code),
    )


async def _product_shown(session: AsyncSession, product_id: UUID | None) -> ProductShown | None:
    if product_id is None:
        return None
    product = await lock(session, Product, product_id, share=True)
    return ProductShown(
        kind=product.kind.value,
        private=product.offering is ProductOffering.PRIVATE,
        benchmark=await current_value(session, product_id),
    )


async def _campaign(session: AsyncSession, campaign_id: UUID | None) -> Campaign | None:
    if campaign_id is None:
        return None
    campaign = await lock(session, Campaign, campaign_id, share=True)
    campaign.must_be_approved()
    return campaign


async def _to_change(
    session: AsyncSession, material_id: UUID, expected_version: int
) -> tuple[Material, ProductShown | None]:
    product = await _product_shown(session, (await material_of(session, material_id)).product_id)
    material = await lock(session, Material, material_id)
    check_version(material.version, expected_version)
    return material, product
