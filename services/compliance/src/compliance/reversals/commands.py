"""Use cases of reversals; each locks the sale that it is about."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.customers.commands import lock_customer
from compliance.orders.queries import is_cancelled
from compliance.permits.commands import order_of_sale, revoke_permit
from compliance.plans.commands import end_reversed_plan
from compliance.retention.commands import LOCK_SALE
from compliance.reversals import queries
from compliance.reversals.domain import (
    ReversalCase,
    ReversalPending,
    ReversalReason,
    ReversalRequest,
    SaleIsReversed,
)
from compliance.reviews.commands import must_be_in_time
from compliance.sales.queries import is_reversed
from compliance.sales.queries import sale as sale_of


async def request_reversal(
    session: AsyncSession, clock: Clock, sale_id: UUID, *, reason: ReversalReason, by: str
) -> ReversalCase:
    """Asks for a sale to be reversed. Raises ``ObjectNotFound``, ``SaleIsReversed``, ``ReversalPending``."""
    await session.execute(LOCK_SALE, {"sale_id": str(sale_id)})
    sale = await sale_of(session, sale_id)
    if await is_reversed(session, sale_id):
        raise SaleIsReversed
    if await queries.is_pending(session, sale_id):
        raise ReversalPending
    request = ReversalRequest(
        id=new_id(),
        sale_id=sale.id,
        outlet_id=sale.outlet_id,
        reason=reason,
        requested_by=by,
        requested_at=clock.now(),
    )
    session.add(request)
    return ReversalCase(request=request, rejection=None, reversal=None)


async def approve_reversal(
    session: AsyncSession, clock: Clock, request_id: UUID, expected_version: int, *, by: str
) -> ReversalCase:
    """Reverses the sale: another officer stands for it, an unused permit is revoked, the fact is told (T1).

    The keeping of its recording goes on as it is (REC-07). Its customer has bought nothing by it (SUI-15):
    his head is bumped (G1). A regular plan that rests on it ends.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``, ``ReviewLapsed``,
    ``OrderNotCancelled``.
    """
    case = await _held(session, request_id, expected_version)
    sale = await sale_of(session, case.request.sale_id)
    order_id = await order_of_sale(session, sale.id)
    cancelled = order_id is not None and await is_cancelled(session, order_id)
    (await lock_customer(session, sale.customer_id)).touch()
    at = clock.now()
    reversal, fact = case.approve(new_id(), sale, order_id, cancelled=cancelled, by=by, at=at)
    must_be_in_time(case.request.requested_at, at)
    session.add(reversal)
    await record(session, fact)
    await revoke_permit(session, sale.id, reversal.id, by=by, at=at)
    await end_reversed_plan(session, sale.case_id, at)
    return ReversalCase(request=case.request, rejection=None, reversal=reversal)


async def reject_reversal(
    session: AsyncSession, clock: Clock, request_id: UUID, expected_version: int, *, by: str
) -> ReversalCase:
    """Leaves the sale as it stands.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewIsOver``, ``ReviewerIsAuthor``.
    """
    case = await _held(session, request_id, expected_version)
    rejection = case.reject(by=by, at=clock.now())
    session.add(rejection)
    return ReversalCase(request=case.request, rejection=rejection, reversal=None)


async def _held(session: AsyncSession, request_id: UUID, expected_version: int) -> ReversalCase:
    request = await queries.request(session, request_id)
    await session.execute(LOCK_SALE, {"sale_id": str(request.sale_id)})
    case = await queries.case(session, request_id)
    check_version(case.version, expected_version)
    return case
