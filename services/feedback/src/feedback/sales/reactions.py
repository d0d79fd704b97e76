"""What we do about facts of sales: keep the register."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from feedback.sales import commands


class Logged(Consumed):
    """A sale was logged."""

    sale_id: UUID
    outlet_id: UUID
    seller_id: UUID
    product_id: UUID


async def on_logged(session: AsyncSession, clock: Clock, fact: Received[Logged]) -> None:
    """Enters the sale."""
    await commands.note_sale(
        session,
        fact.data.sale_id,
        outlet_id=fact.data.outlet_id,
        seller_id=fact.data.seller_id,
        product_id=fact.data.product_id,
        logged_at=fact.occurred_at,
    )


subscription = Subscription(
    topic="compliance.sales.v1", reactions={"compliance.sale.logged.v1": Reaction(Logged, on_logged)}
)
