"""Routes of the gate and of what it left behind: sales, refused attempts."""

import json
from datetime import date
from uuid import UUID

from fastapi import Request, Response

from chassis.auth import action
from chassis.errors import ServiceError
from chassis.http import call
from chassis.http.edge import edge_of, kept
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
    version_of,
)
from chassis.outbox import causes
from compliance.access import outlets_of
from compliance.cases.queries import case as case_of
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.shadow import coming, foresee
from compliance.sales import commands, queries
from compliance.sales.answers import sale_answer
from compliance.sales.bodies import Confirmed, count_refusal
from compliance.sales.desk import Attempt, SalesDesk
from compliance.sales.views import AttemptView, GateCheckView, SaleView

gate_router = routes("/v1/cases", "sales")
router = routes("/v1/sales", "sales")
attempt_router = routes("/v1/attempts", "sales")


class LogSale(Input):
    """The recording that proves the sale; null where nothing was recorded, which the gate refuses.

    ``sale_id`` is the id under which the bank's systems know the sale, a new one where none is given.
    """

    recording_id: UUID | None
    sale_id: UUID | None = None
    confirmed: Confirmed | None = None


class CheckSale(Input):
    """The recording with which the sale would be logged, null for none yet."""

    recording_id: UUID | None = None


async def log_together(case_id: UUID, body: LogSale, request: Request, guard: Guard) -> Response | None:
    """Have the sale of a case judged beside others, where nothing about it asks for more."""
    version = version_of(request)
    if version is None or body.sale_id is not None:
        return None
    try:
        confirmed = None if body.confirmed is None else body.confirmed.money()
    except ServiceError:
        return None
    attempt = Attempt(
        case_id=case_id,
        recording_id=body.recording_id,
        confirmed=confirmed,
        version=version,
        guard=guard,
        claim=request.state.idempotency,
        causes=json.dumps(causes()),
        call=call.current(),
    )
    return await kept(request, SalesDesk, SalesDesk).settle(attempt)


@gate_router.post("/{case_id}/sale", status_code=201, response_model=SaleView)
@action("sale.attempt", ahead=log_together)
async def attempt_sale(
    case_id: UUID,
    body: LogSale,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
) -> Response:
    """Log the sale of a case (201), or have it refused on record (422) with every broken rule."""
    # Kept until the end, so that the session still knows it when the gate asks for it.
    case = await case_of(session, case_id)
    guard(outlet_id=case.outlet_id)
    done = await commands.attempt_sale(
        session,
        clock,
        edge_of(request).settings,
        case_id,
        if_match,
        recording_id=body.recording_id,
        sale_id=body.sale_id,
        confirmed=None if body.confirmed is None else body.confirmed.money(),
        by=caller.subject,
    )
    count_refusal(done.violations)
    return sale_answer(done)


@gate_router.post("/{case_id}/gate-check")
@action("sale.check", idempotent=False)
async def check_gate(
    case_id: UUID,
    body: CheckSale,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    response: Response,
) -> GateCheckView:
    """Ask what the gate would say now, and what the case still needs; nothing is recorded."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    settings = edge_of(request).settings
    judged = await commands.check_gate(session, clock, settings, case_id, body.recording_id)
    respond(response, version=judged.case.version)
    release = shipped_release()
    foreseen = foresee(release, coming(release, judged.decision.on), SALE_CHECKS, judged.facts)
    return GateCheckView.of(judged.case, judged.decision, foreseen, release)


@gate_router.get("/{case_id}/attempts")
@action("attempt.list")
async def list_case_attempts(
    case_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[AttemptView]:
    """List the refused attempts of a case, oldest first."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    statement = queries.attempts_of(None, case_id=case_id)
    rows, cursor = await paginate(session, statement, page, order=queries.ATTEMPT_ORDER)
    return Page(items=[AttemptView.of(row) for row in rows], next_cursor=cursor)


@router.get("")
@action("sale.list")
async def list_sales(
    session: ReadSession,
    caller: Caller,
    guard: Guard,
    page: PageQuery,
    outlet_id: UUID | None = None,
    day: date | None = None,
) -> Page[SaleView]:
    """List the sales of the caller's outlets, or of one, by legal day, oldest first."""
    within = outlets_of(caller)
    if outlet_id is not None:
        guard(outlet_id=outlet_id)
        within = frozenset({outlet_id})
    rows, cursor = await paginate(session, queries.sales_of(within, day=day), page, order=queries.SALE_ORDER)
    return Page(items=[SaleView.of(row) for row in rows], next_cursor=cursor)


@router.get("/{sale_id}")
@action("sale.read")
async def read_sale(sale_id: UUID, session: ReadSession, guard: Guard, response: Response) -> SaleView:
    """Read a sale."""
    sale = await queries.sale(session, sale_id)
    guard(outlet_id=sale.outlet_id)
    respond(response, version=1)
    return SaleView.of(sale)


@attempt_router.get("")
@action("attempt.list")
async def list_attempts(
    session: ReadSession,
    caller: Caller,
    guard: Guard,
    page: PageQuery,
    outlet_id: UUID | None = None,
    day: date | None = None,
) -> Page[AttemptView]:
    """List the refused attempts of the caller's outlets, or of one, by legal day, oldest first."""
    within = outlets_of(caller)
    if outlet_id is not None:
        guard(outlet_id=outlet_id)
        within = frozenset({outlet_id})
    rows, cursor = await paginate(
        session, queries.attempts_of(within, day=day), page, order=queries.ATTEMPT_ORDER
    )
    return Page(items=[AttemptView.of(row) for row in rows], next_cursor=cursor)


@attempt_router.get("/{attempt_id}")
@action("attempt.read")
async def read_attempt(
    attempt_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> AttemptView:
    """Read a refused attempt; its decision says why."""
    attempt = await queries.attempt(session, attempt_id)
    guard(outlet_id=attempt.outlet_id)
    respond(response, version=1)
    return AttemptView.of(attempt)
