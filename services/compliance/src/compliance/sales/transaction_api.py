"""Routes of transactions that are no sale: the same gate, no recording."""

from datetime import datetime
from uuid import UUID

from fastapi import Request, Response

from chassis.auth import action
from chassis.errors import RecordedRefusal
from chassis.http.edge import edge_of
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
from compliance.cases.domain import Transaction
from compliance.cases.queries import case as case_of
from compliance.sales import commands, queries
from compliance.sales.answers import refusal_answer
from compliance.sales.bodies import Confirmed, count_refusal
from compliance.sales.domain import RefusedAttempt

case_router = routes("/v1/cases", "transactions")
router = routes("/v1/transactions", "transactions")


class TransactionNotLogged(RecordedRefusal):
    """The gate refused the transaction; the attempt is on record."""

    code = "TRANSACTION_REFUSED"
    zh = "本次交易不得登记;违反的规则逐条列明,本次申请已记录。"
    en = "The transaction must not be logged; every broken rule is listed, and the attempt is on record."


class LogTransaction(Input):
    """The amount as the customer confirms it, that of the case; null: it is not confirmed again."""

    confirmed: Confirmed | None = None


class TransactionView(Output):
    """A logged transaction: ROLLOVER, REDEMPTION or SUCCESSION. ``amount_minor`` in minor units."""

    id: UUID
    case_id: UUID
    decision_id: UUID
    kind: Transaction
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID
    customer_id: UUID
    source_product_id: UUID | None
    amount_minor: int
    currency: str
    logged_at: datetime


@case_router.post("/{case_id}/transaction", status_code=201, response_model=TransactionView)
@action("transaction.attempt")
async def attempt_transaction(
    case_id: UUID,
    body: LogTransaction,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> TransactionView | Response:
    """Log the transaction of a case (201), or have it refused on record (422) with every broken rule."""
    guard(outlet_id=(await case_of(session, case_id)).outlet_id)
    done = await commands.attempt_transaction(
        session,
        clock,
        edge_of(request).settings,
        case_id,
        if_match,
        confirmed=None if body.confirmed is None else body.confirmed.money(),
        by=caller.subject,
    )
    if isinstance(done.outcome, RefusedAttempt):
        count_refusal(done.violations)
        return refusal_answer(TransactionNotLogged, done, done.outcome)
    respond(response, version=1, location=f"/v1/transactions/{done.outcome.id}")
    return TransactionView.model_validate(done.outcome)


@router.get("")
@action("transaction.list")
async def list_transactions(session: ReadSession, caller: Caller, page: PageQuery) -> Page[TransactionView]:
    """List the logged transactions of the caller's outlets, oldest first."""
    statement = queries.transactions_of(outlets_of(caller))
    rows, cursor = await paginate(session, statement, page, order=queries.TRANSACTION_ORDER)
    return Page(items=[TransactionView.model_validate(row) for row in rows], next_cursor=cursor)


@router.get("/{transaction_id}")
@action("transaction.read")
async def read_transaction(
    transaction_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> TransactionView:
    """Read a logged transaction."""
    done = await queries.transaction(session, transaction_id)
    guard(outlet_id=done.outlet_id)
    respond(response, version=1)
    return TransactionView.model_validate(done)
