"""Routes of complaints. None changes what was received: neither owner (CMP-03) nor deadline (CMP-09)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal, action
from chassis.db import load
from chassis.errors import Invalid, NotFound
from chassis.http.routing import (
    Caller,
    Gate,
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
from feedback import access
from feedback.complaints import commands, queries, regimes
from feedback.complaints.domain import (
    Channel,
    Complaint,
    ComplaintStatus,
    Outcome,
    StepKind,
    ToldVia,
)
from feedback.sales.queries import find_sale

router = routes("/v1/complaints", "complaints")

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Subject = Annotated[str, Field(min_length=1, max_length=512)]


class NotForCustomers(Invalid):
    """What only an employee can say about a receipt."""

    code = "RECEIPT_BY_STAFF_ONLY"
    zh = "该字段仅由受理员工填写;请删除。"
    en = "Only the employee who receives a complaint can say this; remove the field."


class SaleUnknown(NotFound):
    """N4: the sale's own fact has not arrived, or there is no such sale."""

    code = "SALE_UNKNOWN"
    zh = "该投诉未关联销售,或销售记录尚未送达;投诉照常办理。"
    en = (
        "The complaint names no sale, or the sale has not arrived yet; the complaint is handled all the same."
    )


class NewComplaint(Input):
    """A complaint. Only an employee who receives it says ``complainant``, ``channel``, ``received_at``."""

    outlet_id: UUID
    sale_id: UUID | None = None
    category: Annotated[str, Field(min_length=1, max_length=80)]
    summary: Text
    complainant: Subject | None = None
    channel: Channel | None = None
    received_at: datetime | None = None


class DecisionBody(Input):
    """What was found, and how the complainant was told."""

    outcome: Outcome
    told_via: ToldVia
    findings: Text


class SettlementBody(Input):
    """How the dispute ended."""

    note: Text


class WithdrawalBody(Input):
    """Why the complainant withdraws, where he says so."""

    note: Text | None = None


class StepView(Output):
    """One thing that happened to the complaint."""

    kind: StepKind
    version: int
    at: datetime
    by: str
    outcome: Outcome | None
    told_via: ToldVia | None
    note: str | None


class ComplaintView(Output):
    """A complaint, to be decided, and its complainant told, before ``due_at``, the end of ``due_on``."""

    id: UUID
    version: int
    reference: str
    outlet_id: UUID
    sale_id: UUID | None
    complainant: str | None
    channel: Channel
    category: str
    summary: str
    received_at: datetime
    opened_at: datetime
    opened_by: str
    first_contact_owner: str
    regime: str
    citation: str
    due_on: date
    due_at: datetime
    status: ComplaintStatus
    steps: list[StepView]

    @classmethod
    def of(cls, complaint: Complaint) -> "ComplaintView":
        """The view of an aggregate."""
        return cls(
            id=complaint.id,
            version=complaint.version,
            reference=complaint.reference,
            outlet_id=complaint.outlet_id,
            sale_id=complaint.sale_id,
            complainant=complaint.complainant,
            channel=complaint.channel,
            category=complaint.category,
            summary=complaint.summary,
            received_at=complaint.received_at,
            opened_at=complaint.opened_at,
            opened_by=complaint.opened_by,
            first_contact_owner=complaint.first_contact_owner,
            regime=complaint.regime,
            citation=regimes.by_id(complaint.regime).citation,
            due_on=complaint.due_on,
            due_at=complaint.due_at,
            status=complaint.status,
            steps=[StepView.model_validate(step) for step in complaint.steps],
        )


class SaleView(Output):
    """The logged sale that a complaint is about."""

    id: UUID
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    logged_at: datetime


