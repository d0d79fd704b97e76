"""What we do about facts on ``corebanking.orders.v1``, accepted from another bank system: they are kept."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from compliance.orders.commands import take_report
from compliance.orders.domain import OrderStep

OrderId = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$", examples=["O-2026-0000001"])
]


class AboutOrder(Consumed):
    """Every fact of the topic is about one order, by core banking's own id, which keys it."""

    order_id: OrderId


class OrderOf(AboutOrder):
    """An order with its amount, in minor units."""

    amount_minor: int = Field(ge=1, le=2**53 - 1)
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["CNY"])


class OrderPlaced(OrderOf):
    """The order was taken, on a permit that was redeemed before."""


class OrderConfirmed(OrderOf):
    """The order was carried out, with this amount."""


class OrderCancelled(AboutOrder):
    """The order is undone; whatever was paid went back."""


async def on_placed(session: AsyncSession, clock: Clock, fact: Received[OrderPlaced]) -> None:
    """An order was taken."""
    await _keep(session, clock, fact.source, fact.id, fact.data, OrderStep.PLACED)


async def on_confirmed(session: AsyncSession, clock: Clock, fact: Received[OrderConfirmed]) -> None:
    """It was carried out."""
    await _keep(session, clock, fact.source, fact.id, fact.data, OrderStep.CONFIRMED)


async def on_cancelled(session: AsyncSession, clock: Clock, fact: Received[OrderCancelled]) -> None:
    """It was undone: its sale may be reversed."""
    await _keep(session, clock, fact.source, fact.id, fact.data, OrderStep.CANCELLED)


async def _keep(
    session: AsyncSession, clock: Clock, source: str, fact_id: str, data: AboutOrder, step: OrderStep
) -> None:
    await take_report(
        session,
        clock,
        source=source,
        fact_id=fact_id,
        order_id=data.order_id,
        step=step,
        amount_minor=data.amount_minor if isinstance(data, OrderOf) else None,
        currency=data.currency if isinstance(data, OrderOf) else None,
    )


orders = Subscription(
    topic="corebanking.orders.v1",
    reactions={
        "corebanking.order.placed.v1": Reaction(OrderPlaced, on_placed),
        "corebanking.order.confirmed.v1": Reaction(OrderConfirmed, on_confirmed),
        "corebanking.order.cancelled.v1": Reaction(OrderCancelled, on_cancelled),
    },
    accepted=True,
)
