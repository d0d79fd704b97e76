"""Use cases of permits; whatever ends one locks its sale first, so that it ends once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.outbox import record
from chassis.settings import Settings
from compliance.periods.domain import legal_date
from compliance.permits import queries
from compliance.permits.domain import (
    EndingKind,
    Ordered,
    OrderHasPermit,
    Permit,
    PermitEnding,
    PermitForged,
    signed_content,
)
from compliance.permits.signing import permit_keys
from compliance.retention.commands import LOCK_SALE
from compliance.rulebook.registers import permit_periods


def new_permit(settings: Settings, at: datetime, about: Ordered, *, sale_id: UUID, outlet_id: UUID) -> Permit:
    """The one permit of a sale that is being logged, signed; the caller keeps it, with its fact (T1)."""
    keys, permit_id = permit_keys(settings), new_id()
    expires_at = permit_periods(legal_date(at)).expires_at(at)
    return Permit(
        id=permit_id,
        sale_id=sale_id,
        outlet_id=outlet_id,
        customer_id=about.customer_id,
        product_id=about.product_id,
        product_version=about.product_version,
        amount_minor=about.amount_minor,
        currency=about.currency,
        issued_at=at,
        expires_at=expires_at,
        key_id=keys.active,
        token=keys.sign(signed_content(permit_id, sale_id, outlet_id, about, at, expires_at)),
    )


async def redeem(
    session: AsyncSession,
    clock: Clock,
    settings: Settings,
    permit_id: UUID,
    wanted: Ordered,
    *,
    order_id: str,
    by: str,
) -> PermitEnding:
    """Takes an order on a permit, once; the same order again gets the same answer.

    Raises ``ObjectNotFound``, ``PermitForged``, ``PermitIsRevoked``, ``PermitIsUsed``, ``PermitMismatch``,
    ``PermitExpired``, ``OrderHasPermit``.
    """
    permit = await queries.permit(session, permit_id)
    await session.execute(LOCK_SALE, {"sale_id": str(permit.sale_id)})
    if not permit_keys(settings).signed(permit.token, permit.key_id, permit.content()):
        raise PermitForged
    at, ending = clock.now(), await queries.ending(session, permit_id)
    permit.must_permit(wanted, order_id, ending, at)
    if ending is not None:
        return ending
    if await queries.ordered_on(session, order_id) is not None:
        raise OrderHasPermit(pointer="/order_id")
    used, fact = permit.use(order_id, by=by, at=at)
    session.add(used)
    await record(session, fact)
    return used


async def revoke_permit(
    session: AsyncSession, sale_id: UUID, reversal_id: UUID, *, by: str, at: datetime
) -> None:
    """Ends the permit of a sale that is being reversed; the caller holds the lock of the sale.

    A permit that was used stays used, and a sale of before has none.
    """
    permit = await queries.permit_of_sale(session, sale_id)
    if permit is None or await queries.ending(session, permit.id) is not None:
        return
    revoked, fact = permit.revoke(reversal_id, by=by, at=at)
    session.add(revoked)
    await record(session, fact)


async def order_of_sale(session: AsyncSession, sale_id: UUID) -> str | None:
    """The order that was taken on the permit of a sale; the caller holds the lock of the sale."""
    permit = await queries.permit_of_sale(session, sale_id)
    ending = None if permit is None else await queries.ending(session, permit.id)
    return ending.order_id if ending is not None and ending.kind is EndingKind.USED else None