@router.post("", status_code=201)
@action("complaint.open")
async def open_complaint(
    body: NewComplaint, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> ComplaintView:
    """Open a complaint: by a customer, or by an employee who receives it and owns it from then on."""
    guard(outlet_id=body.outlet_id, owner=caller.subject)
    receives = bool(caller.roles & access.RECEIVERS)
    if not receives:
        for name in ("complainant", "channel", "received_at"):
            if getattr(body, name) is not None:
                raise NotForCustomers(pointer=f"/{name}")
    now = clock.now()
    complaint = await commands.open_complaint(
        session,
        now,
        outlet_id=body.outlet_id,
        sale_id=body.sale_id,
        complainant=body.complainant if receives else caller.subject,
        channel=body.channel or (Channel.OUTLET if receives else Channel.ONLINE),
        category=body.category,
        summary=body.summary,
        received_at=body.received_at or now,
        opened_by=caller.subject,
        received_by=caller.subject if receives else None,
    )
    respond(response, version=complaint.version, location=f"/v1/complaints/{complaint.id}")
    return ComplaintView.of(complaint)


@router.get("")
@action("complaint.list")
async def list_complaints(
    session: ReadSession,
    caller: Caller,
    page: PageQuery,
    outlet_id: UUID | None = None,
    status: ComplaintStatus | None = None,
    reference: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    due_by: Annotated[date | None, Query(description="due on this day or before")] = None,
) -> Page[ComplaintView]:
    """List complaints, the most urgent first: one's outlets' and one's own."""
    statement = queries.complaints_within(
        access.reach(caller, "complaint.list"),
        caller.subject,
        outlet_id=outlet_id,
        status=status,
        reference=reference,
        due_by=due_by,
    )
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[ComplaintView.of(complaint) for complaint in rows], next_cursor=cursor)


@router.get("/unmatched")
@action("complaint.list_unmatched")
async def list_unmatched_complaints(
    session: ReadSession, caller: Caller, page: PageQuery
) -> Page[ComplaintView]:
    """List complaints whose outlet or sale has not arrived here yet."""
    within = access.reach(caller, "complaint.list_unmatched")
    statement = queries.unmatched_within(within, caller.subject)
    rows, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[ComplaintView.of(complaint) for complaint in rows], next_cursor=cursor)


@router.get("/{complaint_id}")
@action("complaint.read")
async def read_complaint(
    complaint_id: UUID, session: ReadSession, guard: Guard, caller: Caller, response: Response
) -> ComplaintView:
    """Read a complaint with everything that happened to it."""
    await check(session, guard, caller, complaint_id)
    complaint = await load(session, Complaint, complaint_id)
    respond(response, version=complaint.version)
    return ComplaintView.of(complaint)


@router.get("/{complaint_id}/sale")
@action("complaint.read_sale")
async def read_sale(complaint_id: UUID, session: ReadSession, guard: Guard, caller: Caller) -> SaleView:
    """Read the logged sale that a complaint is about."""
    await check(session, guard, caller, complaint_id)
    complaint = await load(session, Complaint, complaint_id)
    sale = None if complaint.sale_id is None else await find_sale(session, complaint.sale_id)
    if sale is None:
        raise SaleUnknown
    return SaleView.model_validate(sale)


@router.post("/{complaint_id}/decision")
@action("complaint.decide")
async def decide_complaint(
    complaint_id: UUID,
    body: DecisionBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ComplaintView:
    """Decide a complaint, the complainant having been told."""
    await check(session, guard, caller, complaint_id)
    complaint = await commands.decide_complaint(
        session,
        clock.now(),
        complaint_id,
        if_match,
        outcome=body.outcome,
        told_via=body.told_via,
        findings=body.findings,
        by=caller.subject,
    )
    respond(response, version=complaint.version)
    return ComplaintView.of(complaint)


@router.post("/{complaint_id}/settlement")
@action("complaint.settle")
async def settle_complaint(
    complaint_id: UUID,
    body: SettlementBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ComplaintView:
    """Settle a decided complaint for good."""
    await check(session, guard, caller, complaint_id)
    complaint = await commands.settle_complaint(
        session, clock.now(), complaint_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=complaint.version)
    return ComplaintView.of(complaint)


@router.post("/{complaint_id}/withdrawal")
@action("complaint.withdraw")
async def withdraw_complaint(
    complaint_id: UUID,
    body: WithdrawalBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ComplaintView:
    """Take the complainant's withdrawal, which ends the complaint at once."""
    await check(session, guard, caller, complaint_id)
    complaint = await commands.withdraw_complaint(
        session, clock.now(), complaint_id, if_match, note=body.note, by=caller.subject
    )
    respond(response, version=complaint.version)
    return ComplaintView.of(complaint)


async def check(session: AsyncSession, guard: Gate, caller: Principal, complaint_id: UUID) -> None:
    """Asks the policy about the complaint. Raises ``ObjectNotFound`` and what the guard raises."""
    outlet_id, owners = await queries.whose(session, complaint_id)
    guard(outlet_id=outlet_id, owner=caller.subject if caller.subject in owners else None)
