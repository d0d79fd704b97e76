"""What is done about facts of outlets."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock, known_zone
from chassis.inbox import Consumed, Reaction, Received, Subscription
from ticketing.outlets import commands
from ticketing.outlets.domain import Hours


class DayHours(Consumed):
    """Opening hours of one day."""

    opens: time
    closes: time


class OutletState(Consumed):
    """What we use of an outlet."""

    code: Annotated[str, Field(max_length=32)]
    timezone: Annotated[str, AfterValidator(known_zone)]
    cutover_hour: Annotated[int, Field(ge=0, le=23)]
    week: Annotated[tuple[DayHours | None, ...], Field(min_length=7, max_length=7)]
    exceptions: dict[date, DayHours | None] = {}


class OutletTold(Consumed):
    """An outlet was opened or changed; its whole state."""

    outlet_id: UUID
    outlet: OutletState


class OutletClosed(Consumed):
    """An outlet was closed for good."""

    outlet_id: UUID


async def on_outlet(session: AsyncSession, clock: Clock, fact: Received[OutletTold]) -> None:
    """N1: keeps the state that the fact carries."""
    told = fact.data.outlet
    await commands.keep(
        session,
        fact.data.outlet_id,
        fact.sequence,
        code=told.code,
        timezone=told.timezone,
        cutover_hour=told.cutover_hour,
        week=tuple(_hours(day) for day in told.week),
        exceptions={day: _hours(hours) for day, hours in told.exceptions.items()},
    )


async def on_outlet_closed(session: AsyncSession, clock: Clock, fact: Received[OutletClosed]) -> None:
    """N1, N4: keeps that the outlet is closed."""
    await commands.keep_closed(session, fact.data.outlet_id, fact.sequence)


def _hours(told: DayHours | None) -> Hours | None:
    return None if told is None else Hours(told.opens, told.closes)


OUTLETS = Subscription(
    topic="staffing.outlets.v1",
    reactions={
        "staffing.outlet.opened.v1": Reaction(OutletTold, on_outlet),
        "staffing.outlet.changed.v1": Reaction(OutletTold, on_outlet),
        "staffing.outlet.closed.v1": Reaction(OutletClosed, on_outlet_closed),
    },
)
