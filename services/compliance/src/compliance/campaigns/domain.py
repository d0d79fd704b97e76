"""A campaign: with whom, what it holds out, and to which kinds of product it is tied (SAL-07, M066)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.reviews.domain import Reviewed, ReviewState
from compliance.rulebook.materials import DeclaredKind, Incentive, InducementFacts


class PartnerKind(StrEnum):
    """With whom an outlet cooperates."""

    MERCHANT = "MERCHANT"
    UTILITY = "UTILITY"


class CampaignEndsTooEarly(Invalid):
    """A campaign lasts at least a day."""

    code = "CAMPAIGN_ENDS_TOO_EARLY"
    zh = "活动结束日期早于开始日期;请更正。"
    en = "The campaign ends before it begins; correct its days."


class CampaignNotApproved(Conflict):
    """What is not approved is not announced."""

    code = "CAMPAIGN_NOT_APPROVED"
    zh = "活动“{name}”状态为 {state};只有经批准的活动可以宣传。"
    en = 'The campaign "{name}" is {state}; only an approved one may be announced.'


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """What is planned. ``kinds``: the kinds of product whose purchase takes part, none for a campaign about
    cards or payments; the last day is included.
    """

    name: str
    partner: str
    partner_kind: PartnerKind
    incentives: tuple[Incentive, ...]
    kinds: tuple[DeclaredKind, ...]
    terms: str
    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise CampaignEndsTooEarly(pointer="/ends_on")


@dataclass(kw_only=True)
class Campaign(Reviewed):
    """The aggregate; ``outlet_id`` None: of the whole bank."""

    outlet_id: UUID | None
    plan: CampaignPlan

    @classmethod
    def propose(
        cls, campaign_id: UUID, plan: CampaignPlan, *, outlet_id: UUID | None, by: str, at: datetime
    ) -> "Campaign":
        """A proposal at version 1."""
        return cls(
            id=campaign_id,
            version=1,
            state=ReviewState.PENDING,
            submitted_by=by,
            submitted_at=at,
            reviewed_by=None,
            reviewed_at=None,
            review_note=None,
            outlet_id=outlet_id,
            plan=plan,
        )

    def facts(self, at: datetime) -> InducementFacts:
        """What SAL-07 judges."""
        return InducementFacts(
            decided_at=at,
            kinds=tuple(kind.value for kind in self.plan.kinds),
            incentives=self.plan.incentives,
            texts=(self.plan.name, self.plan.terms),
        )

    def refuse(self) -> None:
        """The rules stood against it when it was proposed: over for good."""
        self.state = ReviewState.REFUSED

    def must_be_approved(self) -> None:
        """Raises :class:`CampaignNotApproved`."""
        if self.state is not ReviewState.APPROVED:
            raise CampaignNotApproved(name=self.plan.name, state=self.state.value)
