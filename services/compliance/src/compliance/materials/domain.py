"""A promotional material: what it shows, its review, the channels on which it is released (PRD-05, M051)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.materials.events import MaterialReleased, MaterialWithdrawn
from compliance.reviews.domain import Reviewed, ReviewState
from compliance.rulebook.materials import (
    BenchmarkShown,
    DeclaredKind,
    InducementFacts,
    MaterialFacts,
    PastPerformance,
    ProductShown,
    PublicityChannel,
)


class MaterialPendingReview(Conflict):
    """PRD-05."""

    code = "MATERIAL_PENDING_REVIEW"
    zh = "宣传材料尚未经合规审批,不得使用;请等待审批结果。"
    en = "The material is not approved yet and must not be used; wait for its review."


class MaterialNotUsable(Conflict):
    """What was refused, rejected or withdrawn is not shown."""

    code = "MATERIAL_NOT_USABLE"
    zh = "宣传材料状态为 {state},不得使用;如需宣传请重新提交。"
    en = "The material is {state} and must not be used; submit a new one."


class ChannelNotApproved(Conflict):
    """A material was judged and approved for the channels that it names."""

    code = "CHANNEL_NOT_APPROVED"
    zh = "宣传材料未申请渠道 {channel};请另行提交该渠道的材料。"
    en = "The material was not approved for {channel}; submit one for this channel."


class ChannelReleased(Conflict):
    """Once for each channel."""

    code = "CHANNEL_RELEASED"
    zh = "宣传材料已在渠道 {channel} 发布;无需重复发布。"
    en = "The material is released on {channel} already; there is nothing to do."


class SmsConsentMissing(Invalid):
    """M051: a text message goes to those who agreed to it."""

    code = "SMS_CONSENT_MISSING"
    zh = "短信发布须注明接收人已同意的用途;请填写 consent_purpose。"
    en = "A release by text message names the purpose that receivers have consented to; give consent_purpose."


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is shown. ``features`` and ``risks``: the sections about a product that PRD-05 asks for."""

    title: str
    text: str
    features: str | None
    risks: str | None
    declared_kind: DeclaredKind | None
    benchmark: BenchmarkShown | None
    past_performance: PastPerformance | None


@dataclass(kw_only=True)
class Release:
    """One release on one channel, on record for good (D1)."""

    id: UUID
    material_id: UUID
    material_version: int
    channel: PublicityChannel
    consent_purpose: str | None
    released_by: str
    released_at: datetime


@dataclass(kw_only=True)
class Material(Reviewed):
    """The aggregate; ``outlet_id`` None: of the whole bank, ``product_id`` None: about no product."""

    outlet_id: UUID | None
    product_id: UUID | None
    campaign_id: UUID | None
    channels: tuple[PublicityChannel, ...]
    content: Content
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None

    @classmethod
    def submit(
        cls,
        material_id: UUID,
        content: Content,
        *,
        outlet_id: UUID | None,
        product_id: UUID | None,
        campaign_id: UUID | None,
        channels: tuple[PublicityChannel, ...],
        by: str,
        at: datetime,
    ) -> "Material":
        """A material that waits for its review, at version 1."""
        return cls(
            id=material_id,
            version=1,
            state=ReviewState.PENDING,
            submitted_by=by,
            submitted_at=at,
            reviewed_by=None,
            reviewed_at=None,
            review_note=None,
            outlet_id=outlet_id,
            product_id=product_id,
            campaign_id=campaign_id,
            channels=channels,
            content=content,
            withdrawn_by=None,
            withdrawn_at=None,
            withdrawal_reason=None,
        )

    def refuse(self) -> None:
        """The rules stood against it when it was submitted: over for good."""
        self.state = ReviewState.REFUSED

    def must_be_usable(self, channel: PublicityChannel, consent_purpose: str | None) -> None:
        """Raises :class:`MaterialPendingReview`, :class:`MaterialNotUsable`, :class:`ChannelNotApproved`,
        :class:`SmsConsentMissing`.
        """
        if self.state is ReviewState.PENDING:
            raise MaterialPendingReview
        if self.state is not ReviewState.APPROVED:
            raise MaterialNotUsable(state=self.state.value)
        if channel not in self.channels:
            raise ChannelNotApproved(channel=channel.value, pointer="/channel")
        if channel is PublicityChannel.SMS and consent_purpose is None:
            raise SmsConsentMissing(pointer="/consent_purpose")

    def release(
        self,
        release_id: UUID,
        channel: PublicityChannel,
        *,
        consent_purpose: str | None,
        by: str,
        at: datetime,
    ) -> tuple[Release, MaterialReleased]:
        """Shows it on a channel from now on. Raises as :meth:`must_be_usable`."""
        self.must_be_usable(channel, consent_purpose)
        purpose = consent_purpose if channel is PublicityChannel.SMS else None
        self.version += 1
        release = Release(
            id=release_id,
            material_id=self.id,
            material_version=self.version,
            channel=channel,
            consent_purpose=purpose,
            released_by=by,
            released_at=at,
        )
        return release, MaterialReleased(
            version=self.version,
            occurred_at=at,
            material_id=self.id,
            outlet_id=self.outlet_id,
            product_id=self.product_id,
            channel=channel.value,
            consent_purpose=purpose,
        )

    def withdraw(self, *, reason: str, by: str, at: datetime) -> MaterialWithdrawn:
        """Takes it back for good, approved or not yet. Raises :class:`MaterialNotUsable`."""
        if self.state not in {ReviewState.PENDING, ReviewState.APPROVED}:
            raise MaterialNotUsable(state=self.state.value)
        self.state = ReviewState.WITHDRAWN
        self.withdrawn_by, self.withdrawn_at, self.withdrawal_reason = by, at, reason
        self.version += 1
        return MaterialWithdrawn(
            version=self.version,
            occurred_at=at,
            material_id=self.id,
            outlet_id=self.outlet_id,
            product_id=self.product_id,
        )

    def facts(
        self, product: ProductShown | None, channels: tuple[PublicityChannel, ...], at: datetime
    ) -> MaterialFacts:
        """What the rules about materials judge, on these channels."""
        shown = self.content
        return MaterialFacts(
            decided_at=at,
            channels=channels,
            title=shown.title,
            text=shown.text,
            features=shown.features,
            risks=shown.risks,
            declared_kind=shown.declared_kind,
            benchmark=shown.benchmark,
            past_performance=shown.past_performance,
            product=product,
        )


def held_out(material: MaterialFacts, campaign: InducementFacts | None) -> InducementFacts:
    """SAL-07: what a material holds out, its campaign included: announcing it with a product ties them."""
    kind = material.product_kind
    kinds = () if kind is None else (kind,)
    return InducementFacts(
        decided_at=material.decided_at,
        kinds=kinds if campaign is None else (*kinds, *campaign.kinds),
        incentives=() if campaign is None else campaign.incentives,
        texts=material.texts,
    )
