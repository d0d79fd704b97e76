"""Routes of partners: head office alone writes the list (AGY-02), anyone may look at it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from chassis.auth import action
from chassis.events import to_json
from chassis.http.problems import BrokenRule
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
    respond,
    routes,
)
from compliance.access import check_hq_only
from compliance.partners import commands, queries
from compliance.partners.domain import Partner, PartnerTerms, ReviewItems, StepKind
from compliance.periods.domain import legal_date
from compliance.rulebook.facts import Authority, PartnerState, ProductKind
from compliance.rulebook.partners import ReviewFacts
from compliance.rulebook.registers import partner_flags, review_interval

router = routes("/v1/partners", "partners")
public_router = routes("/v1/public/partners", "public partners")

Name = Annotated[str, Field(min_length=1, max_length=120)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
LicenceNumber = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Kinds = Annotated[frozenset[ProductKind], Field(min_length=1)]
Text = Annotated[str | None, Query(alias="q", max_length=120, description="part of the code or the name")]
Overdue = Annotated[bool, Query(description="only those whose periodic review is late (AGY-04)")]


class PartnerTermsBody(Input):
    """What is known about a partner. ``licence_to`` is the licence's last day, null: open (AGY-01)."""

    name: Name
    kinds: Kinds = Field(description="of the products that it may supply")
    licence_number: LicenceNumber
    authority: Authority
    licence_from: date
    licence_to: date | None

    def terms(self) -> PartnerTerms:
        """The terms as the domain has them."""
        return PartnerTerms(
            name=self.name,
            kinds=tuple(sorted(self.kinds)),
            licence_number=self.licence_number,
            authority=self.authority,
            licence_from=self.licence_from,
            licence_to=self.licence_to,
        )


class NewPartner(PartnerTermsBody):
    """A partner to be admitted; ``reason`` says which criteria of admission it was found to satisfy."""

    code: Code
    reason: Reason


class PartnerStepBody(Input):
    """Why a partner is admitted again, or leaves the list."""

    reason: Reason


class PartnerReviewBody(Input):
    """What a periodic review found: all three keep the partner on the list (AGY-04)."""

    is_sound: bool = Field(description="no serious breach of law, no serious loss of means")
    products_in_order: bool = Field(description="its products keep to what they promised")
    helps_with_complaints: bool = Field(description="it helps to settle customers' complaints")
    findings: Reason

    def items(self) -> ReviewItems:
        """The items as the domain has them."""
        return ReviewItems(
            is_sound=self.is_sound,
            products_in_order=self.products_in_order,
            helps_with_complaints=self.helps_with_complaints,
        )


class PublicPartnerView(Output):
    """A partner on the list as everybody may see it."""

    code: str
    name: str
    kinds: list[ProductKind]
    licence_number: str
    authority: Authority
    licence_from: date
    licence_to: date | None
    admitted_at: datetime

    @classmethod
    def shown(cls, partner: Partner) -> "PublicPartnerView":
        """The view of a partner."""
        return cls.model_validate(partner)


class PartnerView(PublicPartnerView):
    """A partner as the bank sees it. ``review_due_on``: the last day for the next review.

    ``flags``: what a late review is reported as (``PARTNER_REVIEW_OVERDUE``).
    """

    id: UUID
    version: int
    state: PartnerState
    reviewed_on: date
    review_due_on: date | None
    flags: list[BrokenRule]

    @classmethod
    def of(cls, partner: Partner, on: date) -> "PartnerView":
        """The view of a partner on the legal day ``on``."""
        interval = None if partner.state is PartnerState.EXITED else review_interval(on)
        facts = ReviewFacts(on=on, reviewed_on=partner.reviewed_on)
        found = [] if interval is None else partner_flags(facts)
        return cls(
            id=partner.id,
            version=partner.version,
            state=partner.state,
            reviewed_on=partner.reviewed_on,
            review_due_on=None if interval is None else interval.due_on(partner.reviewed_on),
            flags=[BrokenRule.model_validate(to_json(flag)) for flag in found],
            **PublicPartnerView.shown(partner).model_dump(),
        )


class PartnerReviewView(Output):
    """One review: what was found, by whom and when."""

    id: UUID
    partner_version: int
    is_sound: bool
    products_in_order: bool
    helps_with_complaints: bool
    passed: bool
    findings: str
    reviewed_by: str
    reviewed_at: datetime


class PartnerStepView(Output):
    """One admission or exit, with its reason."""

    id: UUID
    partner_version: int
    kind: StepKind
    reason: str
    taken_by: str
    taken_at: datetime


