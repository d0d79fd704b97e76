"""Routes of regular plans: the seller sets up, core banking announces debits, the customer ends."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response

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
from compliance.access import outlets_of
from compliance.cases.domain import Money
from compliance.cases.queries import case as case_of
from compliance.customers.queries import subject_of
from compliance.plans import commands, queries
from compliance.plans.domain import PlanState, Rhythm, Terms

router = routes("/v1/plans", "plans")


class DebitNotAllowed(RecordedRefusal):
    """The debit must not be made; the plan is suspended."""

    code = "PLAN_DEBIT_REFUSED"
    zh = "本期不得扣款,定投计划已暂停;请通知客户,恢复须新办销售单。"
    en = "The debit must not be made and the plan is suspended; tell the customer, a new sale lets it go on."


class NewPlan(Input):
    """The case whose logged sale sets the plan up, by its amount; ``ends_on`` null: no last day."""

    case_id: UUID
    rhythm: Rhythm
    first_debit_on: date
    ends_on: date | None = None

    def terms(self) -> Terms:
        """The terms as the domain has them."""
        return Terms(rhythm=self.rhythm, first_debit_on=self.first_debit_on, ends_on=self.ends_on)


class Renewal(Input):
    """The case whose logged sale goes on with the plan, by its own amount."""

    case_id: UUID


class NewDebit(Input):
    """A debit that core banking is about to make, in minor units; at most the plan's amount."""

    due_on: date
    amount_minor: int
    currency: str


class PlanView(Output):
    """A regular plan. ``reasons``: the codes of what suspended it, or of what ended it for its customer."""

    id: UUID
    version: int
    case_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    amount_minor: int
    currency: str
    rhythm: Rhythm
    first_debit_on: date
    ends_on: date | None
    state: PlanState
    reasons: list[str]
    changed_at: datetime


class DebitView(Output):
    """A debit, judged; ``period`` counts from 0. Its decision says why."""

    id: UUID
    plan_id: UUID
    plan_version: int
    case_id: UUID
    decision_id: UUID
    period: int
    due_on: date
    amount_minor: int
    currency: str
    allowed: bool
    announced_at: datetime


@router.post("", status_code=201)
@action("plan.set_up")
async def set_up_plan(
    body: NewPlan, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> PlanView:
    """Set up the plan that a recorded sale of kind PLAN is about."""
    guard(outlet_id=(await case_of(session, body.case_id)).outlet_id)
    plan = await commands.set_up_plan(session, clock, body.case_id, body.terms(), by=caller.subject)
    respond(response, version=plan.version, location=f"/v1/plans/{plan.id}")
    return PlanView.model_validate(plan)


@router.get("")
@action("plan.list")
async def list_plans(
    session: ReadSession, caller: Caller, page: PageQuery, state: PlanState | None = None
) -> Page[PlanView]:
    """List the plans of the caller's outlets, the suspended ones with ``state``."""
    statement = queries.listed(outlets_of(caller), state=state)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[PlanView.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{plan_id}")
@action("plan.read")
async def read_plan(plan_id: UUID, session: ReadSession, guard: Guard, response: Response) -> PlanView:
    """Read a plan; a customer reads his own."""
    plan = await queries.plan(session, plan_id)
    guard(outlet_id=plan.outlet_id, owner=await subject_of(session, plan.customer_id))
    respond(response, version=plan.version)
    return PlanView.model_validate(plan)


@router.get("/{plan_id}/debits")
@action("plan.read")
async def list_debits(plan_id: UUID, session: ReadSession, guard: Guard, page: PageQuery) -> Page[DebitView]:
    """List the debits of a plan that were judged, oldest first."""
    plan = await queries.plan(session, plan_id)
    guard(outlet_id=plan.outlet_id, owner=await subject_of(session, plan.customer_id))
    rows, cursor = await paginate(session, queries.debits_of(plan_id), page, order=queries.DEBIT_ORDER)
    return Page(items=[DebitView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("/{plan_id}/debits", status_code=201, response_model=DebitView)
@action("plan.debit")
async def announce_debit(
    plan_id: UUID,
    body: NewDebit,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> DebitView | Response:
    """Announce a debit: it may be made (201), or is refused on record and suspends the plan (422)."""
    guard(outlet_id=(await queries.plan(session, plan_id)).outlet_id)
    money = Money(amount_minor=body.amount_minor, currency=body.currency)
    judged = await commands.judge_debit(
        session, clock, plan_id, due_on=body.due_on, money=money, by=caller.subject
    )
    view = DebitView.model_validate(judged.debit)
    if not judged.debit.allowed:
        location = f"/v1/plans/{plan_id}"
        return refused(
            DebitNotAllowed, judged.violations, body=view, version=judged.plan.version, location=location
        )
    respond(response, version=judged.plan.version, location=f"/v1/plans/{plan_id}/debits")
    return view


@router.post("/{plan_id}/renewal")
@action("plan.renew")
async def renew_plan(
    plan_id: UUID,
    body: Renewal,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PlanView:
    """Go on with a plan by a new recorded sale: resume it, or raise its amount."""
    guard(outlet_id=(await queries.plan(session, plan_id)).outlet_id)
    guard(outlet_id=(await case_of(session, body.case_id)).outlet_id)
    plan = await commands.renew_plan(
        session, clock, plan_id, if_match, case_id=body.case_id, by=caller.subject
    )
    respond(response, version=plan.version)
    return PlanView.model_validate(plan)


@router.post("/{plan_id}/withdrawal")
@action("plan.withdraw")
async def withdraw_plan(
    plan_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> PlanView:
    """End, as the customer, one's own plan: nothing more is debited."""
    plan = await queries.plan(session, plan_id)
    guard(outlet_id=None, owner=await subject_of(session, plan.customer_id))
    plan = await commands.end_plan(session, clock, plan_id, if_match)
    respond(response, version=plan.version)
    return PlanView.model_validate(plan)
