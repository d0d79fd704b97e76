"""Routes of proposals: an outlet proposes, an officer reviews the risks (M116)."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.auth import action
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
from compliance.access import check_head_office, outlets_of
from compliance.innovations import commands, queries
from compliance.innovations.domain import ControlledRisk, Innovation, InnovationPlan, ResidualRisk
from compliance.reviews.domain import ReviewState
from compliance.reviews.views import Note, Rejection, ReviewedView

router = routes("/v1/innovations", "innovations")

Title = Annotated[str, Field(min_length=1, max_length=120)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Words = Annotated[str, Field(min_length=1, max_length=500)]
RuleId = Annotated[str, Field(max_length=16, pattern=r"^[A-Z]{3}-[0-9]{2}$")]


class RiskBody(Input):
    """One risk, and how it is controlled; without a control the proposal is not taken."""

    risk: Words
    control: Words | None = None


class NewInnovation(Input):
    """What is to be tried and what could go wrong, of an outlet or of the whole bank (null).

    ``waives``: rules that it would set aside; a proposal that names one is not taken.
    """

    outlet_id: UUID | None
    title: Title
    description: Text
    risks: Annotated[tuple[RiskBody, ...], Field(min_length=1, max_length=50)]
    waives: Annotated[tuple[RuleId, ...], Field(max_length=50)] = ()

    def plan(self) -> InnovationPlan:
        """The plan as the domain has it."""
        return InnovationPlan(
            title=self.title,
            description=self.description,
            risks=tuple(ControlledRisk(risk=one.risk, control=one.control) for one in self.risks),
            waives=self.waives,
        )


class RiskApproval(Input):
    """What remains of the risks; HIGH is not approved."""

    residual: ResidualRisk
    note: Note | None = None


class RiskView(Output):
    """One risk, and how it is controlled."""

    risk: str
    control: str | None


class InnovationPlanView(Output):
    """What is to be tried, and what could go wrong."""

    title: str
    description: str
    risks: list[RiskView]


class InnovationView(ReviewedView):
    """A proposal and the review of its risks. ``residual`` null until it was approved."""

    outlet_id: UUID | None
    plan: InnovationPlanView
    residual: ResidualRisk | None

    @classmethod
    def of(cls, innovation: Innovation) -> "InnovationView":
        """The view of a proposal."""
        return cls.model_validate(innovation)


@router.post("", status_code=201)
@action("innovation.propose")
async def propose_innovation(
    body: NewInnovation, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> InnovationView:
    """Propose something new; it waits for the review of its risks."""
    guard(outlet_id=body.outlet_id)
    check_head_office(caller, body.outlet_id)
    innovation = await commands.propose_innovation(
        session, clock, body.plan(), outlet_id=body.outlet_id, by=caller.subject
    )
    respond(response, version=innovation.version, location=f"/v1/innovations/{innovation.id}")
    return InnovationView.of(innovation)


@router.get("")
@action("innovation.list")
async def list_innovations(
    session: ReadSession, caller: Caller, page: PageQuery, state: ReviewState | None = None
) -> Page[InnovationView]:
    """List the proposals of the bank and of the caller's outlets, oldest first."""
    statement = queries.listed(outlets_of(caller), state)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[InnovationView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{innovation_id}")
@action("innovation.read")
async def read_innovation(
    innovation_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> InnovationView:
    """Read a proposal."""
    innovation = await queries.innovation(session, innovation_id)
    guard(outlet_id=innovation.outlet_id)
    respond(response, version=innovation.version)
    return InnovationView.of(innovation)


@router.post("/{innovation_id}/approval")
@action("innovation.review")
async def approve_innovation(
    innovation_id: UUID,
    body: RiskApproval,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> InnovationView:
    """Approve a proposal whose remaining risk is controllable."""
    guard(outlet_id=(await queries.innovation(session, innovation_id)).outlet_id)
    innovation = await commands.approve_innovation(
        session, clock, innovation_id, if_match, body.residual, note=body.note, by=caller.subject
    )
    respond(response, version=innovation.version)
    return InnovationView.of(innovation)


@router.post("/{innovation_id}/rejection")
@action("innovation.review")
async def reject_innovation(
    innovation_id: UUID,
    body: Rejection,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> InnovationView:
    """Reject a proposal, with the reasons."""
    guard(outlet_id=(await queries.innovation(session, innovation_id)).outlet_id)
    innovation = await commands.reject_innovation(
        session, clock, innovation_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=innovation.version)
    return InnovationView.of(innovation)
