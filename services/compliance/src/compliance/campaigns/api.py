"""Routes of campaigns with merchants and utilities (M066): proposed by outlets, approved by an officer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
from chassis.errors import RecordedRefusal
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    refused,
    respond,
    routes,
)
from compliance.access import check_head_office, outlets_of
from compliance.campaigns import commands, queries
from compliance.campaigns.domain import Campaign, CampaignPlan, PartnerKind
from compliance.reviews.domain import ReviewState
from compliance.reviews.queries import REFUSAL_ORDER, refusals_of
from compliance.reviews.views import Approval, Rejection, ReviewedView, StepRefusalView
from compliance.rulebook.materials import DeclaredKind, Incentive

router = routes("/v1/campaigns", "campaigns")

Name = Annotated[str, Field(min_length=1, max_length=120)]
Terms = Annotated[str, Field(min_length=1, max_length=2000)]


class CampaignRefused(RecordedRefusal):
    """SAL-07 stood against it."""

    code = "CAMPAIGN_REFUSED"
    zh = "活动违反销售规定;违反的规则逐条列明,本次申请已记录。"
    en = "The campaign breaks rules about selling; each is listed, and the attempt is on record."


class PlanBody(Input):
    """What is planned. ``kinds``: kinds of product whose purchase takes part; none for cards or payments."""

    name: Name
    partner: Name
    partner_kind: PartnerKind
    incentives: Annotated[tuple[Incentive, ...], Field(min_length=1, max_length=7)]
    kinds: Annotated[tuple[DeclaredKind, ...], Field(max_length=9)]
    terms: Terms
    starts_on: date
    ends_on: date


class NewCampaign(PlanBody):
    """A new campaign of an outlet, or of the whole bank (null: the product department alone)."""

    outlet_id: UUID | None

    def plan(self) -> CampaignPlan:
        """The plan as the domain has it."""
        return CampaignPlan(**self.model_dump(exclude={"outlet_id"}))


class PlanView(Output):
    """What is planned; the last day is included."""

    name: str
    partner: str
    partner_kind: PartnerKind
    incentives: tuple[Incentive, ...]
    kinds: tuple[DeclaredKind, ...]
    terms: str
    starts_on: date
    ends_on: date


class CampaignView(ReviewedView):
    """A campaign and its review."""

    outlet_id: UUID | None
    plan: PlanView

    @classmethod
    def of(cls, campaign: Campaign) -> "CampaignView":
        """The view of a campaign."""
        return cls.model_validate(campaign)


@router.post("", status_code=201, response_model=CampaignView)
@action("campaign.propose")
async def propose_campaign(
    body: NewCampaign, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> CampaignView | Response:
    """Propose a campaign (201), or have it refused on record (422) for what it ties to wealth products."""
    guard(outlet_id=body.outlet_id)
    check_head_office(caller, body.outlet_id)
    campaign, refusal = await commands.propose_campaign(
        session, clock, body.plan(), outlet_id=body.outlet_id, by=caller.subject
    )
    location = f"/v1/campaigns/{campaign.id}"
    if refusal is not None:
        return refused(
            CampaignRefused,
            refusal.violations,
            body=StepRefusalView.of(refusal),
            version=campaign.version,
            location=location,
        )
    respond(response, version=campaign.version, location=location)
    return CampaignView.of(campaign)


@router.get("")
@action("campaign.list")
async def list_campaigns(
    session: ReadSession, caller: Caller, page: PageQuery, state: ReviewState | None = None
) -> Page[CampaignView]:
    """List the campaigns of the bank and of the caller's outlets, oldest first."""
    statement = queries.listed(outlets_of(caller), state)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[CampaignView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{campaign_id}")
@action("campaign.read")
async def read_campaign(
    campaign_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> CampaignView:
    """Read a campaign."""
    campaign = await queries.campaign(session, campaign_id)
    guard(outlet_id=campaign.outlet_id)
    respond(response, version=campaign.version)
    return CampaignView.of(campaign)


@router.get("/{campaign_id}/refusals")
@action("campaign.read")
async def list_campaign_refusals(
    campaign_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[StepRefusalView]:
    """List the steps of a campaign that the rules did not let happen, oldest first."""
    guard(outlet_id=(await queries.campaign(session, campaign_id)).outlet_id)
    rows, cursor = await paginate(session, refusals_of(campaign_id), page, order=REFUSAL_ORDER)
    return Page(items=[StepRefusalView.of(row) for row in rows], next_cursor=cursor)


@router.post("/{campaign_id}/approval", response_model=CampaignView)
@action("campaign.review")
async def approve_campaign(
    campaign_id: UUID,
    body: Approval,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CampaignView | Response:
    """Approve a campaign, or have the approval refused on record by the rules of the day."""
    guard(outlet_id=(await queries.campaign(session, campaign_id)).outlet_id)
    campaign, refusal = await commands.approve_campaign(
        session, clock, campaign_id, if_match, note=body.note, by=caller.subject
    )
    if refusal is not None:
        return refused(
            CampaignRefused,
            refusal.violations,
            body=StepRefusalView.of(refusal),
            version=campaign.version,
        )
    respond(response, version=campaign.version)
    return CampaignView.of(campaign)


@router.post("/{campaign_id}/rejection")
@action("campaign.review")
async def reject_campaign(
    campaign_id: UUID,
    body: Rejection,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CampaignView:
    """Reject a campaign, with the reasons."""
    guard(outlet_id=(await queries.campaign(session, campaign_id)).outlet_id)
    campaign = await commands.reject_campaign(
        session, clock, campaign_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=campaign.version)
    return CampaignView.of(campaign)