@public_router.get("")
@action("partner.query", public=True)
async def query_partners(
    session: ReadSession, page: PageQuery, q: Text = None, kind: ProductKind | None = None
) -> Page[PublicPartnerView]:
    """List the partners whose products the bank may sell."""
    found = queries.listed(text=q, kind=kind, state=PartnerState.LISTED)
    rows, cursor = await paginate(session, found, page, order=queries.ORDER)
    return Page(items=[PublicPartnerView.shown(row) for row in rows], next_cursor=cursor)


@router.get("")
@action("partner.list")
async def list_partners(
    session: ReadSession,
    clock: Now,
    page: PageQuery,
    q: Text = None,
    kind: ProductKind | None = None,
    state: PartnerState | None = None,
    overdue: Overdue = False,
) -> Page[PartnerView]:
    """List partners by code; without a state, all that have not left."""
    on = legal_date(clock.now())
    found = queries.listed(text=q, kind=kind, state=state)
    found = queries.overdue(found, on) if overdue else found
    rows, cursor = await paginate(session, found, page, order=queries.ORDER)
    return Page(items=[PartnerView.of(row, on) for row in rows], next_cursor=cursor)


@router.get("/{partner_id}")
@action("partner.read")
async def read_partner(
    partner_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> PartnerView:
    """Read a partner."""
    guard(outlet_id=None)
    partner = await queries.partner(session, partner_id)
    respond(response, version=partner.version)
    return PartnerView.of(partner, legal_date(clock.now()))


@router.post("", status_code=201)
@action("partner.admit")
async def admit_partner(
    body: NewPartner, session: Session, clock: Now, caller: Caller, response: Response
) -> PartnerView:
    """Admit a partner to the list."""
    check_hq_only(caller)
    partner = await commands.admit_partner(
        session, clock, code=body.code, terms=body.terms(), reason=body.reason, by=caller.subject
    )
    respond(response, version=partner.version, location=f"/v1/partners/{partner.id}")
    return PartnerView.of(partner, legal_date(clock.now()))


@router.put("/{partner_id}")
@action("partner.change")
async def change_partner(
    partner_id: UUID,
    body: PartnerTermsBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PartnerView:
    """Correct what is known about a partner: a renewed licence, other kinds of products."""
    guard(outlet_id=None)
    check_hq_only(caller)
    partner = await commands.change_partner(session, clock, partner_id, if_match, body.terms())
    respond(response, version=partner.version)
    return PartnerView.of(partner, legal_date(clock.now()))


@router.post("/{partner_id}/reviews")
@action("partner.review")
async def review_partner(
    partner_id: UUID,
    body: PartnerReviewBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PartnerView:
    """Record a periodic review; one that fails suspends the partner until a later one passes."""
    guard(outlet_id=None)
    check_hq_only(caller)
    partner = await commands.review_partner(
        session, clock, partner_id, if_match, body.items(), findings=body.findings, by=caller.subject
    )
    respond(response, version=partner.version)
    return PartnerView.of(partner, legal_date(clock.now()))


@router.get("/{partner_id}/reviews")
@action("partner.read")
async def list_partner_reviews(
    partner_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[PartnerReviewView]:
    """List the reviews of a partner, oldest first."""
    guard(outlet_id=None)
    await queries.partner(session, partner_id)
    rows, cursor = await paginate(session, queries.reviews(partner_id), page, order=queries.REVIEW_ORDER)
    views = [PartnerReviewView.model_validate({**vars(row.items), **vars(row)}) for row in rows]
    return Page(items=views, next_cursor=cursor)


@router.post("/{partner_id}/exit")
@action("partner.exit")
async def let_partner_go(
    partner_id: UUID,
    body: PartnerStepBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PartnerView:
    """Take a partner off the list: nothing more of it is sold."""
    guard(outlet_id=None)
    check_hq_only(caller)
    partner = await commands.let_partner_go(
        session, clock, partner_id, if_match, reason=body.reason, by=caller.subject
    )
    respond(response, version=partner.version)
    return PartnerView.of(partner, legal_date(clock.now()))


@router.post("/{partner_id}/admission")
@action("partner.admit")
async def readmit_partner(
    partner_id: UUID,
    body: PartnerStepBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PartnerView:
    """Admit a partner again that has left the list."""
    guard(outlet_id=None)
    check_hq_only(caller)
    partner = await commands.readmit_partner(
        session, clock, partner_id, if_match, reason=body.reason, by=caller.subject
    )
    respond(response, version=partner.version)
    return PartnerView.of(partner, legal_date(clock.now()))


@router.get("/{partner_id}/steps")
@action("partner.read")
async def list_partner_steps(
    partner_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[PartnerStepView]:
    """List the admissions and exits of a partner, oldest first."""
    guard(outlet_id=None)
    await queries.partner(session, partner_id)
    rows, cursor = await paginate(session, queries.steps(partner_id), page, order=queries.STEP_ORDER)
    return Page(items=[PartnerStepView.model_validate(row) for row in rows], next_cursor=cursor)
