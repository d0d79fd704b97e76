"""Routes of reversals: an officer asks, another one decides, the outlet sees what was reversed."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response

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
from compliance.access import outlets_of
from compliance.reversals import commands, queries
from compliance.reversals.domain import ReversalCase, ReversalReason, SaleReversal
from compliance.reviews.domain import ReviewState
from compliance.rulebook.registers import approvable_until
from compliance.rulebook.reviews import Waiting
from compliance.sales.queries import sale as sale_of

sale_router = routes("/v1/sales", "reversals")
request_router = routes("/v1/reversal_requests", "reversals")
router = routes("/v1/reversals", "reversals")


class NewReversalRequest(Input):
    """Why the sale is to be reversed."""

    reason: ReversalReason


class ReversalView(Output):
    """A sale taken back, its amount negative; ``order_id``: what was ordered and cancelled before."""

    id: UUID
    sale_id: UUID
    request_id: UUID
    outlet_id: UUID
    reason: ReversalReason
    amount_minor: int
    currency: str
    order_id: str | None
    requested_by: str
    approved_by: str
    reversed_at: datetime

    @classmethod
    def of(cls, reversal: SaleReversal) -> "ReversalView":
        """The view of a reversal."""
        return cls.model_validate(reversal)


class ReversalRequestView(Output):
    """A request to reverse a sale, and who decided on it; ``approvable_until``: the first instant at which it
    cannot be approved any more (REV-01).
    """

    id: UUID
    version: int
    sale_id: UUID
    outlet_id: UUID
    reason: ReversalReason
    state: ReviewState
    requested_by: str
    requested_at: datetime
    approvable_until: datetime
    decided_by: str | None
    decided_at: datetime | None
    reversal_id: UUID | None

    @classmethod
    def of(cls, case: ReversalCase) -> "ReversalRequestView":
        """The view of a request with what became of it."""
        request, reversal, rejection = case.request, case.reversal, case.rejection
        decided_by = decided_at = None
        if reversal is not None:
            decided_by, decided_at = reversal.approved_by, reversal.reversed_at
        elif rejection is not None:
            decided_by, decided_at = rejection.rejected_by, rejection.rejected_at
        return cls(
            id=request.id,
            version=case.version,
            sale_id=request.sale_id,
            outlet_id=request.outlet_id,
            reason=request.reason,
            state=case.state,
            requested_by=request.requested_by,
            requested_at=request.requested_at,
            approvable_until=approvable_until(Waiting.REVIEW, request.requested_at),
            decided_by=decided_by,
            decided_at=decided_at,
            reversal_id=None if reversal is None else reversal.id,
        )


@sale_router.post("/{sale_id}/reversal_requests", status_code=201)
@action("reversal.request")
async def request_reversal(
    sale_id: UUID,
    body: NewReversalRequest,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> ReversalRequestView:
    """Ask for a logged sale to be reversed; another officer has to approve it."""
    guard(outlet_id=(await sale_of(session, sale_id)).outlet_id)
    case = await commands.request_reversal(session, clock, sale_id, reason=body.reason, by=caller.subject)
    respond(response, version=case.version, location=f"/v1/reversal_requests/{case.request.id}")
    return ReversalRequestView.of(case)


@sale_router.get("/{sale_id}/reversal")
@action("reversal.read")
async def read_reversal_of_sale(
    sale_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ReversalView:
    """Read the reversal of a sale; 404 while the sale stands."""
    reversal = await queries.must_reversal_of_sale(session, sale_id)
    guard(outlet_id=reversal.outlet_id)
    respond(response, version=1)
    return ReversalView.of(reversal)


@router.get("")
@action("reversal.list")
async def list_reversals(
    session: ReadSession,
    caller: Caller,
    guard: Guard,
    page: PageQuery,
    outlet_id: UUID | None = None,
    day: date | None = None,
) -> Page[ReversalView]:
    """List the reversals of the caller's outlets, or of one, by legal day, oldest first."""
    within = outlets_of(caller)
    if outlet_id is not None:
        guard(outlet_id=outlet_id)
        within = frozenset({outlet_id})
    statement = queries.reversals_of(within, day=day)
    rows, cursor = await paginate(session, statement, page, order=queries.REVERSAL_ORDER)
    return Page(items=[ReversalView.of(row) for row in rows], next_cursor=cursor)


@request_router.get("")
@action("reversal.review")
async def list_reversal_requests(
    session: ReadSession, caller: Caller, page: PageQuery, pending: bool = False
) -> Page[ReversalRequestView]:
    """List the requests of the caller's outlets, all or those that wait for an approval, oldest first."""
    statement = queries.requests_of(outlets_of(caller), pending=pending)
    rows, cursor = await paginate(session, statement, page, order=queries.REQUEST_ORDER)
    cases = await queries.cases(session, rows)
    return Page(items=[ReversalRequestView.of(case) for case in cases], next_cursor=cursor)


@request_router.get("/{reversal_request_id}")
@action("reversal.review")
async def read_reversal_request(
    reversal_request_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ReversalRequestView:
    """Read a request and what became of it."""
    case = await queries.case(session, reversal_request_id)
    guard(outlet_id=case.request.outlet_id)
    respond(response, version=case.version)
    return ReversalRequestView.of(case)


@request_router.post("/{reversal_request_id}/approval")
@action("reversal.approve")
async def approve_reversal(
    reversal_request_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ReversalRequestView:
    """Reverse the sale; nobody approves what he has asked for himself."""
    guard(outlet_id=(await queries.request(session, reversal_request_id)).outlet_id)
    case = await commands.approve_reversal(session, clock, reversal_request_id, if_match, by=caller.subject)
    respond(response, version=case.version)
    return ReversalRequestView.of(case)


@request_router.post("/{reversal_request_id}/rejection")
@action("reversal.approve")
async def reject_reversal(
    reversal_request_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ReversalRequestView:
    """Leave the sale as it stands; nobody rejects what he has asked for himself."""
    guard(outlet_id=(await queries.request(session, reversal_request_id)).outlet_id)
    case = await commands.reject_reversal(session, clock, reversal_request_id, if_match, by=caller.subject)
    respond(response, version=case.version)
    return ReversalRequestView.of(case)
