"""Use cases of reports about orders."""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from compliance.orders.domain import OrderReport, OrderStep


async def take_report(
    session: AsyncSession,
    clock: Clock,
    *,
    source: str,
    fact_id: str,
    order_id: str,
    step: OrderStep,
    amount_minor: int | None,
    currency: str | None,
) -> None:
    """Keeps a report; the inbox has seen to it that it comes once (N1)."""
    session.add(
        OrderReport(
            id=new_id(),
            source=source,
            fact_id=fact_id,
            order_id=order_id,
            step=step,
            amount_minor=amount_minor,
            currency=currency,
            reported_at=clock.now(),
        )
    )
