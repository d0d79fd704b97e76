"""What we do about facts on ``staffing.outlets.v1``."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from compliance.outlets import commands
from compliance.outlets.domain import OutletState


class OutletBody(Consumed):
    """What we use of the outlet's state."""

    code: str
    name: str
    capabilities: frozenset[str]


class OutletStated(Consumed):
    """An outlet was opened or changed."""

    outlet_id: UUID
    outlet: OutletBody


class OutletEnded(Consumed):
    """An outlet was closed for good."""

    outlet_id: UUID


async def on_stated(session: AsyncSession, clock: Clock, fact: Received[OutletStated]) -> None:
    """Keeps the newest state."""
    body = fact.data.outlet
    state = OutletState(body.code, body.name, body.capabilities)
    await commands.take_outlet(session, fact.data.outlet_id, fact.sequence, state)


async def on_closed(session: AsyncSession, clock: Clock, fact: Received[OutletEnded]) -> None:
    """Keeps the end."""
    await commands.close_outlet(session, fact.data.outlet_id)


subscription = Subscription(
    topic="staffing.outlets.v1",
    reactions={
        "staffing.outlet.opened.v1": Reaction(OutletStated, on_stated),
        "staffing.outlet.changed.v1": Reaction(OutletStated, on_stated),
        "staffing.outlet.closed.v1": Reaction(OutletEnded, on_closed),
    },
)
