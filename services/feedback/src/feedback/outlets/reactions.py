"""What we do about facts of outlets: keep the register."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.inbox import Consumed, Reaction, Received, Subscription
from feedback.outlets import commands


class State(Consumed):
    """What describes an outlet."""

    code: str
    name: str
    timezone: str
    cutover_hour: int


class Described(Consumed):
    """An outlet was opened or changed."""

    outlet_id: UUID
    version: int
    outlet: State


class Closed(Consumed):
    """An outlet was closed for good."""

    outlet_id: UUID
    version: int


async def on_described(session: AsyncSession, clock: Clock, fact: Received[Described]) -> None:
    """Keeps the description."""
    state = fact.data.outlet
    await commands.describe_outlet(
        session,
        fact.data.outlet_id,
        fact.data.version,
        code=state.code,
        name=state.name,
        timezone=state.timezone,
        cutover_hour=state.cutover_hour,
    )


async def on_closed(session: AsyncSession, clock: Clock, fact: Received[Closed]) -> None:
    """Notes the closing."""
    await commands.close_outlet(session, fact.data.outlet_id, fact.data.version)


subscription = Subscription(
    topic="staffing.outlets.v1",
    reactions={
        "staffing.outlet.opened.v1": Reaction(Described, on_described),
        "staffing.outlet.changed.v1": Reaction(Described, on_described),
        "staffing.outlet.closed.v1": Reaction(Closed, on_closed),
    },
)
