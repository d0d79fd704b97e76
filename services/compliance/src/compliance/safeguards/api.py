"""Routes of safeguards: the outlet cares and approves, the customer signs for himself (SAL-08)."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

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
from compliance.cases.domain import SaleCase
from compliance.cases.queries import case as case_of
from compliance.customers.queries import subject_of
from compliance.safeguards import commands, queries
from compliance.safeguards.domain import Care, Document, Safeguard, SafeguardKind

router = routes("/v1/cases/{case_id}", "safeguards")


class CareBody(Input):
    """The special care for an old customer; what was not done is false, and is done before the sale."""

    risks_explained: bool
    loss_understood: bool
    companion_offered: bool
    lower_risk_offered: bool

    def care(self) -> Care:
        """The care as the domain has it."""
        return Care(
            risks_explained=self.risks_explained,
            loss_understood=self.loss_understood,
            companion_offered=self.companion_offered,
            lower_risk_offered=self.lower_risk_offered,
        )


class SignatureBody(Input):
    """What the customer signs."""

    document: Document


class CareView(Output):
    """The items of the special care."""

    risks_explained: bool
    loss_understood: bool
    companion_offered: bool
    lower_risk_offered: bool


class SafeguardView(Output):
    """One record, and the version of the case that it made; ``care`` of ELDERLY_CARE alone."""

    id: UUID
    case_id: UUID
    case_version: int
    kind: SafeguardKind
    care: CareView | None
    recorded_at: datetime


class CancellationView(SafeguardView):
    """The record of a cancellation, and what goes back to the customer: all of it."""

    refund_minor: int
    currency: str


@router.post("/elderly_care")
@action("safeguard.care")
async def record_elderly_care(
    case_id: UUID,
    body: CareBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> SafeguardView:
    """Record the special care for an old customer; his time to think begins (SUI-14)."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    case, record = await commands.keep_safeguard(
        session,
        clock,
        case_id,
        if_match,
        SafeguardKind.ELDERLY_CARE,
        care=body.care(),
        by=caller.subject,
    )
    return _kept(response, case, record)


@router.post("/approval")
@action("safeguard.approve")
async def approve_large_amount(
    case_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> SafeguardView:
    """Approve the large amount of a case that somebody else opened (SUI-16)."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    kind = SafeguardKind.LARGE_AMOUNT_APPROVAL
    case, record = await commands.keep_safeguard(session, clock, case_id, if_match, kind, by=caller.subject)
    return _kept(response, case, record)


@router.post("/signatures")
@action("safeguard.sign")
async def sign_document(
    case_id: UUID,
    body: SignatureBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> SafeguardView:
    """Sign, as the customer, a document of his case."""
    guard(outlet_id=None, owner=await _owner(session, case_id))
    kind = SafeguardKind(body.document)
    case, record = await commands.keep_safeguard(session, clock, case_id, if_match, kind, by=caller.subject)
    return _kept(response, case, record)


@router.post("/cancellation")
@action("safeguard.cancel")
async def cancel_contract(
    case_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> CancellationView:
    """Change one's mind, as the customer: the contract is off and all money goes back."""
    guard(outlet_id=None, owner=await _owner(session, case_id))
    kind = SafeguardKind.CANCELLATION
    case, record = await commands.keep_safeguard(session, clock, case_id, if_match, kind, by=caller.subject)
    kept = _kept(response, case, record).model_dump()
    return CancellationView(**kept, refund_minor=case.amount_minor, currency=case.currency)


@router.post("/insurer_acceptance")
@action("safeguard.accept")
async def report_insurer_acceptance(
    case_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> SafeguardView:
    """Report that the insurer has looked at an old customer's application itself and accepts it (SUI-21)."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    kind = SafeguardKind.INSURER_ACCEPTANCE
    case, record = await commands.keep_safeguard(session, clock, case_id, if_match, kind, by=caller.subject)
    return _kept(response, case, record)


@router.get("/safeguards")
@action("safeguard.list")
async def list_safeguards(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[SafeguardView]:
    """List what was done in a case for the customer's protection, in its order."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id, owner=await _owner(session, case_id))
    rows, cursor = await paginate(session, queries.of_case(case_id), page, order=queries.ORDER)
    return Page(items=[SafeguardView.model_validate(row) for row in rows], next_cursor=cursor)


async def _owner(session: AsyncSession, case_id: UUID) -> str | None:
    return await subject_of(session, (await case_of(session, case_id)).customer_id)


def _kept(response: Response, case: SaleCase, record: Safeguard) -> SafeguardView:
    respond(response, version=case.version)
    return SafeguardView.model_validate(record)
